/// Nodes that have a pod's images already.
@NullMarked
package io.coxswain.scheduler.plugin.image;

import org.jspecify.annotations.NullMarked;
