/// Pods spread evenly over nodes, zones or any other domains.
@NullMarked
package io.coxswain.scheduler.plugin.spread;

import org.jspecify.annotations.NullMarked;
