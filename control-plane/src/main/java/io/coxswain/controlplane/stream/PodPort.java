package io.coxswain.controlplane.stream;

/// Where a pod answers.
///
/// @param node that runs it
/// @param uid of the pod, so that a later one of its name is not taken for it
/// @param address one of the pod's own
public record PodPort(
    String node, String namespace, String pod, String uid, String address, int port) {}
