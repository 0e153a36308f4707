package io.coxswain.e2e;

import static org.awaitility.Awaitility.await;

import io.coxswain.node.image.testing.ImageBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.awaitility.core.ConditionTimeoutException;

/// Random work and random faults, in phases of a few minutes. After each one everything is deleted,
/// and what is there then is compared with what was there before the first: thing by thing.
///
/// All draws come from one seed, and each step's from a generator of its own. What a step meets
/// depends on time, so that a run with the same seed is alike, not the same.
final class Soak {

  private static final Duration PHASE = Duration.ofMinutes(3);
  private static final Duration RECOVERS = Duration.ofMinutes(2);
  private static final Duration QUIET = Duration.ofSeconds(100);
  private static final Duration PAUSE = Duration.ofMillis(Long.getLong("soak.pause", 2_500));

  private final SoakCluster soak;
  private final SoakLog log;
  private final SplittableRandom random;
  private final SoakProcesses processes;
  private final SoakInvariants invariants;
  private final SoakFaults faults;
  private final SoakSteps steps;
  private final List<String> leaks = new ArrayList<>();

  /// What is left over is told, and waited for, once.
  private final Set<String> told = new HashSet<>();

  private final Map<String, SoakFigures> figures = new HashMap<>();

  Soak(SoakCluster soak, SoakLog log, long seed) {
    this.soak = soak;
    this.log = log;
    this.random = new SplittableRandom(seed);
    TestCluster cluster = soak.cluster();
    SoakWorkloads workloads =
        new SoakWorkloads(cluster.name(), cluster.root().resolve("shared").toString());
    this.processes =
        new SoakProcesses(cluster.name(), cluster.root() + "/" + cluster.name(), workloads.mark());
    this.invariants = new SoakInvariants(soak, processes, log);
    this.faults = new SoakFaults(soak, processes, invariants, log);
    this.steps = new SoakSteps(soak, workloads, faults, log);
  }

  /// @return what was left over and what did not hold; empty when all is well
  List<String> run(Duration time) throws IOException {
    try (invariants) {
      loadImage();
      steps.begin("soak-0");
      steps.warmUp(random.split());
      LockSupport.parkNanos(Duration.ofSeconds(10).toNanos());
      SoakInventory before = emptied("soak-0");
      log.say("before: %s", before.counts());
      SoakFigures.of(soak)
          .forEach(one -> {
            figures.put(one.part(), one);
            log.say("before: %s", one);
          });
      long end = System.nanoTime() + time.toNanos();
      for (int phase = 1; System.nanoTime() < end; phase++) {
        long left = Math.max(end - System.nanoTime(), Duration.ofSeconds(20).toNanos());
        phase(phase, Math.min(left, PHASE.toNanos()), before);
      }
    }
    log.say("steps: %s; restarts of containers: %d", steps.done(), invariants.restarts());
    List<String> found = new ArrayList<>(leaks);
    found.addAll(invariants.violations());
    return found;
  }

  /// A disk that is full takes images away that nobody uses.
  private void loadImage() throws IOException {
    Path archive = soak.cluster().root().resolve("soak-image.tar");
    if (!Files.exists(archive)) {
      Files.write(archive, ImageBuilder.busybox().build().saved(SoakWorkloads.IMAGE));
    }
    soak.cluster().kubectl("image", "load", archive.toString()).succeeded();
  }

  private void phase(int number, long nanos, SoakInventory before) throws IOException {
    // every third one goes without faults of the cluster's parts, so that these get old
    boolean storm = number % 3 != 0;
    String namespace = "soak-" + number;
    log.say("== phase %d: %s, %d s", number, storm ? "storm" : "calm", nanos / 1_000_000_000);
    loadImage();
    steps.begin(namespace);
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      RandomGenerator draws = random.split();
      steps.step(draws, storm);
      faults.pass();
      LockSupport.parkNanos((long) (PAUSE.toNanos() * draws.nextDouble(0.3, 1.7)));
    }
    faults.endAll();
    soak.wellAgain();
    recovers(namespace);
    invariants.nobodyIsLost();
    SoakInventory after = emptied(namespace, before);
    List<String> left = leftOver(after, before);
    told.addAll(left);
    left.forEach(one -> log.say("LEFT OVER: %s", one));
    left.forEach(one -> leaks.add("phase %d: %s".formatted(number, one)));
    log.say("after phase %d: %s", number, after.counts());
    figures(number);
  }

  private void figures(int phase) {
    for (SoakFigures now : SoakFigures.of(soak)) {
      log.say("after phase %d: %s", phase, now);
      now.grownSince(Objects.requireNonNull(figures.get(now.part())))
          .forEach(one -> {
            log.say("GROWN: %s", one);
            leaks.add("phase %d: %s".formatted(phase, one));
          });
    }
  }

  /// Each Deployment has as many pods ready as it wants, in time.
  private void recovers(String namespace) {
    long began = System.nanoTime();
    List<String> lacking = new ArrayList<>();
    try {
      await()
          .atMost(RECOVERS)
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> {
            lacking.clear();
            lacking.addAll(wanting(namespace));
            return lacking.isEmpty();
          });
      log.say("all Deployments have their size after %.1f s", (System.nanoTime() - began) / 1e9);
    } catch (ConditionTimeoutException e) {
      String pods = soak.cluster().kubectl("-n", namespace, "get", "pods", "-o", "wide").out();
      String events = soak.cluster().kubectl("-n", namespace, "get", "events").out();
      log.say("%s%n%s%n%s", pods, conditions(namespace), events);
      invariants.violated("%s after %s: %s", namespace, RECOVERS, lacking);
    }
  }

  private String conditions(String namespace) {
    return soak.cluster()
        .kubectl(
            "-n",
            namespace,
            "get",
            "pods",
            "-o",
            "custom-columns=NAME:.metadata.name,CONDITIONS:.status.conditions[*].type"
                + ",ARE:.status.conditions[*].status,SINCE:.status.conditions[*].lastTransitionTime"
                + ",WHY:.status.conditions[*].reason")
        .out();
  }

  private List<String> wanting(String namespace) {
    List<String> wanting = new ArrayList<>();
    for (Deployment one :
        soak.client().apps().deployments().inNamespace(namespace).list().getItems()) {
      int wants = one.getSpec().getReplicas();
      int ready = Objects.requireNonNullElse(one.getStatus().getReadyReplicas(), 0);
      int updated = Objects.requireNonNullElse(one.getStatus().getUpdatedReplicas(), 0);
      int all = Objects.requireNonNullElse(one.getStatus().getReplicas(), 0);
      if (ready != wants || updated != wants || all != wants) {
        wanting.add(
            "%s wants %d, has %d ready, %d updated, %d in all"
                .formatted(one.getMetadata().getName(), wants, ready, updated, all));
      }
    }
    return wanting;
  }

  private SoakInventory emptied(String namespace) {
    delete(namespace);
    await()
        .atMost(QUIET)
        .pollInterval(Duration.ofSeconds(2))
        .until(() -> processes.scan().isEmpty());
    // twice the same: nothing is under way any more
    SoakInventory one = SoakInventory.take(soak, processes);
    for (int tries = 0; tries < 30; tries++) {
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      SoakInventory other = SoakInventory.take(soak, processes);
      if (other.things().equals(one.things())) {
        return other;
      }
      one = other;
    }
    return one;
  }

  private SoakInventory emptied(String namespace, SoakInventory before) {
    delete(namespace);
    long began = System.nanoTime();
    while (true) {
      SoakInventory now = SoakInventory.take(soak, processes);
      if (leftOver(now, before).isEmpty()) {
        log.say("as before after %.1f s", (System.nanoTime() - began) / 1e9);
        return now;
      }
      if (System.nanoTime() - began > QUIET.toNanos()) {
        return now;
      }
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
    }
  }

  private List<String> leftOver(SoakInventory now, SoakInventory before) {
    return now.leftOverSince(before).stream().filter(one -> !told.contains(one)).toList();
  }

  private void delete(String namespace) {
    soak.cluster().kubectl("delete", "namespace", namespace, "--wait=false").succeeded();
  }
}
