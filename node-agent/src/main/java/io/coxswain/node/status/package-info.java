/// What the node tells the API: the status of its pods ([StatusWriter]), and of itself
/// ([NodeReport]). Few writes: pods only when something changed, the node every five minutes or on
/// change, a small lease in between.
@NullMarked
package io.coxswain.node.status;

import org.jspecify.annotations.NullMarked;
