/// Volumes of storage drivers, by the Container Storage Interface: a driver beside the agent makes
/// a volume ready on the node (stages it), and puts it where a pod's containers have it (publishes
/// it). [io.coxswain.node.csi.CsiDrivers] takes drivers as they come and says in the API which this
/// node has; [io.coxswain.node.csi.CsiVolumes] has them do their work, with a note on disk of each
/// thing before it is done, so that it is undone whatever happens.
@NullMarked
package io.coxswain.node.csi;

import org.jspecify.annotations.NullMarked;
