package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.node.image.ImageException;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.podworker.ContainerView.Stopping;
import io.coxswain.node.podworker.ContainerView.Waiting;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import io.coxswain.node.runtime.Sandbox;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What a pod worker remembers of one container. Only its thread touches it.
final class ContainerSlot {

  static final String PULL_BACK_OFF = "ImagePullBackOff";

  /// With the resources that are set aside for it.
  Container spec;

  Granted wanted;
  final ContainerView.Kind kind;
  final Delays pulls = Delays.ofPulls();
  Delays restarts = Delays.ofRestarts(0);
  Optional<ContainerRecord> last = Optional.empty();
  Optional<ContainerRecord> before = Optional.empty();
  Optional<PulledImage> image = Optional.empty();
  Optional<Thread> pull = Optional.empty();
  Optional<Stopping> stopping = Optional.empty();
  Instant notBefore = Instant.EPOCH;
  boolean started;
  boolean ready;

  /// Whether a probe has said so, or that it is not.
  boolean probed;

  boolean forResize;
  String unhealthy = "";
  Waiting waiting = Waiting.NONE;

  ContainerSlot(PodSpec pod, Container spec, ContainerView.Kind kind) {
    this.spec = spec;
    this.kind = kind;
    this.wanted = Granted.of(pod, spec);
  }

  /// Other resources are set aside for it.
  void setAside(PodSpec pod, ResourceRequirements resources) {
    spec = spec.toBuilder().setResources(resources).build();
    wanted = Granted.of(pod, spec);
  }

  /// The clock was set.
  void clockSet(UnaryOperator<Instant> moved) {
    notBefore = moved.apply(notBefore);
    stopping = stopping.map(one -> one.clockSet(moved));
  }

  ContainerView view() {
    return view(Optional.empty());
  }

  /// @param sandbox that the pod has now; what ran in none or an unknown one may have run in it
  ContainerView view(Optional<Sandbox> sandbox) {
    String born = last.map(record -> record.origin().sandbox()).orElse("");
    boolean outlived = !born.isEmpty() && sandbox.filter(now -> !now.id().equals(born)).isPresent();
    return new ContainerView(
        spec,
        kind,
        wanted,
        last,
        before,
        pull.isPresent(),
        image.isPresent(),
        notBefore,
        started,
        ready,
        forResize,
        unhealthy,
        stopping,
        waiting,
        last.map(ContainerRecord::attempt).orElse(0),
        outlived);
  }

  /// Why the last pull failed is still told while the next one is on.
  void beginsPull() {
    if (!pullFailedBefore()) {
      waiting = Waiting.NONE;
    }
  }

  boolean pullFailedBefore() {
    return waiting.reason().equals(ImageException.Reason.PULL.text())
        || waiting.reason().equals(PULL_BACK_OFF);
  }

  /// A new start replaces what was known of the one before.
  void begun(ContainerRecord record) {
    before = last;
    last = Optional.of(record);
    image = Optional.empty();
    stopping = Optional.empty();
    unhealthy = "";
    started = false;
    ready = false;
    forResize = false;
    waiting = Waiting.NONE;
  }

  /// What runs ends: if somebody asked for it who wants it with other resources, nothing is wrong
  /// with it. Comes before [#ended].
  void ends() {
    forResize = stopping.isPresent() && view().restartsForResize();
  }

  /// @param again whether it is going to be started again
  void ended(ContainerRecord record, boolean again, Instant now) {
    last = Optional.of(record);
    stopping = Optional.empty();
    unhealthy = "";
    started = false;
    ready = false;
    if (forResize) {
      notBefore = now;
      return;
    }
    if (!again) {
      return;
    }
    boolean ranLong = record.startedAt().plus(Delays.LONG_RUN).isBefore(record.finishedAt());
    if (ranLong) {
      restarts.reset();
    }
    var delay = restarts.next();
    notBefore = now.plus(delay);
    if (!delay.isZero()) {
      waiting =
          new Waiting(
              "CrashLoopBackOff",
              "back-off %ds restarting failed container=%s"
                  .formatted(delay.toSeconds(), spec.getName()));
    }
  }
}
