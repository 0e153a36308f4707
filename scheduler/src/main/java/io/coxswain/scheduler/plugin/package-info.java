/// The rules of placement, listed in [Plugins]; each stands in a package of its own.
@NullMarked
package io.coxswain.scheduler.plugin;

import org.jspecify.annotations.NullMarked;
