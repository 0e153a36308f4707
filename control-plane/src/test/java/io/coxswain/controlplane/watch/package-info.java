@NullMarked
package io.coxswain.controlplane.watch;

import org.jspecify.annotations.NullMarked;
