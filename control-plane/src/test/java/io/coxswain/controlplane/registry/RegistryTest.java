package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.apps.v1.DeploymentStatus;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.autoscaling.v1.ScaleSpec;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.NamespaceSpec;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.Preconditions;
import io.coxswain.api.policy.v1.Eviction;
import io.coxswain.api.policy.v1.PodDisruptionBudget;
import io.coxswain.api.policy.v1.PodDisruptionBudgetSpec;
import io.coxswain.api.policy.v1.PodDisruptionBudgetStatus;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.Times;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RegistryTest {

  private final TestRegistry api = TestRegistry.inMemory();

  @AfterEach
  void close() {
    api.close();
  }

  static ObjectMeta.Builder meta(String name) {
    return ObjectMeta.newBuilder().setNamespace("default").setName(name);
  }

  static ConfigMap.Builder map(String name) {
    return ConfigMap.newBuilder().setMetadata(meta(name)).putData("k", "1");
  }

  static Pod.Builder pod(String name) {
    return Pod.newBuilder()
        .setMetadata(meta(name).putLabels("app", "web"))
        .setSpec(PodSpec.newBuilder().setTerminationGracePeriodSeconds(30));
  }

  static Deployment.Builder deployment(String name) {
    return Deployment.newBuilder()
        .setMetadata(meta(name))
        .setSpec(
            DeploymentSpec.newBuilder()
                .setReplicas(2)
                .setSelector(LabelSelector.newBuilder().putMatchLabels("app", "web")));
  }

  private static void refused(
      ThrowingCallable call, Class<? extends ApiError> why, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.error()).isInstanceOf(why))
        .satisfies(refusal -> {
          for (String word : words) {
            assertThat(refusal.getMessage()).contains(word);
          }
        });
  }

  @Test
  void aNewObjectGetsWhatTheSystemOwns() {
    Deployment made =
        api.create(
            deployment("web").setStatus(DeploymentStatus.newBuilder().setReplicas(9)).build());

    ObjectMeta meta = made.getMetadata();
    assertThat(meta.getUid()).matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab].*");
    assertThat(Times.instant(meta.getCreationTimestamp())).isEqualTo(TestRegistry.NOW);
    assertThat(meta.getGeneration()).isEqualTo(1);
    assertThat(meta.getResourceVersion()).isNotEmpty();
    assertThat(made.getStatus().getReplicas()).isZero();
    assertThat(api.read(made)).isEqualTo(made);
  }

  @Test
  void aNameCanBeMade() {
    ConfigMap first = api.create(map("").setMetadata(meta("").setGenerateName("web-")).build());
    ConfigMap second = api.create(map("").setMetadata(meta("").setGenerateName("web-")).build());

    assertThat(first.getMetadata().getName()).matches("web-[bcdfghjklmnpqrstvwxz2456789]{5}");
    assertThat(second.getMetadata().getName()).isNotEqualTo(first.getMetadata().getName());
  }

  @Test
  void whatCannotBeCreatedIsRefused() {
    ConfigMap there = api.create(map("a").build());
    refused(
        () -> api.create(map("a").build()),
        ApiError.AlreadyExists.class,
        "configmaps \"a\" already exists");
    refused(
        () -> api.create(there.toBuilder().build()), ApiError.BadRequest.class, "resourceVersion");
    refused(
        () -> api.create(map("").setMetadata(meta("")).build()),
        ApiError.Invalid.class,
        "metadata.name: Required value");
    refused(
        () -> api.create(map("b").setMetadata(meta("b").setNamespace("nowhere")).build()),
        ApiError.NotFound.class,
        "namespaces \"nowhere\" not found");
    refused(
        () ->
            api.registry.create(
                Target.of(ResourceType.of(ConfigMap.class), "other", "b"),
                map("b").build(),
                WriteOptions.DEFAULT),
        ApiError.BadRequest.class,
        "namespace");
  }

  @Test
  void anUpdateThatKnowsAnOlderVersionIsAConflict() {
    ConfigMap first = api.create(map("a").build());
    ConfigMap second = api.update(first.toBuilder().putData("k", "2").build());

    refused(
        () -> api.update(first.toBuilder().putData("k", "3").build()),
        ApiError.Conflict.class,
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified");
    assertThat(api.read(first)).isEqualTo(second);
  }

  @Test
  void anUpdateThatNamesNoVersionWins() {
    ConfigMap first = api.create(map("a").build());
    var _ = api.update(first.toBuilder().putData("k", "2").build());
    ConfigMap third = api.update(map("a").putData("k", "3").build());

    assertThat(third.getDataMap()).containsEntry("k", "3");
    assertThat(third.getMetadata().getUid()).isEqualTo(first.getMetadata().getUid());
  }

  @Test
  void anUpdateOfAnotherIncarnationIsAConflict() {
    var _ = api.create(map("a").build());
    refused(
        () -> api.update(map("a").setMetadata(meta("a").setUid("another")).build()),
        ApiError.Conflict.class,
        "Precondition failed: UID");
  }

  @Test
  void anUpdateThatChangesNothingIsNotStored() {
    ConfigMap made = api.create(map("a").build());
    assertThat(api.update(made)).isEqualTo(made);
  }

  @Test
  void onlyTheWishCountsGenerations() {
    Deployment made = api.create(deployment("web").build());
    Deployment scaled = api.update(withReplicas(made, 5));
    Deployment labelled =
        api.update(
            scaled.toBuilder()
                .setMetadata(scaled.getMetadata().toBuilder().putLabels("a", "b"))
                .build());
    Deployment reported =
        api.updateStatus(
            labelled.toBuilder().setStatus(DeploymentStatus.newBuilder().setReplicas(5)).build());

    assertThat(scaled.getMetadata().getGeneration()).isEqualTo(2);
    assertThat(labelled.getMetadata().getGeneration()).isEqualTo(2);
    assertThat(reported.getMetadata().getGeneration()).isEqualTo(2);
  }

  private static Deployment withReplicas(Deployment deployment, int replicas) {
    return deployment.toBuilder()
        .setSpec(deployment.getSpec().toBuilder().setReplicas(replicas))
        .build();
  }

  @Test
  void wishAndStatusAreWrittenApart() {
    Deployment made = api.create(deployment("web").build());
    Deployment both =
        withReplicas(made, 7).toBuilder()
            .setStatus(DeploymentStatus.newBuilder().setReplicas(3))
            .build();

    Deployment reported = api.updateStatus(both);
    assertThat(reported.getSpec().getReplicas()).isEqualTo(2);
    assertThat(reported.getStatus().getReplicas()).isEqualTo(3);

    Deployment wished =
        api.update(
            withReplicas(reported, 7).toBuilder()
                .setStatus(DeploymentStatus.newBuilder().setReplicas(99))
                .build());
    assertThat(wished.getSpec().getReplicas()).isEqualTo(7);
    assertThat(wished.getStatus().getReplicas()).isEqualTo(3);
  }

  @Test
  void whatNeverChangesIsKept() {
    Deployment made = api.create(deployment("web").build());
    Deployment updated =
        api.update(
            made.toBuilder()
                .setMetadata(
                    made.getMetadata().toBuilder()
                        .setGeneration(77)
                        .clearCreationTimestamp()
                        .setDeletionTimestamp(Times.time(TestRegistry.NOW))
                        .putLabels("x", "y"))
                .build());

    assertThat(updated.getMetadata().getGeneration()).isEqualTo(1);
    assertThat(updated.getMetadata().getCreationTimestamp())
        .isEqualTo(made.getMetadata().getCreationTimestamp());
    assertThat(updated.getMetadata().hasDeletionTimestamp()).isFalse();
  }

  @Test
  void aPatchChangesTheNewestVersion() {
    Deployment made = api.create(deployment("web").build());
    Written patched =
        api.registry.patch(
            TestRegistry.target(made),
            Patch.merge("{\"spec\":{\"replicas\":4}}"),
            WriteOptions.DEFAULT);
    Written status =
        api.registry.patch(
            TestRegistry.target(made).part("status"),
            Patch.merge("{\"spec\":{\"replicas\":9},\"status\":{\"replicas\":4}}"),
            WriteOptions.DEFAULT);

    assertThat(((Deployment) patched.object()).getSpec().getReplicas()).isEqualTo(4);
    assertThat(((Deployment) patched.object()).getMetadata().getGeneration()).isEqualTo(2);
    assertThat(((Deployment) status.object()).getSpec().getReplicas()).isEqualTo(4);
    assertThat(((Deployment) status.object()).getStatus().getReplicas()).isEqualTo(4);
    refused(
        () ->
            api.registry.patch(
                TestRegistry.target(made),
                Patch.merge("{\"metadata\":{\"resourceVersion\":\"1\"}}"),
                WriteOptions.DEFAULT),
        ApiError.Conflict.class);
  }

  @Test
  void aDryRunStoresNothing() {
    ConfigMap wanted = map("a").build();
    Written made =
        api.registry.create(TestRegistry.target(wanted), wanted, WriteOptions.DEFAULT.asDryRun());
    assertThat(made.object())
        .extracting(o -> ((ConfigMap) o).getMetadata().getUid())
        .isNotEqualTo("");
    refused(() -> api.read(wanted), ApiError.NotFound.class);

    ConfigMap there = api.create(map("a").build());
    var _ =
        api.registry.update(
            TestRegistry.target(there),
            there.toBuilder().putData("k", "9").build(),
            WriteOptions.DEFAULT.asDryRun());
    var _ =
        api.registry.delete(
            TestRegistry.target(there),
            DeleteOptions.getDefaultInstance(),
            WriteOptions.DEFAULT.asDryRun());
    assertThat(api.read(there)).isEqualTo(there);
  }

  @Test
  void aPlainObjectIsGoneAtOnce() {
    ConfigMap made = api.create(map("a").build());
    assertThat(api.delete(made).gone()).isTrue();
    refused(() -> api.read(made), ApiError.NotFound.class, "configmaps \"a\" not found");
    refused(() -> api.delete(made), ApiError.NotFound.class);
  }

  @Test
  void aDeletionCanBeOfOneIncarnationOnly() {
    ConfigMap made = api.create(map("a").build());
    refused(
        () -> api.delete(made, onlyIf(Preconditions.newBuilder().setUid("another"))),
        ApiError.Conflict.class);
    refused(
        () -> api.delete(made, onlyIf(Preconditions.newBuilder().setResourceVersion("1"))),
        ApiError.Conflict.class);
    assertThat(
            api.delete(made, onlyIf(Preconditions.newBuilder().setUid(made.getMetadata().getUid())))
                .gone())
        .isTrue();
  }

  private static DeleteOptions onlyIf(Preconditions.Builder preconditions) {
    return DeleteOptions.newBuilder().setPreconditions(preconditions).build();
  }

  @Test
  void finalizersHoldAnObjectUntilTheyAreTakenAway() {
    ConfigMap made = api.create(map("a").setMetadata(meta("a").addFinalizers("x/y")).build());
    Deleted deleted = api.delete(made);
    assertThat(deleted.gone()).isFalse();
    ConfigMap marked = (ConfigMap) deleted.object();
    assertThat(marked.getMetadata().hasDeletionTimestamp()).isTrue();

    refused(
        () ->
            api.update(
                marked.toBuilder()
                    .setMetadata(marked.getMetadata().toBuilder().addFinalizers("new/one"))
                    .build()),
        ApiError.Invalid.class,
        "no new finalizers");

    var _ =
        api.update(
            marked.toBuilder()
                .setMetadata(marked.getMetadata().toBuilder().clearFinalizers())
                .build());
    refused(() -> api.read(made), ApiError.NotFound.class);
  }

  @Test
  void howToTreatWhatIsOwnedIsWrittenAsAFinalizer() {
    Deployment made = api.create(deployment("web").build());
    Deleted foreground =
        api.delete(made, DeleteOptions.newBuilder().setPropagationPolicy("Foreground").build());
    assertThat(((Deployment) foreground.object()).getMetadata().getFinalizersList())
        .containsExactly("foregroundDeletion");
    Deleted orphan =
        api.delete(made, DeleteOptions.newBuilder().setPropagationPolicy("Orphan").build());
    assertThat(((Deployment) orphan.object()).getMetadata().getFinalizersList())
        .containsExactly("orphan");
    assertThat(
            api.delete(made, DeleteOptions.newBuilder().setPropagationPolicy("Background").build())
                .gone())
        .isTrue();
    refused(
        () ->
            api.delete(
                api.create(deployment("b").build()),
                DeleteOptions.newBuilder().setPropagationPolicy("Nonsense").build()),
        ApiError.Invalid.class,
        "Nonsense");
  }

  @Test
  void aPodThatRunsNowhereIsGoneAtOnce() {
    Pod made = api.create(pod("a").build());
    assertThat(made.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(made.getStatus().getQosClass()).isEqualTo("BestEffort");
    assertThat(api.delete(made).gone()).isTrue();
  }

  @Test
  void aPodThatRunsEndsGracefully() {
    Pod made = api.create(pod("a").build());
    bind(made, "n1");

    Pod marked = (Pod) api.delete(made).object();
    assertThat(marked.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(30);
    assertThat(Times.instant(marked.getMetadata().getDeletionTimestamp()))
        .isEqualTo(TestRegistry.NOW.plusSeconds(30));

    Pod sooner =
        (Pod)
            api.delete(made, DeleteOptions.newBuilder().setGracePeriodSeconds(5).build()).object();
    assertThat(Times.instant(sooner.getMetadata().getDeletionTimestamp()))
        .isEqualTo(TestRegistry.NOW.plusSeconds(5));

    assertThat(api.delete(made, DeleteOptions.newBuilder().setGracePeriodSeconds(0).build()).gone())
        .isTrue();
    refused(() -> api.read(made), ApiError.NotFound.class);
  }

  private void bind(Pod pod, String node) {
    Binding binding =
        Binding.newBuilder()
            .setMetadata(meta(pod.getMetadata().getName()))
            .setTarget(ObjectReference.newBuilder().setName(node))
            .build();
    var _ =
        api.registry.create(
            TestRegistry.target(pod).part("binding"), binding, WriteOptions.DEFAULT);
  }

  @Test
  void aPodIsBoundOnce() {
    Pod made = api.create(pod("a").build());
    bind(made, "n1");

    Pod bound = api.read(made);
    assertThat(bound.getSpec().getNodeName()).isEqualTo("n1");
    assertThat(bound.getStatus().getConditionsList())
        .anySatisfy(condition -> {
          assertThat(condition.getType()).isEqualTo("PodScheduled");
          assertThat(condition.getStatus()).isEqualTo("True");
        });
    refused(
        () -> bind(made, "n2"),
        ApiError.Conflict.class,
        "pod a is already assigned to node \"n1\"");
  }

  @Test
  void anEvictionAsksTheBudget() {
    Pod made = api.create(pod("a").build());
    bind(made, "n1");
    var _ =
        api.updateStatus(
            api.read(made).toBuilder()
                .setStatus(PodStatus.newBuilder().setPhase("Running"))
                .build());
    PodDisruptionBudget budget =
        api.create(
            PodDisruptionBudget.newBuilder()
                .setMetadata(meta("budget"))
                .setSpec(
                    PodDisruptionBudgetSpec.newBuilder()
                        .setSelector(LabelSelector.newBuilder().putMatchLabels("app", "web")))
                .build());
    report(budget, 0);

    assertThatThrownBy(() -> evict(made))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused ->
                assertThat(refused.error())
                    .isInstanceOfSatisfying(
                        ApiError.TooManyRequests.class,
                        error ->
                            assertThat(error.causes())
                                .containsExactly(
                                    new ApiError.Cause(
                                        "DisruptionBudget",
                                        "",
                                        "The disruption budget budget needs 0 healthy pods and has"
                                            + " 0 currently"))));

    report(budget, 1);
    evict(made);
    assertThat(api.read(made).getMetadata().hasDeletionTimestamp()).isTrue();
    assertThat(api.read(budget).getStatus().getDisruptionsAllowed()).isZero();
    assertThat(api.read(budget).getStatus().getDisruptedPodsMap()).containsKey("a");
  }

  @Test
  void aPodThatIsNotReadyIsLetGoWhenEnoughOthersAre() {
    Pod made = api.create(pod("a").build());
    bind(made, "n1");
    var _ =
        api.updateStatus(
            api.read(made).toBuilder()
                .setStatus(PodStatus.newBuilder().setPhase("Running"))
                .build());
    PodDisruptionBudget budget =
        api.create(
            PodDisruptionBudget.newBuilder()
                .setMetadata(meta("budget"))
                .setSpec(
                    PodDisruptionBudgetSpec.newBuilder().setSelector(LabelSelector.newBuilder()))
                .build());
    PodDisruptionBudgetStatus.Builder status =
        PodDisruptionBudgetStatus.newBuilder()
            .setObservedGeneration(1)
            .setDesiredHealthy(2)
            .setCurrentHealthy(1);
    var _ = api.updateStatus(budget.toBuilder().setStatus(status).build());
    refused(() -> evict(made), ApiError.TooManyRequests.class, "disruption budget");

    PodDisruptionBudget now = api.read(budget);
    var _ = api.updateStatus(now.toBuilder().setStatus(status.setCurrentHealthy(2)).build());
    evict(made);
    assertThat(api.read(made).getMetadata().hasDeletionTimestamp()).isTrue();
  }

  @Test
  void aBudgetWithoutSelectorIsOverNoPod() {
    Pod made = api.create(pod("a").build());
    bind(made, "n1");
    var _ =
        api.updateStatus(
            api.read(made).toBuilder()
                .setStatus(PodStatus.newBuilder().setPhase("Running"))
                .build());
    PodDisruptionBudget budget =
        api.create(
            PodDisruptionBudget.newBuilder()
                .setMetadata(meta("budget"))
                .setSpec(PodDisruptionBudgetSpec.getDefaultInstance())
                .build());
    report(budget, 0);

    evict(made);
    assertThat(api.read(made).getMetadata().hasDeletionTimestamp()).isTrue();
  }

  private void report(PodDisruptionBudget budget, int allowed) {
    var _ =
        api.updateStatus(
            budget.toBuilder()
                .clearMetadata()
                .setMetadata(meta("budget"))
                .setStatus(
                    PodDisruptionBudgetStatus.newBuilder()
                        .setObservedGeneration(1)
                        .setDisruptionsAllowed(allowed))
                .build());
  }

  private void evict(Pod pod) {
    var _ =
        api.registry.create(
            TestRegistry.target(pod).part("eviction"),
            Eviction.newBuilder().setMetadata(meta(pod.getMetadata().getName())).build(),
            WriteOptions.DEFAULT);
  }

  @Test
  void aWorkloadIsScaled() {
    Deployment made = api.create(deployment("web").build());
    Target scale = TestRegistry.target(made).part("scale");
    Scale read = (Scale) api.registry.readPart(scale);
    assertThat(read.getSpec().getReplicas()).isEqualTo(2);
    assertThat(read.getStatus().getSelector()).isEqualTo("app=web");

    var _ =
        api.registry.update(
            scale,
            read.toBuilder().setSpec(ScaleSpec.newBuilder().setReplicas(5)).build(),
            WriteOptions.DEFAULT);
    assertThat(api.read(made).getSpec().getReplicas()).isEqualTo(5);
    assertThat(api.read(made).getMetadata().getGeneration()).isEqualTo(2);

    refused(
        () ->
            api.registry.update(
                scale,
                read.toBuilder().setSpec(ScaleSpec.newBuilder().setReplicas(6)).build(),
                WriteOptions.DEFAULT),
        ApiError.Conflict.class);
    Written patched =
        api.registry.patch(scale, Patch.merge("{\"spec\":{\"replicas\":1}}"), WriteOptions.DEFAULT);
    assertThat(((Scale) patched.object()).getSpec().getReplicas()).isEqualTo(1);
    refused(
        () ->
            api.registry.patch(
                scale, Patch.merge("{\"spec\":{\"replicas\":-1}}"), WriteOptions.DEFAULT),
        ApiError.Invalid.class,
        "spec.replicas");
  }

  @Test
  void aNamespaceStaysUntilItIsFinalized() {
    Namespace made = api.create(Namespace.newBuilder().setMetadata(named("team")).build());
    assertThat(made.getStatus().getPhase()).isEqualTo("Active");
    Namespace marked = (Namespace) api.delete(made).object();
    assertThat(marked.getStatus().getPhase()).isEqualTo("Terminating");

    refused(
        () -> api.create(map("late").setMetadata(meta("late").setNamespace("team")).build()),
        ApiError.Forbidden.class,
        "because it is being terminated");

    var _ =
        api.registry.update(
            TestRegistry.target(made).part("finalize"),
            marked.toBuilder().setSpec(NamespaceSpec.getDefaultInstance()).build(),
            WriteOptions.DEFAULT);
    refused(() -> api.read(made), ApiError.NotFound.class);
  }

  private static ObjectMeta.Builder named(String name) {
    return ObjectMeta.newBuilder().setName(name);
  }

  @Test
  void theDefaultNamespaceIsNotDeleted() {
    refused(
        () -> api.delete(Namespace.newBuilder().setMetadata(named("default")).build()),
        ApiError.Forbidden.class,
        "may not be deleted");
  }

  @Test
  void aCollectionIsDeletedBySelector() {
    Consumer<String> make =
        name -> {
          var _ =
              api.create(
                  map(name).setMetadata(meta(name).putLabels("app", name.substring(0, 1))).build());
        };
    List.of("a1", "a2", "b1").forEach(make);
    var _ =
        api.registry.deleteCollection(
            new ListQuery(ResourceType.of(ConfigMap.class), "default", "app=a", "", "", "", 0, ""),
            DeleteOptions.getDefaultInstance(),
            WriteOptions.DEFAULT);
    assertThat(names(api.registry.list(ListQuery.of(ResourceType.of(ConfigMap.class), "default"))))
        .containsExactly("b1");
  }

  static List<String> names(Listing listing) {
    return listing.items().stream().map(item -> item.key().name()).toList();
  }

  @Test
  void partsThatAKindHasNotAreNotFound() {
    Message made = api.create(map("a").build());
    refused(
        () -> api.registry.readPart(TestRegistry.target(made).part("scale")),
        ApiError.NotFound.class);
    refused(
        () ->
            api.registry.update(
                TestRegistry.target(made).part("status"), made, WriteOptions.DEFAULT),
        ApiError.NotFound.class);
  }
}
