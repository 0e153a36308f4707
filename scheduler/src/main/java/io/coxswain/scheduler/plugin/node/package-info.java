/// What a node is: its name, labels, taints, and whether it takes pods.
@NullMarked
package io.coxswain.scheduler.plugin.node;

import org.jspecify.annotations.NullMarked;
