/// What kinds that people define are like: their schemas compiled ([StructuralSchema]), and what
/// follows from those for objects: [Pruning], [Defaulting], [SchemaValidation], rules in CEL.
/// [DefinitionProblems] says what is wrong with a definition, [DefinitionStatus] which of its names
/// are accepted.
///
/// Pure: no store, no threads. `registry.CustomKinds` serves the kinds.
@NullMarked
package io.coxswain.controlplane.customresource;

import org.jspecify.annotations.NullMarked;
