@NullMarked
package io.coxswain.controlplane.storage;

import org.jspecify.annotations.NullMarked;
