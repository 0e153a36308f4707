/// CEL as Kubernetes extends it: the functions that expressions may use, and the variables and
/// types of those that look at requests. Schemas of custom kinds bring types of their own.
///
/// Nothing of CEL is loaded before the first expression.
@NullMarked
package io.coxswain.controlplane.cel;

import org.jspecify.annotations.NullMarked;
