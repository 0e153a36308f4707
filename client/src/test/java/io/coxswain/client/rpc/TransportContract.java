package io.coxswain.client.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.DeploymentSpec;
import io.coxswain.api.autoscaling.v1.Scale;
import io.coxswain.api.autoscaling.v1.ScaleSpec;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Resources;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.testing.InMemoryApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every transport promises, whatever lies between it and the objects.
@SuppressWarnings("NullAway.Init") // set up before each test
abstract class TransportContract {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  protected final InMemoryApi api = new InMemoryApi();
  private ApiClient client;
  private Resources<ConfigMap> maps;
  private Resources<Pod> pods;

  /// A transport to the objects of `api`.
  protected abstract Transport transport() throws Exception;

  @BeforeEach
  void connect() throws Exception {
    client = new TransportClient(transport());
    maps = client.resources(ConfigMap.class);
    pods = client.resources(Pod.class);
  }

  @AfterEach
  void disconnect() {
    client.close();
    api.close();
  }

  @Test
  void whatIsCreatedCanBeReadListedChangedAndDeleted() {
    ConfigMap created = maps.create(map("a", "1"));
    assertThat(created.getMetadata().getUid()).isNotEmpty();
    assertThat(maps.read("default", "a")).isEqualTo(created);

    ConfigMap updated = maps.update(created.toBuilder().putData("k", "2").build());
    assertThat(updated.getDataMap()).containsEntry("k", "2");
    ObjectList<ConfigMap> list = maps.list(ListOptions.in("default"));
    assertThat(list.items()).containsExactly(updated);
    assertThat(list.resourceVersion()).isEqualTo(updated.getMetadata().getResourceVersion());

    maps.delete("default", "a", DeletePolicy.DEFAULT);
    assertThat(maps.find("default", "a")).isEmpty();
  }

  @Test
  void refusalsArriveWhole() {
    assertThatThrownBy(() -> maps.read("default", "none"))
        .isInstanceOfSatisfying(
            ApiException.class,
            e ->
                assertThat(e.error())
                    .isEqualTo(
                        new ApiError.NotFound(
                            "", "configmaps", "none", "configmaps \"none\" not found")));
    ConfigMap created = maps.create(map("a", "1"));
    assertThatThrownBy(() -> maps.create(map("a", "1")))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isAlreadyExists()).isTrue());
    ConfigMap ignored = maps.update(created.toBuilder().putData("k", "2").build());
    assertThatThrownBy(() -> maps.update(created.toBuilder().putData("k", "3").build()))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isConflict()).isTrue());
    assertThatThrownBy(() -> maps.create(map("", "1")))
        .isInstanceOfSatisfying(
            ApiException.class,
            e ->
                assertThat(e.error())
                    .isInstanceOfSatisfying(
                        ApiError.Invalid.class,
                        invalid ->
                            assertThat(invalid.causes())
                                .extracting(ApiError.Cause::field)
                                .containsExactly("metadata.name")));
  }

  @Test
  void deletingHeedsPreconditions() {
    ConfigMap created = maps.create(map("a", "1"));
    assertThatThrownBy(() -> maps.delete("default", "a", DeletePolicy.DEFAULT.onlyUid("other")))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isConflict()).isTrue());
    maps.delete("default", "a", DeletePolicy.DEFAULT.onlyUid(created.getMetadata().getUid()));
    assertThat(maps.find("default", "a")).isEmpty();
  }

  @Test
  void listsBySelectorsAndInPages() {
    for (String name : List.of("a", "b", "c")) {
      ConfigMap ignored = maps.create(map(name, "1"));
    }
    assertThat(maps.list(ListOptions.ALL.withFields("metadata.name=b")).items()).hasSize(1);
    assertThat(maps.list(ListOptions.ALL.withLabels("name in (a, c)")).items()).hasSize(2);
    ObjectList<ConfigMap> first = maps.list(ListOptions.ALL.page(2, ""));
    assertThat(first.items()).hasSize(2);
    ObjectList<ConfigMap> second = maps.list(ListOptions.ALL.page(2, first.continueToken()));
    assertThat(second.items()).extracting(m -> m.getMetadata().getName()).containsExactly("c");
    assertThat(second.continueToken()).isEmpty();
  }

  @Test
  void statusAndSpecAreWrittenApart() {
    Pod pod = pods.create(pod("p"));
    Pod withStatus =
        pods.updateStatus(
            pod.toBuilder()
                .setStatus(PodStatus.newBuilder().setPhase("Running"))
                .setSpec(pod.getSpec().toBuilder().setHostname("ignored"))
                .build());
    assertThat(withStatus.getStatus().getPhase()).isEqualTo("Running");
    assertThat(withStatus.getSpec().getHostname()).isEmpty();
    Pod updated =
        pods.update(
            withStatus.toBuilder()
                .setStatus(PodStatus.newBuilder().setPhase("Failed"))
                .setSpec(pod.getSpec().toBuilder().setHostname("taken"))
                .build());
    assertThat(updated.getStatus().getPhase()).isEqualTo("Running");
    assertThat(updated.getSpec().getHostname()).isEqualTo("taken");
    assertThat(updated.getMetadata().getGeneration())
        .isEqualTo(pod.getMetadata().getGeneration() + 1);
  }

  @Test
  void bindingAndScalingAreSubresources() {
    Pod pod = pods.create(pod("p"));
    Binding binding =
        Binding.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("p"))
            .setTarget(ObjectReference.newBuilder().setKind("Node").setName("n1"))
            .build();
    Object ignored = pods.createSubresource("default", "p", "binding", binding);
    assertThat(pods.read("default", "p").getSpec().getNodeName()).isEqualTo("n1");
    assertThatThrownBy(() -> pods.createSubresource("default", "p", "binding", binding))
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isConflict()).isTrue());
    assertThat(pod.getSpec().getNodeName()).isEmpty();

    Resources<Deployment> deployments = client.resources(Deployment.class);
    Deployment created =
        deployments.create(
            Deployment.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("d"))
                .setSpec(DeploymentSpec.newBuilder().setReplicas(1))
                .build());
    Scale scale =
        Scale.newBuilder()
            .setMetadata(created.getMetadata())
            .setSpec(ScaleSpec.newBuilder().setReplicas(5))
            .build();
    assertThat(deployments.createSubresource("default", "d", "scale", scale))
        .isInstanceOfSatisfying(
            Scale.class, s -> assertThat(s.getSpec().getReplicas()).isEqualTo(5));
    assertThat(deployments.read("default", "d").getSpec().getReplicas()).isEqualTo(5);
  }

  @Test
  void aWatchTellsEveryChangeAfterItsVersionInOrder() throws InterruptedException {
    ConfigMap a = maps.create(map("a", "1"));
    ConfigMap b = maps.create(map("b", "1"));
    try (Watch<ConfigMap> watch =
        maps.watch(ListOptions.ALL.from(a.getMetadata().getResourceVersion()))) {
      ConfigMap a2 = maps.update(a.toBuilder().putData("k", "2").build());
      maps.delete("default", "b", DeletePolicy.DEFAULT);
      assertThat(next(watch)).isEqualTo(new WatchEvent<>(WatchEvent.Type.ADDED, b));
      assertThat(next(watch)).isEqualTo(new WatchEvent<>(WatchEvent.Type.MODIFIED, a2));
      WatchEvent<ConfigMap> deleted = next(watch);
      assertThat(deleted.type()).isEqualTo(WatchEvent.Type.DELETED);
      assertThat(deleted.object().getMetadata().getName()).isEqualTo("b");
      assertThat(watch.next(Duration.ofMillis(20))).isEmpty();
    }
  }

  @Test
  void aWatchWithASelectorSeesObjectsComeAndGo() throws InterruptedException {
    ConfigMap a = maps.create(map("a", "1"));
    try (Watch<ConfigMap> watch =
        maps.watch(
            ListOptions.ALL.withLabels("name=x").from(a.getMetadata().getResourceVersion()))) {
      ConfigMap matching =
          maps.update(
              a.toBuilder()
                  .setMetadata(a.getMetadata().toBuilder().putLabels("name", "x"))
                  .build());
      ConfigMap ignored =
          maps.update(
              matching.toBuilder()
                  .setMetadata(matching.getMetadata().toBuilder().putLabels("name", "y"))
                  .build());
      assertThat(next(watch).type()).isEqualTo(WatchEvent.Type.ADDED);
      assertThat(next(watch).type()).isEqualTo(WatchEvent.Type.DELETED);
    }
  }

  @Test
  void aSlowReaderOfAWatchMissesNothing() throws InterruptedException {
    ConfigMap a = maps.create(map("a", "0"));
    int changes = 2_000;
    try (Watch<ConfigMap> watch =
        maps.watch(ListOptions.ALL.from(a.getMetadata().getResourceVersion()))) {
      for (int i = 1; i <= changes; i++) {
        a = maps.update(a.toBuilder().putData("k", Integer.toString(i)).build());
      }
      List<String> seen = new ArrayList<>();
      for (int i = 0; i < changes; i++) {
        seen.add(next(watch).object().getDataMap().get("k"));
      }
      assertThat(seen).hasSize(changes).startsWith("1", "2").endsWith("1999", "2000");
    }
  }

  @Test
  void aWatchThatExpiredSaysSo() throws InterruptedException {
    ConfigMap a = maps.create(map("a", "0"));
    try (Watch<ConfigMap> watch =
        maps.watch(ListOptions.ALL.from(a.getMetadata().getResourceVersion()))) {
      ConfigMap ignored = maps.update(a.toBuilder().putData("k", "1").build());
      assertThat(next(watch).type()).isEqualTo(WatchEvent.Type.MODIFIED);
      api.expireWatches();
      assertThatThrownBy(() -> watch.next(PATIENCE))
          .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isExpired()).isTrue());
    }
    assertThatThrownBy(
            () -> {
              try (Watch<ConfigMap> late = maps.watch(ListOptions.ALL.from("1"))) {
                Optional<WatchEvent<ConfigMap>> ignored = late.next(PATIENCE);
              }
            })
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.isExpired()).isTrue());
  }

  @Test
  void closingAWatchEndsABlockedReader() throws InterruptedException {
    Watch<ConfigMap> watch = maps.watch(ListOptions.ALL);
    List<Throwable> ended = new ArrayList<>();
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Optional<WatchEvent<ConfigMap>> ignored = watch.next(Duration.ofMinutes(1));
              } catch (IllegalStateException | InterruptedException e) {
                ended.add(e);
              }
            });
    watch.close();
    assertThat(reader.join(PATIENCE)).isTrue();
    assertThat(ended).singleElement().isInstanceOf(IllegalStateException.class);
  }

  private static WatchEvent<ConfigMap> next(Watch<ConfigMap> watch) throws InterruptedException {
    return watch.next(PATIENCE).orElseThrow();
  }

  private static ConfigMap map(String name, String value) {
    return ConfigMap.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder().setNamespace("default").setName(name).putLabels("name", name))
        .putData("k", value)
        .build();
  }

  private static Pod pod(String name) {
    return Pod.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName(name))
        .build();
  }
}
