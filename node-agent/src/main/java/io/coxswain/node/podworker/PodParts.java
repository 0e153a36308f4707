package io.coxswain.node.podworker;

import io.coxswain.client.events.EventRecorder;
import io.coxswain.node.allocation.Allocations;
import io.coxswain.node.device.Devices;
import io.coxswain.node.image.Images;
import io.coxswain.node.podsource.ConfigObjects;
import io.coxswain.node.probe.Prober;
import io.coxswain.node.probe.Probes;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.volume.Volumes;
import java.time.Clock;
import java.util.Map;

/// What all pod workers of a node share.
///
/// @param admission who may begin here
/// @param capacity what pods may ask for together, by resource; cpu in thousandths
/// @param volumesEvery how often a running pod's ConfigMap and Secret files are brought up to date
public record PodParts(
    PodRuntime runtime,
    Images images,
    Volumes volumes,
    ConfigObjects objects,
    Probes probes,
    Prober prober,
    StatusSink statuses,
    EventRecorder events,
    Variables variables,
    Allocations allocations,
    Admission admission,
    Map<String, Long> capacity,
    Devices devices,
    AgentMetrics metrics,
    java.time.Duration volumesEvery,
    Clock clock) {}
