/// Ports of the node that a pod takes.
@NullMarked
package io.coxswain.scheduler.plugin.ports;

import org.jspecify.annotations.NullMarked;
