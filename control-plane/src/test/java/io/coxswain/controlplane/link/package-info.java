@NullMarked
package io.coxswain.controlplane.link;

import org.jspecify.annotations.NullMarked;
