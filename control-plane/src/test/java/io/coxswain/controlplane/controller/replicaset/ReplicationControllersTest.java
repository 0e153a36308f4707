package io.coxswain.controlplane.controller.replicaset;

import static io.coxswain.controlplane.controller.framework.Samples.NAMESPACE;
import static io.coxswain.controlplane.controller.framework.Samples.template;
import static io.coxswain.controlplane.controller.framework.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ReplicationController;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.OwnerReference;
import io.coxswain.client.Resources;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.framework.Samples;
import io.coxswain.controlplane.controller.framework.TestCluster;
import io.coxswain.controlplane.controller.framework.TestKubelet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicationControllersTest {

  private final TestCluster cluster = new TestCluster();
  private final Resources<ReplicationController> controllers =
      cluster.client().resources(ReplicationController.class);
  private final Resources<Pod> pods = cluster.client().resources(Pod.class);

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void keepsAsManyPodsAsItAsksFor() throws InterruptedException {
    cluster.start(ReplicationControllersTest::both);
    TestKubelet kubelet = new TestKubelet(cluster, 1);
    create(3);
    eventually(() -> {
      kubelet.step();
      return web().getStatus().getReadyReplicas() == 3;
    });

    assertThat(web().getStatus().getFullyLabeledReplicas()).isEqualTo(3);
    assertThat(web().getStatus().getObservedGeneration())
        .isEqualTo(web().getMetadata().getGeneration());
    for (Pod pod : cluster.all(Pod.class)) {
      OwnerReference owner = pod.getMetadata().getOwnerReferences(0);
      assertThat(owner.getApiVersion() + " " + owner.getKind())
          .isEqualTo("v1 ReplicationController");
      assertThat(owner.getController()).isTrue();
    }
    assertThat(cluster.events().reasons()).contains("SuccessfulCreate");

    scale(1);
    eventually(() -> {
      kubelet.step();
      return cluster.all(Pod.class).size() == 1 && web().getStatus().getReplicas() == 1;
    });
  }

  @Test
  void takesPodsThatItSelectsAndLetsGoThoseThatItNoLongerDoes() throws InterruptedException {
    Pod.Builder stray = Samples.pod("stray").toBuilder();
    stray.getMetadataBuilder().putLabels("app", "web").clearOwnerReferences();
    cluster.api().seed(stray.build());
    cluster.start(ReplicationControllersTest::both);
    create(1);
    eventually(() -> owners("stray").equals(List.of("web")));
    assertThat(cluster.all(Pod.class)).hasSize(1);

    edit(
        "stray",
        pod -> {
          Pod.Builder other = pod.toBuilder();
          other.getMetadataBuilder().putLabels("app", "other");
          return other.build();
        });
    eventually(() -> owners("stray").isEmpty() && cluster.all(Pod.class).size() == 2);
  }

  private static List<Controller> both(ControllerContext context) {
    PodIndexes pods = new PodIndexes(context.informers());
    return List.of(
        ReplicaController.ofSets(context, new ReplicaSetIndexes(context.informers()), pods),
        ReplicaController.ofControllers(context, pods));
  }

  private void create(int replicas) {
    ReplicationController.Builder web =
        ReplicationController.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setName("web").setNamespace(NAMESPACE));
    web.getSpecBuilder()
        .setReplicas(replicas)
        .putSelector("app", "web")
        .setTemplate(template("one"))
        .getTemplateBuilder()
        .getMetadataBuilder()
        .putLabels("app", "web");
    var _ = controllers.create(web.build());
  }

  private ReplicationController web() {
    return controllers.read(NAMESPACE, "web");
  }

  private void scale(int replicas) {
    ReplicationController.Builder web = web().toBuilder();
    web.getSpecBuilder().setReplicas(replicas);
    web.getMetadataBuilder().clearResourceVersion();
    var _ = controllers.update(web.build());
  }

  private void edit(String pod, UnaryOperator<Pod> edit) {
    Pod.Builder edited = edit.apply(pods.read(NAMESPACE, pod)).toBuilder();
    edited.getMetadataBuilder().clearResourceVersion();
    var _ = pods.update(edited.build());
  }

  private List<String> owners(String pod) {
    return pods.read(NAMESPACE, pod).getMetadata().getOwnerReferencesList().stream()
        .map(OwnerReference::getName)
        .toList();
  }
}
