package io.coxswain.node.volume;

/// What a container without limits may use at most, for `resourceFieldRef`.
public record NodeCapacity(long milliCpus, long memoryBytes, long diskBytes) {}
