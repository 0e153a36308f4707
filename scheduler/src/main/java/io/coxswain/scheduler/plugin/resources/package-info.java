/// Whether a node has room, and how full it would be.
@NullMarked
package io.coxswain.scheduler.plugin.resources;

import org.jspecify.annotations.NullMarked;
