package io.coxswain.controlplane.controller.deployment;

import static io.coxswain.controlplane.controller.framework.Samples.NAMESPACE;
import static io.coxswain.controlplane.controller.framework.Samples.deployment;
import static io.coxswain.controlplane.controller.framework.Samples.recreate;
import static io.coxswain.controlplane.controller.framework.Samples.rolling;
import static io.coxswain.controlplane.controller.framework.Samples.template;
import static io.coxswain.controlplane.controller.framework.TestCluster.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Resources;
import io.coxswain.client.Transport.Call;
import io.coxswain.client.Transport.Verb;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.PodIndexes;
import io.coxswain.controlplane.controller.framework.ReplicaSetIndexes;
import io.coxswain.controlplane.controller.framework.TestCluster;
import io.coxswain.controlplane.controller.framework.TestKubelet;
import io.coxswain.controlplane.controller.replicaset.ReplicaController;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentControllerTest {

  private final TestCluster cluster = new TestCluster();
  private final Resources<Deployment> deployments = cluster.client().resources(Deployment.class);

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void aDeploymentBecomesPods() throws InterruptedException {
    cluster.start(DeploymentControllerTest::controllers);
    TestKubelet kubelet = new TestKubelet(cluster, 1);
    create(deployment("web", 3, s -> {}));

    eventually(() -> {
      kubelet.step();
      return isComplete("web");
    });

    Deployment web = deployments.read(NAMESPACE, "web");
    assertThat(web.getMetadata().getAnnotationsMap()).containsEntry(Annotations.REVISION, "1");
    assertThat(web.getStatus().getReadyReplicas()).isEqualTo(3);
    assertThat(pods()).hasSize(3).allMatch(p -> p.getMetadata().getName().startsWith("web-"));
    assertThat(cluster.events().reasons()).contains("ScalingReplicaSet", "SuccessfulCreate");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aRolloutUnderConflictsFaultsAndRestartsStaysWithinItsBounds(long seed)
      throws InterruptedException {
    Random random = new Random(seed);
    cluster.start(DeploymentControllerTest::controllers);
    TestKubelet kubelet = new TestKubelet(cluster, seed);
    create(deployment("web", 6, s -> s.setStrategy(rolling("2", "1"))));
    eventually(() -> {
      kubelet.step();
      return isComplete("web");
    });
    // Nothing may be created for an older template twice: the fault is in the answer or before it.
    cluster.api().failing(call -> fault(call, random));

    for (String image : List.of("two", "three", "one")) {
      edit("web", s -> s.setTemplate(template(image)));
      eventually(() -> {
        kubelet.step();
        if (random.nextInt(60) == 0) {
          cluster.start(DeploymentControllerTest::controllers);
        }
        if (random.nextInt(40) == 0) {
          cluster.api().expireWatches();
        }
        List<Pod> active = pods().stream().filter(PodFacts::isActive).toList();
        assertThat(active).hasSizeLessThanOrEqualTo(8);
        assertThat(active.stream().filter(PodFacts::isReady).count()).isGreaterThanOrEqualTo(5);
        return isComplete("web");
      });
    }

    assertThat(cluster.all(ReplicaSet.class)).hasSize(3);
    assertThat(deployments.read(NAMESPACE, "web").getMetadata().getAnnotationsMap())
        .containsEntry(Annotations.REVISION, "4");
  }

  @Test
  void recreateWaitsForTheLastOldPod() throws InterruptedException {
    cluster.start(DeploymentControllerTest::controllers);
    TestKubelet kubelet = new TestKubelet(cluster, 1);
    create(deployment("web", 3, s -> s.setStrategy(recreate())));
    eventually(() -> {
      kubelet.step();
      return isComplete("web");
    });

    edit("web", s -> s.setTemplate(template("two")));

    eventually(() -> {
      kubelet.step();
      long images =
          pods().stream().map(p -> p.getSpec().getContainers(0).getImage()).distinct().count();
      assertThat(images).isLessThanOrEqualTo(1);
      return isComplete("web");
    });
  }

  @Test
  void deletedPodsAreReplacedAndScalingIsFollowed() throws InterruptedException {
    cluster.start(DeploymentControllerTest::controllers);
    TestKubelet kubelet = new TestKubelet(cluster, 5);
    create(deployment("web", 2, s -> {}));
    eventually(() -> {
      kubelet.step();
      return isComplete("web");
    });

    Pod victim = pods().getFirst();
    cluster
        .client()
        .resources(Pod.class)
        .delete(
            NAMESPACE,
            victim.getMetadata().getName(),
            io.coxswain.client.DeletePolicy.DEFAULT.withGraceSeconds(0));
    eventually(() -> pods().size() == 2);
    edit("web", s -> s.setReplicas(5));
    eventually(() -> {
      kubelet.step();
      return isComplete("web") && pods().size() == 5;
    });
    edit("web", s -> s.setReplicas(0));
    eventually(() -> {
      kubelet.step();
      return isComplete("web") && pods().isEmpty();
    });
  }

  @Test
  void aNameTakenByAnotherSetIsAvoided() throws InterruptedException {
    Deployment wanted = deployment("web", 1, s -> {});
    ReplicaSet taken =
        NewReplicaSet.of(new Rollout(wanted, List.of()), 0).toBuilder().clearSpec().build();
    ReplicaSet.Builder foreign = taken.toBuilder();
    foreign.getMetadataBuilder().clearOwnerReferences();
    cluster.api().seed(foreign.build());
    cluster.start(DeploymentControllerTest::controllers);
    create(wanted);

    eventually(() -> deployments.read(NAMESPACE, "web").getStatus().getCollisionCount() == 1);
    eventually(() -> cluster.all(ReplicaSet.class).size() == 2);
  }

  private static List<Controller> controllers(ControllerContext context) {
    PodIndexes pods = new PodIndexes(context.informers());
    ReplicaSetIndexes sets = new ReplicaSetIndexes(context.informers());
    return List.of(
        ReplicaController.ofSets(context, sets, pods),
        new DeploymentController(context, sets, pods));
  }

  private static Optional<ApiError> fault(Call call, Random random) {
    boolean write = call.verb() == Verb.CREATE || call.verb() == Verb.UPDATE;
    boolean controllers = !call.type().plural().equals("pods") || call.verb() == Verb.CREATE;
    synchronized (random) {
      if (!write || !controllers || random.nextInt(4) != 0) {
        return Optional.empty();
      }
      return Optional.of(
          random.nextBoolean()
              ? new ApiError.Unavailable("the test says so")
              : new ApiError.Conflict("", call.type().plural(), call.name(), "the test says so"));
    }
  }

  private void create(Deployment deployment) {
    Deployment.Builder bare = deployment.toBuilder();
    bare.getMetadataBuilder().clearUid();
    Deployment ignored = deployments.create(bare.build());
  }

  private void edit(String name, Consumer<DeploymentSpec.Builder> edit) {
    while (true) {
      Deployment.Builder edited = deployments.read(NAMESPACE, name).toBuilder();
      edit.accept(edited.getSpecBuilder());
      try {
        Deployment ignored = deployments.update(edited.build());
        return;
      } catch (ApiException e) {
        if (!e.isConflict() && !(e.error() instanceof ApiError.Unavailable)) {
          throw e;
        }
      }
    }
  }

  private List<Pod> pods() {
    return cluster.all(Pod.class);
  }

  private boolean isComplete(String name) {
    Deployment deployment = deployments.read(NAMESPACE, name);
    return StatusCounts.isComplete(deployment, deployment.getStatus());
  }
}
