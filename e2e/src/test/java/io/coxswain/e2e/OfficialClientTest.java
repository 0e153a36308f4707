package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonParser;
import io.kubernetes.client.Attach;
import io.kubernetes.client.Copy;
import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.PortForward;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Eviction;
import io.kubernetes.client.openapi.models.V1LeaseSpec;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import io.kubernetes.client.util.CallGeneratorParams;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.Yaml;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesObject;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
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

/// A Java program with the official client library does what its documentation shows.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(FailureLogs.class)
final class OfficialClientTest {

  private static final String SPACE = "official";
  private static final Duration SOON = Duration.ofSeconds(60);

  private final TestCluster cluster = TestCluster.prepared();
  private ApiClient client;
  private CoreV1Api core;
  private AppsV1Api apps;

  @BeforeAll
  void up() throws Exception {
    cluster.coxswain("up").succeeded();
    client = Config.fromConfig(cluster.kubeconfig().toString());
    client.setReadTimeout(0); // watches
    core = new CoreV1Api(client);
    apps = new AppsV1Api(client);
    var _ =
        core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(SPACE))).execute();
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> core.readNamespacedServiceAccount("default", SPACE).execute() != null);
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  private static V1ConfigMap map(String name, String value) {
    return new V1ConfigMap()
        .metadata(new V1ObjectMeta().name(name).labels(Map.of("app", "clients")))
        .data(Map.of("v", value));
  }

  @Test
  @Order(1)
  void objectsAreMadeReadChangedAndRemoved() throws Exception {
    V1ConfigMap made = core.createNamespacedConfigMap(SPACE, map("crud", "1")).execute();
    assertThat(made.getMetadata().getUid()).isNotEmpty();

    V1ConfigMap changed =
        core.replaceNamespacedConfigMap("crud", SPACE, made.data(Map.of("v", "2"))).execute();
    assertThat(changed.getData()).containsEntry("v", "2");
    assertThatThrownBy(() ->
            core.replaceNamespacedConfigMap("crud", SPACE, made.data(Map.of("v", "3"))).execute())
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getCode()).isEqualTo(409));

    assertThat(
            core.listNamespacedConfigMap(SPACE).labelSelector("app=clients").execute().getItems())
        .hasSize(1);
    var _ = core.deleteNamespacedConfigMap("crud", SPACE).execute();
    assertThatThrownBy(() -> core.readNamespacedConfigMap("crud", SPACE).execute())
        .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.getCode()).isEqualTo(404));
  }

  private V1Deployment patch(String json, String type, String manager) throws ApiException {
    boolean apply = type.equals(V1Patch.PATCH_FORMAT_APPLY_YAML);
    return PatchUtils.patch(
        V1Deployment.class,
        () -> {
          var request =
              apps.patchNamespacedDeployment("web", SPACE, new V1Patch(json)).fieldManager(manager);
          return (apply ? request.force(false) : request).buildCall(null);
        },
        type,
        client);
  }

  private static String deployment(int replicas) {
    return """
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
     "spec": {"replicas": %d, "selector": {"matchLabels": {"app": "web"}},
      "template": {"metadata": {"labels": {"app": "web"}},
       "spec": {"terminationGracePeriodSeconds": 1, "containers": [
        {"name": "main", "image": "host:///", "command": ["sleep", "3600"]}]}}}}
    """
        .formatted(replicas);
  }

  @Test
  @Order(2)
  void everyKindOfPatchIsUnderstood() throws Exception {
    // the library leaves out who wrote what: the conflict tells it
    assertThat(patch(deployment(1), V1Patch.PATCH_FORMAT_APPLY_YAML, "one").getSpec().getReplicas())
        .isEqualTo(1);
    assertThatThrownBy(() -> patch(deployment(2), V1Patch.PATCH_FORMAT_APPLY_YAML, "two"))
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.getCode()).isEqualTo(409);
              assertThat(e.getResponseBody())
                  .contains("conflict with \\\"one\\\"", ".spec.replicas");
            });

    V1Deployment merged =
        patch(
            "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}]}}}}",
            V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH,
            "three");
    assertThat(merged.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage())
        .isEqualTo("host:///");
    assertThat(
            patch(
                    "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":0}]",
                    V1Patch.PATCH_FORMAT_JSON_PATCH,
                    "three")
                .getSpec()
                .getReplicas())
        .isZero();
    assertThat(
            patch(
                    "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}",
                    V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH,
                    "three")
                .getMetadata()
                .getLabels())
        .containsEntry("a", "b");
    var _ = apps.deleteNamespacedDeployment("web", SPACE).execute();
  }

  @Test
  @Order(3)
  void aWatchTellsChangesAndBookmarks() throws Exception {
    String version =
        core.listNamespacedConfigMap(SPACE).execute().getMetadata().getResourceVersion();
    List<String> told = new ArrayList<>();
    Type type = new com.google.gson.reflect.TypeToken<Watch.Response<V1ConfigMap>>() {}.getType();
    try (Watch<V1ConfigMap> watch =
        Watch.createWatch(
            client,
            core.listNamespacedConfigMap(SPACE)
                .labelSelector("app=clients")
                .resourceVersion(version)
                .allowWatchBookmarks(true)
                .timeoutSeconds(5)
                .watch(true)
                .buildCall(null),
            type)) {
      V1ConfigMap made = core.createNamespacedConfigMap(SPACE, map("seen", "1")).execute();
      var _ = core.replaceNamespacedConfigMap("seen", SPACE, made.data(Map.of("v", "2"))).execute();
      var _ = core.deleteNamespacedConfigMap("seen", SPACE).execute();
      watch.forEach(event -> told.add(event.type));
    }
    assertThat(told).startsWith("ADDED", "MODIFIED", "DELETED").last().isIn("DELETED", "BOOKMARK");
  }

  @Test
  @Order(4)
  void anInformerOutlivesTheServer() throws Exception {
    Queue<String> added = new ConcurrentLinkedQueue<>();
    Queue<String> removed = new ConcurrentLinkedQueue<>();
    SharedInformerFactory factory = new SharedInformerFactory(client);
    SharedIndexInformer<V1ConfigMap> informer =
        factory.sharedIndexInformerFor(
            (CallGeneratorParams params) ->
                core.listNamespacedConfigMap(SPACE)
                    .labelSelector("app=clients")
                    .resourceVersion(params.resourceVersion)
                    .timeoutSeconds(params.timeoutSeconds)
                    .watch(params.watch)
                    .buildCall(null),
            V1ConfigMap.class,
            V1ConfigMapList.class,
            1000);
    informer.addEventHandler(
        new ResourceEventHandler<V1ConfigMap>() {
          @Override
          public void onAdd(V1ConfigMap object) {
            added.add(object.getMetadata().getName());
          }

          @Override
          public void onUpdate(V1ConfigMap before, V1ConfigMap after) {}

          @Override
          public void onDelete(V1ConfigMap object, boolean unknown) {
            removed.add(object.getMetadata().getName());
          }
        });
    factory.startAllRegisteredInformers();
    try {
      await().atMost(SOON).until(informer::hasSynced);
      var _ = core.createNamespacedConfigMap(SPACE, map("before", "1")).execute();
      await().atMost(SOON).until(() -> added.contains("before"));

      ProcessHandle.of(cluster.pid("all-in-one")).ifPresent(ProcessHandle::destroyForcibly);
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> core.createNamespacedConfigMap(SPACE, map("after", "1")).execute() != null);
      var _ = core.deleteNamespacedConfigMap("before", SPACE).execute();

      // What a list shows anew, this library tells its handlers only while it resyncs: the index is
      // what counts, and the handlers hear of what comes after.
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(informer.getIndexer().listKeys()).containsExactly(SPACE + "/after"));
      var _ = core.createNamespacedConfigMap(SPACE, map("later", "1")).execute();
      await().atMost(SOON).until(() -> added.contains("later"));
      assertThat(removed).containsExactly("before");
    } finally {
      factory.stopAllRegisteredInformers();
    }
  }

  private static DynamicKubernetesObject dynamic(String json) {
    return new DynamicKubernetesObject(JsonParser.parseString(json).getAsJsonObject());
  }

  @Test
  @Order(5)
  void kindsThatPeopleDefineAreServedGenerically() throws Exception {
    DynamicKubernetesApi definitions =
        new DynamicKubernetesApi("apiextensions.k8s.io", "v1", "customresourcedefinitions", client);
    var _ =
        definitions
            .create(
                dynamic(
                    """
                    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                     "metadata": {"name": "boats.example.com"},
                     "spec": {"group": "example.com", "scope": "Namespaced",
                      "names": {"plural": "boats", "singular": "boat", "kind": "Boat"},
                      "versions": [{"name": "v1", "served": true, "storage": true,
                       "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                        "spec": {"type": "object", "properties": {"seats": {"type": "integer", "minimum": 1}}}}}}}]}}
                    """))
            .throwsApiException();
    DynamicKubernetesApi boats = new DynamicKubernetesApi("example.com", "v1", "boats", client);
    String boat =
        """
        {"apiVersion": "example.com/v1", "kind": "Boat", "metadata": {"name": "four", "namespace": "official"},
         "spec": {"seats": %d}}
        """;
    await().atMost(SOON).until(() -> boats.create(dynamic(boat.formatted(4))).isSuccess());

    assertThat(boats.create(dynamic(boat.replace("four", "none").formatted(0))).getHttpStatusCode())
        .isEqualTo(422);
    assertThat(boats.list(SPACE).getObject().getItems()).hasSize(1);
    DynamicKubernetesObject found = boats.get(SPACE, "four").getObject();
    assertThat(found.getRaw().getAsJsonObject("spec").get("seats").getAsInt()).isEqualTo(4);
    assertThat(boats.delete(SPACE, "four").isSuccess()).isTrue();
    assertThat(definitions.delete("boats.example.com").isSuccess()).isTrue();
  }

  private void startTalker() throws Exception {
    var _ =
        core.createNamespacedPod(SPACE, Yaml.loadAs(Talker.MANIFEST.formatted(SPACE), V1Pod.class))
            .execute();
    await()
        .atMost(SOON)
        .until(() ->
            core
                .readNamespacedPodStatus("talker", SPACE)
                .execute()
                .getStatus()
                .getConditions()
                .stream()
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")));
  }

  private static String text(InputStream stream) throws Exception {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  @Order(6)
  void programsRunInsideAPod() throws Exception {
    startTalker();
    Process process =
        new Exec(client)
            .exec(
                SPACE,
                "talker",
                new String[] {"sh", "-c", "echo out; exit 3"},
                "main",
                false,
                false);
    assertThat(text(process.getInputStream())).isEqualTo("out\n");
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(3);
    process.destroy();
  }

  @Test
  @Order(7)
  void logsAreFollowedWhileSomebodyTalksToThePod() throws Exception {
    try (InputStream logs = new PodLogs(client).streamNamespacedPodLog(SPACE, "talker", "main");
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(logs, StandardCharsets.UTF_8));
        Attach.AttachResult attached =
            new Attach(client).attach(SPACE, "talker", "main", true, false)) {
      assertThat(lines.readLine()).isEqualTo("hello");
      OutputStream in = attached.getStandardInputStream();
      in.write("you\n".getBytes(StandardCharsets.UTF_8));
      in.flush();
      assertThat(lines.readLine()).isEqualTo("heard you");
    }
  }

  @Test
  @Order(8)
  void filesAreCopiedIntoAPodAndOut() throws Exception {
    byte[] content = "x".repeat(300_000).getBytes(StandardCharsets.UTF_8);
    Copy copy = new Copy(client);
    copy.copyFileToPod(SPACE, "talker", "main", content, Path.of("/tmp/copied"));

    try (InputStream back = copy.copyFileFromPod(SPACE, "talker", "main", "/tmp/copied")) {
      assertThat(back.readAllBytes()).isEqualTo(content);
    }
  }

  @Test
  @Order(9)
  void portsAreForwarded() throws Exception {
    try (PortForward.PortForwardResult forward =
        new PortForward(client).forward(SPACE, "talker", List.of(8080))) {
      OutputStream out = forward.getOutboundStream(8080);
      out.write("ahoy\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(forward.getInputStream(8080), StandardCharsets.UTF_8));
      assertThat(in.readLine()).isEqualTo("you said ahoy");
    }
  }

  @Test
  @Order(10)
  void tokensAreIssuedAndPodsEvicted() throws Exception {
    AuthenticationV1TokenRequest asked =
        core.createNamespacedServiceAccountToken(
                "default",
                SPACE,
                new AuthenticationV1TokenRequest()
                    .spec(new V1TokenRequestSpec().audiences(List.of()).expirationSeconds(600L)))
            .execute();
    assertThat(asked.getStatus().getToken()).contains(".");

    // the library reads the answer, a Status, as an Eviction, and fails: so it is only sent
    try (var answer =
        core.createNamespacedPodEviction(
                "talker",
                SPACE,
                new V1Eviction().metadata(new V1ObjectMeta().name("talker").namespace(SPACE)))
            .buildCall(null)
            .execute()) {
      assertThat(answer.code()).isEqualTo(201);
    }
    await().atMost(SOON).until(() -> core.listNamespacedPod(SPACE).execute().getItems().isEmpty());
  }

  /// The library's own election is in another artifact; this one goes by the API of leases alone.
  @Test
  @Order(11)
  void ofManyCandidatesOneLeadsAndWhenItStopsAnother() throws Exception {
    Queue<String> leaders = new ConcurrentLinkedQueue<>();
    List<LeaseElector> candidates = new ArrayList<>();
    try {
      for (String name : List.of("a", "b", "c")) {
        candidates.add(LeaseElector.start(client, SPACE, "helm", name, () -> leaders.add(name)));
      }
      await().atMost(SOON).until(() -> !leaders.isEmpty());
      String first = leaders.peek();
      // Each has looked at the lease meanwhile, and left it to its holder.
      await().atMost(SOON).until(() -> candidates.stream().allMatch(each -> each.looks() > 8));
      assertThat(leaders).containsExactly(first);
      assertThat(lease().getHolderIdentity()).isEqualTo(first);

      candidates.stream().filter(LeaseElector::leads).forEach(LeaseElector::close);
      await().atMost(SOON).until(() -> leaders.size() == 2);
      assertThat(leaders).doesNotHaveDuplicates();
      assertThat(lease().getLeaseTransitions()).isEqualTo(1);
    } finally {
      candidates.forEach(LeaseElector::close);
    }
  }

  private V1LeaseSpec lease() throws ApiException {
    return new CoordinationV1Api(client).readNamespacedLease("helm", SPACE).execute().getSpec();
  }
}
