package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.podworker.ContainerView.Kind;
import io.coxswain.node.podworker.ContainerView.Stopping;
import io.coxswain.node.podworker.ContainerView.Waiting;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.Granted;
import io.coxswain.node.runtime.Sandbox;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Builds snapshots for tables of tests: a pod named `p` at noon.
final class Situation {

  static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private final Pod.Builder pod = Pod.newBuilder();
  private final List<ContainerView> containers = new ArrayList<>();
  private Optional<Sandbox> sandbox = Optional.empty();
  private Instant setUpAt = Instant.EPOCH;
  private Instant startedAt = NOON.minusSeconds(100);
  private String failed = "";
  private ResizeView resizing = ResizeView.NONE;
  private boolean gone;
  private boolean released;
  private Optional<Instant> haltBy = Optional.empty();

  Situation(String restartPolicy) {
    pod.getMetadataBuilder().setName("p").setNamespace("default").setUid("u");
    pod.getSpecBuilder().setRestartPolicy(restartPolicy).setTerminationGracePeriodSeconds(30);
  }

  Situation with(Consumer<Pod.Builder> change) {
    change.accept(pod);
    return this;
  }

  Situation setUp() {
    sandbox =
        Optional.of(
            new Sandbox(
                "u",
                Path.of("/run/ns"),
                Path.of("/etc"),
                Path.of("/shm"),
                "/c/podu",
                "s1",
                0,
                "",
                UserRange.NODE,
                List.of(InetAddress.ofLiteral("10.244.0.5"))));
    return this;
  }

  Situation setUpAt(Instant moment) {
    setUpAt = moment;
    return this;
  }

  Situation startedAt(Instant moment) {
    startedAt = moment;
    return this;
  }

  Situation deleted(long grace) {
    pod.getMetadataBuilder()
        .setDeletionTimestamp(io.coxswain.client.codec.Times.time(NOON))
        .setDeletionGracePeriodSeconds(grace);
    return this;
  }

  Situation gone() {
    gone = true;
    return this;
  }

  Situation failed(String reason) {
    failed = reason;
    return this;
  }

  Situation released() {
    released = true;
    return this;
  }

  Situation halts(Instant by) {
    haltBy = Optional.of(by);
    return this;
  }

  Situation resizing(ResizeView how) {
    resizing = how;
    return this;
  }

  Situation container(One one) {
    containers.add(one.view());
    return this;
  }

  PodSnapshot snapshot() {
    return new PodSnapshot(
        pod.build(),
        gone,
        NOON,
        startedAt,
        sandbox,
        setUpAt,
        "",
        failed,
        containers,
        resizing,
        released,
        haltBy);
  }

  /// One container.
  static final class One {
    private final Container.Builder spec = Container.newBuilder();
    private final Kind kind;
    private Optional<ContainerRecord> last = Optional.empty();
    private boolean pulling;
    private boolean pulled;
    private boolean started = true;
    private boolean ready = true;
    private boolean forResize;
    private boolean outlived;
    private Granted granted = Granted.NOTHING;
    private Instant notBefore = Instant.EPOCH;
    private String unhealthy = "";
    private Optional<Stopping> stopping = Optional.empty();
    private Waiting waiting = Waiting.NONE;

    One(String name, Kind kind) {
      spec.setName(name);
      this.kind = kind;
      if (kind == Kind.SIDECAR) {
        spec.setRestartPolicy("Always");
      }
    }

    static One main(String name) {
      return new One(name, Kind.MAIN);
    }

    static One init(String name) {
      return new One(name, Kind.INIT);
    }

    static One sidecar(String name) {
      return new One(name, Kind.SIDECAR);
    }

    static One ephemeral(String name) {
      return new One(name, Kind.EPHEMERAL);
    }

    /// @param resources as `cpu=100m`, wanted of it
    One wants(String... resources) {
      for (String resource : resources) {
        String[] pair = resource.split("=", 2);
        spec.getResourcesBuilder().putLimits(pair[0], Quantities.of(pair[1]));
      }
      return this;
    }

    /// Runs with what is wanted of it now. Comes before another wish.
    One granted() {
      granted = Granted.of(spec.getResources());
      return running();
    }

    One restartedFor(String resource) {
      spec.addResizePolicyBuilder().setResourceName(resource).setRestartPolicy("RestartContainer");
      return this;
    }

    One forResize() {
      forResize = true;
      return this;
    }

    /// Of a sandbox that is no more.
    One outlived() {
      outlived = true;
      return this;
    }

    One running() {
      last = Optional.of(record(-1));
      return this;
    }

    One ended(int code) {
      last = Optional.of(record(code));
      return this;
    }

    One pulling() {
      pulling = true;
      return this;
    }

    One pulled() {
      pulled = true;
      return this;
    }

    One unstarted() {
      started = false;
      return this;
    }

    One unready() {
      ready = false;
      return this;
    }

    One notBefore(Instant moment) {
      notBefore = moment;
      waiting = new Waiting("CrashLoopBackOff", "back-off");
      return this;
    }

    One unhealthy(String why) {
      unhealthy = why;
      return this;
    }

    One stopping(Stopping how) {
      stopping = Optional.of(how);
      return this;
    }

    private ContainerRecord record(int code) {
      boolean ended = code >= 0;
      return new ContainerRecord(
          "id-" + spec.getName(),
          "u",
          spec.getName(),
          0,
          "image",
          "sha256:1",
          "image@sha256:1",
          "boot",
          10,
          9,
          15,
          code,
          NOON.minusSeconds(60),
          NOON.minusSeconds(59),
          ended ? NOON.minusSeconds(1) : Instant.EPOCH,
          ended ? (code == 0 ? "Completed" : "Error") : "",
          "",
          granted,
          ContainerRecord.Origin.UNKNOWN);
    }

    ContainerView view() {
      return new ContainerView(
          spec.build(),
          kind,
          Granted.of(spec.getResources()),
          last,
          Optional.empty(),
          pulling,
          pulled,
          notBefore,
          started,
          ready,
          forResize,
          unhealthy,
          stopping,
          waiting,
          0,
          outlived);
    }
  }
}
