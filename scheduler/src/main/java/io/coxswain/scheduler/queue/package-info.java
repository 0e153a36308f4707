/// Pods that wait for a node. Active ones are next, by priority and age; those that failed wait out
/// a back-off; those that fit nowhere sleep until something happens that may help them.
@NullMarked
package io.coxswain.scheduler.queue;

import org.jspecify.annotations.NullMarked;
