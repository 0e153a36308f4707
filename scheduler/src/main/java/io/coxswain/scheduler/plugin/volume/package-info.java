/// Rules about the persistent volumes that a pod's claims have, or could have on a node.
@NullMarked
package io.coxswain.scheduler.plugin.volume;

import org.jspecify.annotations.NullMarked;
