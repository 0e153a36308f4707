/// Empties a namespace that is to go, whatever kinds it holds, and lets it go when it is empty.
@NullMarked
package io.coxswain.controlplane.controller.namespace;

import org.jspecify.annotations.NullMarked;
