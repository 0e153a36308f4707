package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A Java program with the fabric8 client library does what its documentation shows. The library
/// watches by WebSockets.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(FailureLogs.class)
final class FabricClientTest {

  private static final String SPACE = "fabric";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager("one")
          .build();

  private final TestCluster cluster = TestCluster.prepared();
  private KubernetesClient client;

  @BeforeAll
  void up() {
    cluster.coxswain("up").succeeded();
    client = connect();
    var _ =
        client
            .resource(
                new NamespaceBuilder().withNewMetadata().withName(SPACE).endMetadata().build())
            .create();
    await()
        .atMost(SOON)
        .until(() -> client.serviceAccounts().inNamespace(SPACE).withName("default").get() != null);
  }

  private KubernetesClient connect() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
        .build();
  }

  @AfterAll
  void down() {
    if (client != null) {
      client.close();
    }
    cluster.close();
  }

  private static ConfigMap map(String name, String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(SPACE)
        .addToLabels("app", "clients")
        .endMetadata()
        .addToData("v", value)
        .build();
  }

  @Test
  @Order(1)
  void objectsAreMadeReadChangedAndRemoved() {
    Resource<ConfigMap> crud = client.resource(map("crud", "1"));
    String old = crud.create().getMetadata().getResourceVersion();

    ConfigMap edited = crud.edit(m -> new ConfigMapBuilder(m).addToData("w", "2").build());
    assertThat(edited.getData()).isEqualTo(Map.of("v", "1", "w", "2"));
    ConfigMap stale = map("crud", "3");
    stale.getMetadata().setResourceVersion(old);
    assertThatThrownBy(() -> client.resource(stale).lockResourceVersion(old).update())
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409));

    assertThat(client.configMaps().inNamespace(SPACE).withLabel("app", "clients").list().getItems())
        .hasSize(1);
    assertThat(crud.delete()).hasSize(1);
    assertThat(crud.get()).isNull();
  }

  @Test
  @Order(2)
  void patchesAndAppliedConfigurationsAreUnderstood() {
    ConfigMap applied = client.resource(map("applied", "1")).patch(APPLY);
    assertThat(applied.getMetadata().getManagedFields().getFirst().getManager()).isEqualTo("one");
    PatchContext other =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("two")
            .withForce(false)
            .build();
    assertThatThrownBy(() -> client.resource(map("applied", "2")).patch(other))
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            e -> {
              assertThat(e.getCode()).isEqualTo(409);
              assertThat(e.getMessage()).contains("conflict with \"one\"");
            });
    Resource<ConfigMap> there = client.configMaps().inNamespace(SPACE).withName("applied");
    assertThat(
            there
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"merged\":\"1\"}}")
                .getData())
        .containsKey("merged");
    assertThat(
            there
                .patch(
                    PatchContext.of(PatchType.JSON),
                    "[{\"op\":\"remove\",\"path\":\"/data/merged\"}]")
                .getData())
        .doesNotContainKey("merged");
    var _ = there.delete();
  }

  @Test
  @Order(3)
  void anInformerOutlivesTheServer() {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    ResourceEventHandler<ConfigMap> handler =
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(ConfigMap object) {
            told.add("+" + object.getMetadata().getName());
          }

          @Override
          public void onUpdate(ConfigMap before, ConfigMap after) {}

          @Override
          public void onDelete(ConfigMap object, boolean unknown) {
            told.add("-" + object.getMetadata().getName());
          }
        };
    try (SharedIndexInformer<ConfigMap> informer =
        client.configMaps().inNamespace(SPACE).withLabel("app", "clients").inform(handler, 1000)) {
      var _ = client.resource(map("before", "1")).create();
      await().atMost(SOON).until(() -> told.contains("+before"));

      ProcessHandle.of(cluster.pid("all-in-one")).ifPresent(ProcessHandle::destroyForcibly);
      await()
          .atMost(SOON)
          .ignoreExceptions()
          // a try whose answer was lost may have made it
          .until(() ->
              client.resource(map("after", "1")).createOr(NonDeletingOperation::update) != null);
      var _ = client.resource(map("before", "1")).delete();

      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(told).containsExactly("+before", "+after", "-before"));
      assertThat(informer.getStore().listKeys()).containsExactly(SPACE + "/after");
    }
  }

  /// One candidate, who leads until its client is closed under it.
  private CompletableFuture<?> candidate(KubernetesClient own, String name, Queue<String> leaders) {
    return own.leaderElector()
        .withConfig(
            new LeaderElectionConfigBuilder()
                .withName("boat")
                .withLock(new LeaseLock(SPACE, "boat", name))
                .withLeaseDuration(Duration.ofSeconds(4))
                .withRenewDeadline(Duration.ofSeconds(3))
                .withRetryPeriod(Duration.ofMillis(500))
                .withLeaderCallbacks(
                    new LeaderCallbacks(() -> leaders.add(name), () -> {}, _ -> {}))
                .build())
        .build()
        .start();
  }

  @Test
  @Order(4)
  void whenALeaderDiesTheOtherTakesOver() {
    Queue<String> leaders = new ConcurrentLinkedQueue<>();
    KubernetesClient first = connect();
    CompletableFuture<?> one = candidate(first, "first", leaders);
    await().atMost(SOON).until(() -> leaders.contains("first"));
    CompletableFuture<?> two = candidate(client, "second", leaders);
    try {
      assertThat(
              client
                  .leases()
                  .inNamespace(SPACE)
                  .withName("boat")
                  .get()
                  .getSpec()
                  .getHolderIdentity())
          .isEqualTo("first");
      first.close();
      await().atMost(SOON).until(() -> leaders.contains("second"));
      assertThat(leaders).containsExactly("first", "second");
    } finally {
      one.cancel(true);
      two.cancel(true);
    }
  }

  private PodResource talker() {
    return client.pods().inNamespace(SPACE).withName("talker");
  }

  @Test
  @Order(5)
  void programsRunInsideAPod() throws Exception {
    var _ = client.resource(Talker.MANIFEST.formatted(SPACE)).create();
    var _ = talker().waitUntilReady(SOON.toSeconds(), TimeUnit.SECONDS);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ExecWatch run =
        talker().inContainer("main").writingOutput(out).exec("sh", "-c", "echo out; exit 3")) {
      assertThat(run.exitCode().get(30, TimeUnit.SECONDS)).isEqualTo(3);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("out\n");
  }

  @Test
  @Order(6)
  void logsAreFollowedWhileSomebodyTalksToThePod() throws Exception {
    try (LogWatch logs = talker().inContainer("main").watchLog();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(logs.getOutput(), StandardCharsets.UTF_8));
        ExecWatch attached = talker().inContainer("main").redirectingInput().attach()) {
      assertThat(lines.readLine()).isEqualTo("hello");
      attached.getInput().write("you\n".getBytes(StandardCharsets.UTF_8));
      attached.getInput().flush();
      assertThat(lines.readLine()).isEqualTo("heard you");
    }
  }

  @Test
  @Order(7)
  void filesAreCopiedIntoAPodAndOut(@TempDir Path folder) throws Exception {
    byte[] content = "x".repeat(300_000).getBytes(StandardCharsets.UTF_8);
    Path sent = Files.write(folder.resolve("sent"), content);
    Path back = folder.resolve("back");

    assertThat(talker().inContainer("main").file("/tmp/copied").upload(sent)).isTrue();
    assertThat(talker().inContainer("main").file("/tmp/copied").copy(back)).isTrue();

    assertThat(back).hasBinaryContent(content);
  }

  @Test
  @Order(8)
  void portsAreForwarded() throws Exception {
    try (LocalPortForward forward = talker().portForward(8080);
        Socket socket = new Socket(forward.getLocalAddress(), forward.getLocalPort())) {
      socket.getOutputStream().write("ahoy\n".getBytes(StandardCharsets.UTF_8));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(in.readLine()).isEqualTo("you said ahoy");
    }
  }
}
