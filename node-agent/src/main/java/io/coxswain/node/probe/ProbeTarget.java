package io.coxswain.node.probe;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.runtime.ContainerRecord;

/// One running container that is asked.
///
/// @param address where its ports are
public record ProbeTarget(Pod pod, Container container, ContainerRecord record, String address) {}
