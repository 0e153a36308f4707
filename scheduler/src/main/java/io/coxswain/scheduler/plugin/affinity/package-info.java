/// Pods near to, or away from, other pods.
@NullMarked
package io.coxswain.scheduler.plugin.affinity;

import org.jspecify.annotations.NullMarked;
