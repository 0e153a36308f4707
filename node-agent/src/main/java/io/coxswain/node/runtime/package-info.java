/// Containers as processes: what a container may see and use is written as an OCI bundle by
/// [OciSpec], a runtime program ([OciRuntime]) makes it, and a small monitor a container ([Conmon])
/// keeps its log and exit code, so that containers outlive the agent. What is known of each stands
/// on disk ([ContainerRecord]) before it is made, so a new agent takes over whatever it finds.
///
/// In the flow: the pod worker asks [PodRuntime] to set up a pod's sandbox and to start and stop
/// its containers, and is told when one ends.
@NullMarked
package io.coxswain.node.runtime;

import org.jspecify.annotations.NullMarked;
