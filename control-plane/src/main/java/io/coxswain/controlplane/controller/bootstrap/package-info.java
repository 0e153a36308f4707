/// Removes the tokens of new nodes when their time is over.
@NullMarked
package io.coxswain.controlplane.controller.bootstrap;

import org.jspecify.annotations.NullMarked;
