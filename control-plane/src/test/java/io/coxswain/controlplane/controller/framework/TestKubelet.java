package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodCondition;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.Random;

/// Stands for scheduler and nodes: makes pods ready and ends those that are to end, whenever its
/// seed says.
public final class TestKubelet {

  private final Resources<Pod> pods;
  private final Random random;
  private int created;

  public TestKubelet(TestCluster cluster, long seed) {
    this.pods = cluster.client().resources(Pod.class);
    this.random = new Random(seed);
  }

  /// Looks at every pod once and moves some on.
  public void step() {
    for (Pod pod : pods.list(ListOptions.ALL).items()) {
      if (random.nextInt(3) == 0) {
        try {
          move(pod);
        } catch (ApiException e) {
          if (!e.isConflict() && !e.isNotFound()) {
            throw e;
          }
        }
      }
    }
  }

  private void move(Pod pod) {
    if (PodFacts.isTerminating(pod)) {
      pods.delete(
          pod.getMetadata().getNamespace(),
          pod.getMetadata().getName(),
          DeletePolicy.DEFAULT.withGraceSeconds(0));
      return;
    }
    if (pod.getSpec().getNodeName().isEmpty()) {
      Pod.Builder assigned = pod.toBuilder();
      assigned.getSpecBuilder().setNodeName("node-" + random.nextInt(3));
      Pod ignored = pods.update(assigned.build());
      return;
    }
    if (!PodFacts.isReady(pod)) {
      Pod.Builder ready = pod.toBuilder();
      ready
          .getStatusBuilder()
          .setPhase("Running")
          .setPodIP("10.244.0." + (1 + created++ % 250))
          .clearConditions()
          .addConditions(
              PodCondition.newBuilder()
                  .setType("Ready")
                  .setStatus("True")
                  .setLastTransitionTime(Times.time(Instant.now())));
      Pod ignored = pods.updateStatus(ready.build());
    }
  }
}
