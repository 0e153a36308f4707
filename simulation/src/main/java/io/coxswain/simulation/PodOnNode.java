package io.coxswain.simulation;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.podworker.ContainerView;
import io.coxswain.node.podworker.ContainerView.Stopping;
import io.coxswain.node.podworker.PodSnapshot;
import io.coxswain.node.podworker.ResizeView;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import io.coxswain.node.runtime.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What an agent has in memory of one pod.
final class PodOnNode {

  private static final Duration UNTIL_READY = Duration.ofSeconds(2);

  final NodeDisk.Held held;
  final Set<String> pulled = new HashSet<>();
  final Map<String, Stopping> stopping = new HashMap<>();
  final Instant heard;
  Pod pod;
  boolean gone;
  boolean released;
  String failed = "";

  PodOnNode(Pod pod, NodeDisk.Held held, Instant heard) {
    this.pod = pod;
    this.held = held;
    this.heard = heard;
  }

  PodSnapshot snapshot(Instant now) {
    return new PodSnapshot(
        pod,
        gone,
        now,
        heard,
        held.sandbox ? Optional.of(sandbox()) : Optional.empty(),
        Instant.EPOCH,
        "",
        failed,
        pod.getSpec().getContainersList().stream().map(one -> view(one, now)).toList(),
        ResizeView.NONE,
        released,
        Optional.empty());
  }

  private ContainerView view(Container container, Instant now) {
    String name = container.getName();
    Optional<ContainerRecord> last = Optional.ofNullable(held.records.get(name));
    boolean running = last.isPresent() && last.get().running();
    boolean ready = running && !last.get().startedAt().plus(UNTIL_READY).isAfter(now);
    return new ContainerView(
        container,
        ContainerView.Kind.MAIN,
        Granted.of(pod.getSpec(), container),
        last,
        Optional.empty(),
        false,
        pulled.contains(name),
        Instant.EPOCH,
        running,
        ready,
        false,
        "",
        Optional.ofNullable(stopping.get(name)),
        new ContainerView.Waiting("ContainerCreating", ""),
        last.map(ContainerRecord::attempt).orElse(0),
        false);
  }

  private Sandbox sandbox() {
    return new Sandbox(
        pod.getMetadata().getUid(),
        Path.of("/"),
        Path.of("/"),
        Path.of("/"),
        "",
        "",
        0,
        "",
        UserRange.NODE,
        List.of());
  }
}
