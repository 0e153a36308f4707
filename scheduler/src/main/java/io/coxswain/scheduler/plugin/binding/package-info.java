/// Carrying a decision out.
@NullMarked
package io.coxswain.scheduler.plugin.binding;

import org.jspecify.annotations.NullMarked;
