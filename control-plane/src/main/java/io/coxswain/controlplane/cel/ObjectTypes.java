package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;

/// The types that the objects of one kind have in expressions.
///
/// @param object of a whole object
/// @param provider knows all types below it by their names
public record ObjectTypes(CelType object, CelTypeProvider provider) {}
