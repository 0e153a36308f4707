package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.controller.framework.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// A Deployment, its sets and their pods in memory, moved one random step at a time: plans that are
/// cut short as by a crash, sets that lag behind, pods that become ready whenever they like.
final class RolloutSimulation {

  /// One pod.
  private static final class SimulatedPod {
    private final String set;
    private boolean ready;
    private boolean terminating;

    SimulatedPod(String set) {
      this.set = set;
    }
  }

  private final Random random;
  private final Map<String, ReplicaSet> sets = new LinkedHashMap<>();
  private final List<SimulatedPod> pods = new ArrayList<>();
  private Deployment deployment;
  private Instant now = Samples.NOW;
  private boolean neverReady;

  RolloutSimulation(Deployment deployment, long seed) {
    this.deployment = deployment;
    this.random = new Random(seed);
  }

  Deployment deployment() {
    return deployment;
  }

  List<ReplicaSet> sets() {
    return List.copyOf(sets.values());
  }

  void template(PodTemplateSpec template) {
    Deployment.Builder edited = deployment.toBuilder();
    edited.getSpecBuilder().setTemplate(template);
    edited.getMetadataBuilder().setGeneration(deployment.getMetadata().getGeneration() + 1);
    deployment = edited.build();
  }

  void scale(int replicas) {
    Deployment.Builder edited = deployment.toBuilder();
    edited.getSpecBuilder().setReplicas(replicas);
    edited.getMetadataBuilder().setGeneration(deployment.getMetadata().getGeneration() + 1);
    deployment = edited.build();
  }

  void pause(boolean paused) {
    Deployment.Builder edited = deployment.toBuilder();
    edited.getSpecBuilder().setPaused(paused);
    edited.getMetadataBuilder().setGeneration(deployment.getMetadata().getGeneration() + 1);
    deployment = edited.build();
  }

  /// From now on no new pod becomes ready.
  void breakImage() {
    neverReady = true;
  }

  void mendImage() {
    neverReady = false;
  }

  /// Pods that have not been asked to end.
  long there() {
    return pods.stream().filter(p -> !p.terminating).count();
  }

  long available() {
    return pods.stream().filter(p -> !p.terminating && p.ready).count();
  }

  long existing() {
    return pods.size();
  }

  boolean isComplete() {
    return StatusCounts.isComplete(deployment, deployment.getStatus())
        && there() == deployment.getSpec().getReplicas();
  }

  void step() {
    now = now.plusMillis(200);
    switch (random.nextInt(5)) {
      case 0, 1 -> deploymentPass(random.nextInt(4) == 0 ? random.nextInt(3) : Integer.MAX_VALUE);
      case 2 -> anySet();
      case 3 -> becomeReady();
      default -> {
        anySet();
        end();
      }
    }
  }

  /// Steps until the rollout is complete; false when it is not after so many.
  boolean settle(int steps, Runnable invariant) {
    for (int i = 0; i < steps; i++) {
      step();
      invariant.run();
      if (isComplete()) {
        return true;
      }
    }
    return false;
  }

  private void deploymentPass(int most) {
    Set<String> withPods = new HashSet<>();
    pods.forEach(p -> withPods.add(p.set));
    DeploymentPlan plan =
        DeploymentPlan.of(new DeploymentSnapshot(deployment, sets(), withPods, now));
    int done = 0;
    for (Action action : plan.actions()) {
      if (done++ >= most) {
        return;
      }
      switch (action) {
        case Action.Create(var set) -> create(set);
        case Action.Update(var before, var after) -> update(after);
        case Action.Delete(var set) -> sets.remove(set.getMetadata().getUid());
        case Action.Adopt(var set) -> {}
        case Action.Release(var set) -> {}
        case Action.NoteRevision(var revision) -> note(revision);
      }
    }
    deployment = deployment.toBuilder().setStatus(plan.status()).build();
  }

  private void create(ReplicaSet set) {
    ReplicaSet.Builder created = set.toBuilder();
    created
        .getMetadataBuilder()
        .setUid("uid-" + set.getMetadata().getName())
        .setGeneration(1)
        .setCreationTimestamp(Times.time(now));
    if (sets.containsKey(created.getMetadata().getUid())) {
      throw new IllegalStateException(set.getMetadata().getName() + " was created twice");
    }
    sets.put(created.getMetadata().getUid(), created.build());
  }

  private void update(ReplicaSet after) {
    ReplicaSet.Builder updated = after.toBuilder();
    updated.getMetadataBuilder().setGeneration(after.getMetadata().getGeneration() + 1);
    sets.put(after.getMetadata().getUid(), updated.build());
  }

  private void note(long revision) {
    Deployment.Builder noted = deployment.toBuilder();
    noted.getMetadataBuilder().putAnnotations(Annotations.REVISION, Long.toString(revision));
    deployment = noted.build();
  }

  // What the controller of sets would do, sometimes only half of it.
  private void anySet() {
    if (sets.isEmpty()) {
      return;
    }
    ReplicaSet set = sets().get(random.nextInt(sets.size()));
    String uid = set.getMetadata().getUid();
    if (random.nextInt(4) != 0) {
      List<SimulatedPod> own =
          pods.stream().filter(p -> p.set.equals(uid) && !p.terminating).toList();
      int missing = set.getSpec().getReplicas() - own.size();
      for (int i = 0; i < missing; i++) {
        pods.add(new SimulatedPod(uid));
      }
      own.stream()
          .sorted((a, b) -> Boolean.compare(a.ready, b.ready))
          .limit(Math.max(0, -missing))
          .forEach(p -> p.terminating = true);
    }
    if (random.nextInt(4) != 0) {
      report(set);
    }
  }

  private void report(ReplicaSet set) {
    String uid = set.getMetadata().getUid();
    List<SimulatedPod> own =
        pods.stream().filter(p -> p.set.equals(uid) && !p.terminating).toList();
    int ready = (int) own.stream().filter(p -> p.ready).count();
    ReplicaSet.Builder reported = set.toBuilder();
    reported
        .getStatusBuilder()
        .setReplicas(own.size())
        .setReadyReplicas(ready)
        .setAvailableReplicas(ready)
        .setObservedGeneration(set.getMetadata().getGeneration());
    sets.put(uid, reported.build());
  }

  private void becomeReady() {
    List<SimulatedPod> waiting = pods.stream().filter(p -> !p.ready && !p.terminating).toList();
    if (!waiting.isEmpty() && !neverReady) {
      waiting.get(random.nextInt(waiting.size())).ready = true;
    }
  }

  private void end() {
    List<SimulatedPod> going = pods.stream().filter(p -> p.terminating).toList();
    if (!going.isEmpty()) {
      pods.remove(going.get(random.nextInt(going.size())));
    }
  }
}
