package io.coxswain.node.device;

/// How many devices of a resource the node has.
///
/// @param all that its plugin tells of
/// @param healthy what pods may have
public record DeviceCount(long all, long healthy) {}
