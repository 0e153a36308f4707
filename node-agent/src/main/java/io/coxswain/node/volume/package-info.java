/// A pod's volumes on the host. The pod worker asks [Volumes] before the first container is created
/// and when the pod is gone.
@NullMarked
package io.coxswain.node.volume;

import org.jspecify.annotations.NullMarked;
