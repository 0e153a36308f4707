/// Devices of vendors for the node's pods, by kubelet's device plugin protocol (v1beta1): a plugin
/// beside the agent says which devices of a resource there are and how they fare, and what a
/// container gets for those that it is given.
///
/// [io.coxswain.node.device.Devices] is what the rest of the agent knows: it gives a pod its
/// devices before anything of it is made, tells what each start of a container gets for them, and
/// what the node has. [io.coxswain.node.device.DeviceBook] keeps who has what, and decides who gets
/// which; [io.coxswain.node.device.DevicePlugins] speaks with the plugins.
@NullMarked
package io.coxswain.node.device;

import org.jspecify.annotations.NullMarked;
