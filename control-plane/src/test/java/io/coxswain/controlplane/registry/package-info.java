@NullMarked
package io.coxswain.controlplane.registry;

import org.jspecify.annotations.NullMarked;
