/// The cluster as a decision sees it: nodes with what their pods ask of them. [ClusterCache]
/// follows the informers and the scheduler's own decisions; a [Snapshot] of it never changes, and
/// costs only what changed since the one before.
@NullMarked
package io.coxswain.scheduler.snapshot;

import org.jspecify.annotations.NullMarked;
