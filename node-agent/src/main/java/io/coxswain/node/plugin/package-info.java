/// Programs of vendors beside the agent, found and spoken to as kubelet does: gRPC over Unix
/// sockets below one folder ([io.coxswain.node.plugin.UnixSockets]), and a folder in which a plugin
/// is found by its socket and asked what it is ([io.coxswain.node.plugin.PluginFolder]). What each
/// kind of plugin does is the business of others, as of `io.coxswain.node.device`.
@NullMarked
package io.coxswain.node.plugin;

import org.jspecify.annotations.NullMarked;
