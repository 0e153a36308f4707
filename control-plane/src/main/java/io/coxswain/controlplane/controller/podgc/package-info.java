/// Removes pods that nobody will ever end otherwise.
@NullMarked
package io.coxswain.controlplane.controller.podgc;

import org.jspecify.annotations.NullMarked;
