package io.coxswain.simulation;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// What outlives a node's agent: pods taken up, their containers' processes and records.
final class NodeDisk {

  /// One pod's share.
  static final class Held {
    final Pod pod;
    final Map<String, ContainerRecord> records = new LinkedHashMap<>();

    /// When a container that was asked to end will have ended.
    final Map<String, Instant> endsAt = new LinkedHashMap<>();

    boolean sandbox;

    Held(Pod pod) {
      this.pod = pod;
    }
  }

  final Map<String, Held> byUid = new LinkedHashMap<>();

  static ContainerRecord started(Pod pod, String container, int attempt, Instant now) {
    String uid = pod.getMetadata().getUid();
    return new ContainerRecord(
        uid + "-" + container + "-" + attempt,
        uid,
        container,
        attempt,
        "image",
        "image",
        "image",
        "boot",
        1,
        1,
        15,
        -1,
        now,
        now,
        Instant.EPOCH,
        "",
        "",
        wanted(pod, container),
        ContainerRecord.Origin.UNKNOWN);
  }

  private static Granted wanted(Pod pod, String container) {
    return pod.getSpec().getContainersList().stream()
        .filter(one -> one.getName().equals(container))
        .map(one -> Granted.of(pod.getSpec(), one))
        .findFirst()
        .orElse(Granted.NOTHING);
  }

  static ContainerRecord resized(Pod pod, ContainerRecord record) {
    return record.granted(wanted(pod, record.container()));
  }

  static ContainerRecord ended(ContainerRecord record, int exitCode, Instant now) {
    return new ContainerRecord(
        record.id(),
        record.podUid(),
        record.container(),
        record.attempt(),
        record.image(),
        record.imageId(),
        record.imageReference(),
        record.bootId(),
        record.pid(),
        record.monitorPid(),
        record.stopSignal(),
        exitCode,
        record.createdAt(),
        record.startedAt(),
        now,
        exitCode == 0 ? "Completed" : "Error",
        "",
        record.granted(),
        record.origin());
  }
}
