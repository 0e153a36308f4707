package io.coxswain.node.status;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.podworker.PodStatuses;
import io.coxswain.node.podworker.StatusSink;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes pods' status: one write at a time for a pod, always the newest, none when the API has it
/// already. What others did to it since, as the control plane does when it has not heard of the
/// node, is set right as soon as it is heard.
///
/// Writes `status` but the conditions of others, which it reads again on a conflict.
public final class StatusWriter implements StatusSink, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StatusWriter.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(10);

  private static final Set<String> BEGINNINGS = Set.of("", "ContainerCreating", "PodInitializing");

  private record Report(Pod pod, PodStatus status) {}

  /// @param version of the object that the write made
  private record Written(PodStatus status, long version) {}

  /// One pod's state of writing; guarded by itself.
  private static final class Line {
    Optional<Report> pending = Optional.empty();
    Optional<Written> written = Optional.empty();
    boolean busy;
    boolean hurried;

    /// Whether nothing but a beginning is known, and nobody has been told of the pod.
    boolean canWait() {
      return !hurried
          && written.isEmpty()
          && pending.filter(one -> begins(one.status())).isPresent();
    }

    /// What the API has: this writer's last word, unless something newer was heard.
    PodStatus told(Pod heard) {
      return written
          .filter(last -> version(heard) <= last.version())
          .map(Written::status)
          .orElse(heard.getStatus());
    }
  }

  private final Map<String, Line> lines = new HashMap<>();
  private final Resources<Pod> pods;
  private final Duration patience;
  private final TaskScope tasks = new TaskScope("pod-status");

  public StatusWriter(ApiClient client) {
    this(client, Duration.ofSeconds(1));
  }

  /// @param patience how long the word that a pod begins waits for the one that it runs: most pods
  ///   need a fraction of a second, and then one write says both
  StatusWriter(ApiClient client, Duration patience) {
    this.pods = client.resources(Pod.class);
    this.patience = patience;
  }

  /// Its containers are being made, as far as is known.
  private static boolean begins(PodStatus status) {
    return status.getPhase().equals("Pending")
        && status.getReason().isEmpty()
        && Stream.concat(
                status.getContainerStatusesList().stream(),
                status.getInitContainerStatusesList().stream())
            .allMatch(one ->
                one.getState().hasWaiting()
                    && !one.hasLastState()
                    && BEGINNINGS.contains(one.getState().getWaiting().getReason()));
  }

  @Override
  public void publish(Pod pod, PodStatus status) {
    Line line = line(pod.getMetadata().getUid());
    synchronized (line) {
      boolean known = line.pending.isEmpty() && !line.busy && same(line.told(pod), status);
      if (known) {
        return;
      }
      line.pending = Optional.of(new Report(pod, status));
      if (line.busy) {
        line.notifyAll();
        return;
      }
      line.busy = true;
    }
    tasks.fork(pod.getMetadata().getName(), () -> drain(line));
  }

  /// Times of transition do not count: they follow from the rest.
  private static boolean same(PodStatus a, PodStatus b) {
    return normal(a).equals(normal(b));
  }

  private static PodStatus normal(PodStatus status) {
    PodStatus.Builder builder = status.toBuilder().clearConditions();
    for (PodCondition condition : status.getConditionsList()) {
      if (PodStatuses.isOwn(condition)) {
        builder.addConditions(condition.toBuilder().clearLastTransitionTime());
      }
    }
    return builder.build();
  }

  private void drain(Line line) throws InterruptedException {
    Duration retry = FIRST_RETRY;
    while (true) {
      Report report;
      synchronized (line) {
        if (line.pending.isEmpty()) {
          line.busy = false;
          line.notifyAll();
          return;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        for (long left = millisUntil(deadline); left > 0 && line.canWait(); ) {
          line.wait(left);
          left = millisUntil(deadline);
        }
        report = line.pending.get();
        line.pending = Optional.empty();
      }
      try {
        long version = write(report);
        synchronized (line) {
          line.written = Optional.of(new Written(report.status(), version));
        }
        retry = FIRST_RETRY;
      } catch (ApiException e) {
        log.debug("status of pod {} is not written yet", report.pod().getMetadata().getName(), e);
        synchronized (line) {
          if (line.pending.isEmpty()) {
            line.pending = Optional.of(report);
          }
        }
        Thread.sleep(retry);
        retry =
            retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
      }
    }
  }

  /// @return the version that the object has by it; of one that is gone, and of one that others
  ///   change too fast, what was known of it
  private long write(Report report) {
    Pod base = report.pod();
    for (int attempt = 0; attempt < 5; attempt++) {
      try {
        return version(pods.updateStatus(merged(base, report.status())));
      } catch (ApiException e) {
        if (e.isNotFound()) {
          return version(base);
        }
        if (!e.isConflict()) {
          throw e;
        }
        Optional<Pod> current =
            pods.find(base.getMetadata().getNamespace(), base.getMetadata().getName());
        String uid = report.pod().getMetadata().getUid();
        boolean same = current.map(one -> one.getMetadata().getUid().equals(uid)).orElse(false);
        if (!same) {
          return version(base);
        }
        base = current.orElseThrow();
      }
    }
    return version(base);
  }

  /// None, which is 0, of what has not come from the API.
  private static long version(Pod pod) {
    String version = pod.getMetadata().getResourceVersion();
    return version.isEmpty() ? 0 : Long.parseLong(version);
  }

  private static Pod merged(Pod base, PodStatus status) {
    PodStatus.Builder merged = status.toBuilder().clearConditions();
    Set<String> told = new HashSet<>();
    for (PodCondition condition : status.getConditionsList()) {
      if (PodStatuses.isOwn(condition)) {
        told.add(condition.getType());
        merged.addConditions(condition);
      }
    }
    base.getStatus().getConditionsList().stream()
        .filter(one -> !PodStatuses.isOwn(one) && !told.contains(one.getType()))
        .forEach(merged::addConditions);
    return base.toBuilder().setStatus(merged).build();
  }

  @Override
  public void delete(Pod pod) throws InterruptedException {
    Line line = line(pod.getMetadata().getUid());
    synchronized (line) {
      line.hurried = true;
      line.notifyAll();
      while (line.busy) {
        line.wait();
      }
    }
    Duration retry = FIRST_RETRY;
    while (true) {
      try {
        pods.delete(
            pod.getMetadata().getNamespace(),
            pod.getMetadata().getName(),
            DeletePolicy.DEFAULT.withGraceSeconds(0).onlyUid(pod.getMetadata().getUid()));
        return;
      } catch (ApiException e) {
        if (e.isNotFound() || e.isConflict()) {
          return;
        }
        log.debug("pod {} is not removed yet", pod.getMetadata().getName(), e);
        Thread.sleep(retry);
        retry =
            retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
      }
    }
  }

  /// Waits until the API has all that was published before this call, but not longer than this.
  public void awaitWritten(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    List<Line> all;
    synchronized (lines) {
      all = List.copyOf(lines.values());
    }
    for (Line line : all) {
      synchronized (line) {
        line.hurried = true;
        line.notifyAll();
        for (long left = millisUntil(end); left > 0 && line.busy; left = millisUntil(end)) {
          line.wait(left);
        }
      }
    }
  }

  private static long millisUntil(long nanos) {
    return (nanos - System.nanoTime()) / 1_000_000;
  }

  @Override
  public void forget(String podUid) {
    synchronized (lines) {
      lines.remove(podUid);
    }
  }

  private Line line(String uid) {
    synchronized (lines) {
      return lines.computeIfAbsent(uid, key -> new Line());
    }
  }

  @Override
  public void close() {
    tasks.close();
  }
}
