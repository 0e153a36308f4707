/// Devices that pods claim (KEP-4381).
@NullMarked
package io.coxswain.scheduler.plugin.device;

import org.jspecify.annotations.NullMarked;
