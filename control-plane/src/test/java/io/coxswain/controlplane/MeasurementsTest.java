package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// `metrics.k8s.io` over REST: n1's agent tells what it uses, n2 has no agent.
class MeasurementsTest {

  private static final String API = "/apis/metrics.k8s.io/v1beta1";

  @TempDir static Path folder;

  private static TestPlane api;
  private static FakeAgent agent;

  @BeforeAll
  static void start() throws Exception {
    api = TestPlane.start(folder.resolve("server"));
    for (String node : List.of("n1", "n2")) {
      create(
          "/api/v1/nodes",
          "{'metadata':{'name':'" + node + "','labels':{'disk':'" + node + "-ssd'}}}");
    }
    create("/api/v1/namespaces", "{'metadata':{'name':'other'}}");
    api.account("other", "default");
    String web = pod("default", "web", "n1");
    String idle = pod("other", "idle", "n1");
    pod("default", "silent", "n2");
    pod("default", "not-begun", "n1");
    agent = new FakeAgent(api.plane, "n1");
    agent.statistics =
        """
        {"node":{"nodeName":"n1",%s},"pods":[
          {"podRef":{"uid":"%s"},%s,"containers":[
            {"name":"main",%s},{"name":"helper",%s}]},
          {"podRef":{"uid":"%s"},%s,"containers":[{"name":"main",%s}]},
          {"podRef":{"uid":"stranger"},%s,"containers":[{"name":"main",%s}]}]}
        """
            .formatted(
                stats(1_500_000_000, 3L << 30),
                web,
                stats(250_000_000, 64 << 20),
                stats(200_000_000, 48 << 20),
                stats(50_000_000, 16 << 20),
                idle,
                stats(0, 1 << 20),
                stats(1, 1 << 20),
                stats(0, 0),
                stats(0, 0));
    await().until(() -> api.plane.nodes().isConnected("n1"));
  }

  @AfterAll
  static void stop() {
    agent.close();
    api.close();
  }

  private static String stats(long nanoCores, long bytes) {
    return """
    "cpu":{"time":"2026-11-23T12:00:00Z","usageNanoCores":%d,"windowMillis":15250},\
    "memory":{"workingSetBytes":%d}\
    """
        .formatted(nanoCores, bytes);
  }

  private static JsonNode create(String path, String json) throws Exception {
    HttpResponse<String> answer = api.post(path, json.replace('\'', '"'));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  private static String pod(String namespace, String name, String node) throws Exception {
    return create(
            "/api/v1/namespaces/" + namespace + "/pods",
            "{'metadata':{'name':'"
                + name
                + "','labels':{'app':'"
                + name
                + "'}},'spec':{'nodeName':'"
                + node
                + "','containers':[{'name':'main','image':'i'}]}}")
        .at("/metadata/uid")
        .asString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/nodes | n1",
        "/nodes?labelSelector=disk%3Dn1-ssd | n1",
        "/nodes?labelSelector=disk%3Dn2-ssd | ''",
        "/pods | web idle",
        "/namespaces/default/pods | web",
        "/namespaces/other/pods | idle",
        "/pods?labelSelector=app%3Didle | idle",
        "/pods?fieldSelector=metadata.name%3Dweb | web",
        "/namespaces/none/pods | ''",
      })
  void listsWhatAnswersAndIsChosen(String path, String names) throws Exception {
    HttpResponse<String> answer = api.get(API + path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    List<String> found = new ArrayList<>();
    TestPlane.json(answer)
        .at("/items")
        .forEach(item -> found.add(item.at("/metadata/name").asString()));
    assertThat(String.join(" ", found)).isEqualTo(names);
  }

  @Test
  void aPodsContainersAreMeasuredOneByOne() throws Exception {
    JsonNode pod = TestPlane.json(api.get(API + "/namespaces/default/pods/web"));
    assertThat(pod.toString())
        .isEqualTo(
            """
            {"kind":"PodMetrics","apiVersion":"metrics.k8s.io/v1beta1",\
            "metadata":{"name":"web","namespace":"default",\
            "creationTimestamp":"2026-11-23T12:00:00Z","labels":{"app":"web"}},\
            "timestamp":"2026-11-23T12:00:00Z","window":"15.25s","containers":[\
            {"name":"main","usage":{"cpu":"200m","memory":"48Mi"}},\
            {"name":"helper","usage":{"cpu":"50m","memory":"16Mi"}}]}\
            """);
  }

  @Test
  void aNodeIsMeasuredAsAWhole() throws Exception {
    JsonNode node = TestPlane.json(api.get(API + "/nodes/n1"));
    assertThat(node.at("/kind").asString()).isEqualTo("NodeMetrics");
    assertThat(node.at("/usage").toString()).isEqualTo("{\"cpu\":\"1500m\",\"memory\":\"3Gi\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "/nodes/n2, nodes.metrics.k8s.io \"n2\" not found",
    "/nodes/n3, nodes.metrics.k8s.io \"n3\" not found",
    "/namespaces/default/pods/silent, pods.metrics.k8s.io \"silent\" not found",
    "/namespaces/default/pods/not-begun, pods.metrics.k8s.io \"not-begun\" not found",
    "/namespaces/default/pods/none, pods.metrics.k8s.io \"none\" not found",
  })
  void whatCannotBeMeasuredIsNotFound(String path, String message) throws Exception {
    HttpResponse<String> answer = api.get(API + path);
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(TestPlane.json(answer).at("/message").asString()).startsWith(message);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /namespaces/default/pods",
    "PUT, /namespaces/default/pods/web",
    "DELETE, /namespaces/default/pods/web",
    "DELETE, /nodes",
    "GET, /nodes?watch=true",
  })
  void nothingButReadingIsPossible(String method, String path) throws Exception {
    HttpRequest.Builder request = api.request(API + path);
    assertThat(
            api.send(
                    request
                        .header("content-type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString("{}")))
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void discoveryTellsThatItIsOnlyRead() throws Exception {
    JsonNode list = TestPlane.json(api.get(API));
    assertThat(list.at("/resources").size()).isEqualTo(2);
    list.at("/resources")
        .forEach(resource ->
            assertThat(resource.at("/verbs").toString()).isEqualTo("[\"get\",\"list\"]"));
    assertThat(api.get("/apis").body()).contains("metrics.k8s.io/v1beta1");
  }

  @Test
  void openApiExplainsTheFields() throws Exception {
    JsonNode schemas = TestPlane.json(api.get("/openapi/v3" + API)).at("/components/schemas");
    assertThat(
            schemas
                .path("io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics")
                .at("/properties/containers/description")
                .asString(""))
        .isEqualTo("Those that run.");
  }

  @Test
  void tablesShowTheSum() throws Exception {
    HttpResponse<String> answer =
        api.send(
            api.request(API + "/namespaces/default/pods")
                .header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io"));
    assertThat(TestPlane.json(answer).at("/rows/0/cells").toString())
        .isEqualTo("[\"web\",\"250m\",\"64Mi\",\"15.25s\"]");
  }
}
