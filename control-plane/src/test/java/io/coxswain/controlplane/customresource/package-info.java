/// Schemas, rules and definitions of kinds that people define, by tables.
@NullMarked
package io.coxswain.controlplane.customresource;

import org.jspecify.annotations.NullMarked;
