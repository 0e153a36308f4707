package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Kinds that people define in several versions, with a real webhook; and their objects' owners and
/// namespaces, with the controllers that look after both.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CustomVersionsTest {

  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path folder;
  private TestPlane plane;
  private HttpsServer webhook;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.startWithControllers(folder);
    Credentials serving =
        plane
            .plane
            .pki()
            .serving("webhook", "webhook", List.of("localhost", "127.0.0.1", "conv.default.svc"));
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(new KeyManager[] {new Tls.RotatingKey(serving)}, null, null);
    webhook = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    webhook.setHttpsConfigurator(new HttpsConfigurator(tls));
    webhook.createContext("/convert", CustomVersionsTest::convert);
    webhook.start();
  }

  @AfterAll
  void stop() {
    webhook.stop(0);
    plane.close();
  }

  /// v1 has `spec.hostPort`, v2 has `spec.host` and `spec.port`.
  private static void convert(HttpExchange exchange) throws IOException {
    JsonNode review = JSON.readTree(exchange.getRequestBody().readAllBytes());
    String wanted = review.at("/request/desiredAPIVersion").asString();
    ObjectNode answer = JSON.createObjectNode();
    answer.put("kind", "ConversionReview").put("apiVersion", "apiextensions.k8s.io/v1");
    ObjectNode response = answer.putObject("response");
    response.put("uid", review.at("/request/uid").asString());
    response.putObject("result").put("status", "Success");
    var converted = response.putArray("convertedObjects");
    for (JsonNode object : review.at("/request/objects")) {
      ObjectNode next = (ObjectNode) object.deepCopy();
      next.put("apiVersion", wanted);
      ObjectNode spec = (ObjectNode) next.get("spec");
      if (wanted.endsWith("/v2")) {
        String[] parts = spec.path("hostPort").asString().split(":", 2);
        spec.remove("hostPort");
        spec.put("host", parts[0]).put("port", parts[1]);
      } else {
        spec.put("hostPort", spec.path("host").asString() + ":" + spec.path("port").asString());
        spec.remove(List.of("host", "port"));
      }
      converted.add(next);
    }
    byte[] body = JSON.writeValueAsBytes(answer);
    exchange.sendResponseHeaders(200, 0); // in chunks
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static String definition(String plural, String kind, String conversion) {
    String schema =
        "{\"openAPIV3Schema\": {\"type\": \"object\", \"properties\": {\"spec\": {\"type\":"
            + " \"object\", \"properties\": {%s}}}}}";
    String one = schema.formatted("\"hostPort\": {\"type\": \"string\"}");
    String two =
        schema.formatted("\"host\": {\"type\": \"string\"}, \"port\": {\"type\": \"string\"}");
    return """
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
     "metadata": {"name": "%1$s.example.com"},
     "spec": {"group": "example.com", "scope": "Namespaced",
      "names": {"plural": "%1$s", "kind": "%2$s"}, "conversion": %3$s,
      "versions": [
       {"name": "v1", "served": true, "storage": true, "schema": %4$s,
        "selectableFields": [{"jsonPath": ".spec.hostPort"}]},
       {"name": "v2", "served": true, "storage": false, "schema": %5$s,
        "selectableFields": [{"jsonPath": ".spec.host"}, {"jsonPath": ".spec.port"}]}]}}
    """
        .formatted(plural, kind, conversion, one, two);
  }

  private JsonNode created(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  private JsonNode got(String path) throws Exception {
    HttpResponse<String> answer = plane.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestPlane.json(answer);
  }

  private static String object(String version, String kind, String name, String spec) {
    return """
    {"apiVersion": "example.com/%s", "kind": "%s",
     "metadata": {"name": "%s", "labels": {"app": "x"}}, "spec": %s}
    """
        .formatted(version, kind, name, spec);
  }

  private static String home(String version, String plural) {
    return "/apis/example.com/" + version + "/namespaces/default/" + plural;
  }

  private String byWebhook() {
    String bundle =
        Base64.getEncoder()
            .encodeToString(
                Pem.encode(plane.plane.pki().authority()).getBytes(StandardCharsets.UTF_8));
    String url = "https://localhost:" + webhook.getAddress().getPort() + "/convert";
    return """
    {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"],
     "clientConfig": {"url": "%s", "caBundle": "%s"}}}
    """
        .formatted(url, bundle);
  }

  private List<String> names(String path) throws Exception {
    return got(path)
        .path("items")
        .valueStream()
        .map(item -> item.at("/metadata/name").asString())
        .toList();
  }

  @Test
  void fieldsAreSelectedInTheVersionThatIsRead() throws Exception {
    created(DEFINITIONS, definition("doors", "Door", byWebhook()));
    String start = got(home("v2", "doors")).at("/metadata/resourceVersion").asString();
    created(home("v2", "doors"), object("v2", "Door", "a", spec("one", "80")));
    created(home("v2", "doors"), object("v2", "Door", "b", spec("one", "81")));
    created(home("v2", "doors"), object("v2", "Door", "c", spec("two", "80")));

    assertThat(names(home("v2", "doors") + "?fieldSelector=spec.host%3Done"))
        .containsExactly("a", "b");
    assertThat(names(home("v2", "doors") + "?fieldSelector=spec.host%3Done,spec.port%3D81"))
        .containsExactly("b");
    assertThat(names(home("v1", "doors") + "?fieldSelector=spec.hostPort%3Dtwo:80"))
        .containsExactly("c");

    JsonNode b = got(home("v2", "doors") + "/b");
    ((ObjectNode) b.path("spec")).put("host", "three");
    assertThat(
            plane
                .send(
                    plane
                        .request(home("v2", "doors") + "/b")
                        .header("Content-Type", "application/json")
                        .PUT(BodyPublishers.ofString(b.toString())))
                .statusCode())
        .isEqualTo(200);
    assertThat(events(home("v2", "doors") + "?watch=1&fieldSelector=spec.host%3Done", start))
        .containsExactly("ADDED a", "ADDED b", "DELETED b");
    assertThat(
            events(home("v1", "doors") + "?watch=1&fieldSelector=spec.hostPort%3Dthree:81", start))
        .containsExactly("ADDED b");
  }

  private static String spec(String host, String port) {
    return "{\"host\": \"%s\", \"port\": \"%s\"}".formatted(host, port);
  }

  /// What a watch tells of the past until it is over.
  private List<String> events(String path, String since) throws Exception {
    HttpResponse<String> answer = plane.get(path + "&timeoutSeconds=1&resourceVersion=" + since);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer
        .body()
        .lines()
        .map(JSON::readTree)
        .filter(event -> !event.path("type").asString().equals("BOOKMARK"))
        .map(event ->
            event.path("type").asString() + " " + event.at("/object/metadata/name").asString())
        .toList();
  }

  @Test
  void aWebhookConvertsBothWays() throws Exception {
    created(DEFINITIONS, definition("routes", "Route", byWebhook()));
    created(home("v1", "routes"), object("v1", "Route", "a", "{\"hostPort\": \"one:80\"}"));
    JsonNode b =
        created(
            home("v2", "routes"),
            object("v2", "Route", "b", "{\"host\": \"two\", \"port\": \"81\"}"));
    assertThat(b.path("apiVersion").asString()).isEqualTo("example.com/v2");

    assertThat(got(home("v2", "routes") + "/a").path("spec").toString())
        .isEqualTo("{\"host\":\"one\",\"port\":\"80\"}");
    assertThat(got(home("v1", "routes") + "/b").path("spec").toString())
        .isEqualTo("{\"hostPort\":\"two:81\"}");
    JsonNode list = got(home("v2", "routes") + "?labelSelector=app=x");
    assertThat(list.path("items").size()).isEqualTo(2);
    assertThat(list.at("/items/0/spec/host").asString()).isEqualTo("one");
    HttpResponse<String> watched =
        plane.get(home("v2", "routes") + "?watch=1&labelSelector=app=x&timeoutSeconds=1");
    assertThat(watched.body().lines().filter(line -> line.contains("\"host\":"))).hasSize(2);
  }

  @Test
  void objectsStoredInSeveralVersionsAreListedInOne() throws Exception {
    created(DEFINITIONS, definition("tracks", "Track", byWebhook()));
    created(home("v1", "tracks"), object("v1", "Track", "a", "{\"hostPort\": \"one:80\"}"));
    HttpResponse<String> moved =
        plane.send(
            "PATCH",
            DEFINITIONS + "/tracks.example.com",
            "application/json-patch+json",
            "[{\"op\": \"replace\", \"path\": \"/spec/versions/0/storage\", \"value\": false},"
                + " {\"op\": \"replace\", \"path\": \"/spec/versions/1/storage\", \"value\": true}]");
    assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
    created(home("v1", "tracks"), object("v1", "Track", "b", "{\"hostPort\": \"two:81\"}"));

    assertThat(got(home("v1", "tracks")).path("items").findValuesAsString("hostPort"))
        .containsExactly("one:80", "two:81");
    assertThat(got(home("v2", "tracks")).path("items").findValuesAsString("host"))
        .containsExactly("one", "two");
  }

  @Test
  void aWebhookAnswersFromAPodBehindAService() throws Exception {
    int port = webhook.getAddress().getPort();
    created(
        "/api/v1/namespaces/default/services",
        "{\"metadata\":{\"name\":\"conv\"},\"spec\":{\"ports\":[{\"port\":443}]}}");
    created(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        """
        {"metadata": {"name": "conv-1", "labels": {"kubernetes.io/service-name": "conv"}},
         "addressType": "IPv4", "ports": [{"port": %d}],
         "endpoints": [{"addresses": ["10.244.9.9"], "nodeName": "far",
          "targetRef": {"kind": "Pod", "namespace": "default", "name": "conv", "uid": "u1"}}]}
        """
            .formatted(port));
    String bundle =
        Base64.getEncoder()
            .encodeToString(
                Pem.encode(plane.plane.pki().authority()).getBytes(StandardCharsets.UTF_8));
    String conversion =
        """
        {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"],
         "clientConfig": {"caBundle": "%s",
          "service": {"namespace": "default", "name": "conv", "path": "/convert"}}}}
        """
            .formatted(bundle);
    created(DEFINITIONS, definition("lanes", "Lane", conversion));
    created(home("v1", "lanes"), object("v1", "Lane", "a", "{\"hostPort\": \"one:80\"}"));
    try (FakeAgent node = new FakeAgent(plane.plane, "far")) {
      await().until(() -> plane.plane.nodes().isConnected("far"));
      assertThat(got(home("v2", "lanes") + "/a").path("spec").toString())
          .isEqualTo("{\"host\":\"one\",\"port\":\"80\"}");
      assertThat(node.asked.getFirst().getPortForward().getUid()).isEqualTo("u1");
      assertThat(node.asked.getFirst().getPortForward().getAddress()).isEqualTo("10.244.9.9");
    }
  }

  @Test
  void withoutAWebhookOnlyTheVersionIsAnother() throws Exception {
    created(DEFINITIONS, definition("plains", "Plain", "{\"strategy\": \"None\"}"));
    created(home("v1", "plains"), object("v1", "Plain", "a", "{\"hostPort\": \"one:80\"}"));
    JsonNode other = got(home("v2", "plains") + "/a");
    assertThat(other.path("apiVersion").asString()).isEqualTo("example.com/v2");
    // which v2 does not know
    assertThat(other.path("spec").toString()).isEqualTo("{}");
    assertThat(got(home("v1", "plains") + "/a").at("/spec/hostPort").asString())
        .isEqualTo("one:80");
  }

  @Test
  void whatACustomObjectOwnsGoesWithIt() throws Exception {
    created(DEFINITIONS, definition("owners", "Owner", "{\"strategy\": \"None\"}"));
    JsonNode owner =
        created(home("v1", "owners"), object("v1", "Owner", "a", "{\"hostPort\": \"x\"}"));
    String uid = owner.at("/metadata/uid").asString();
    String reference =
        "\"ownerReferences\": [{\"apiVersion\": \"example.com/v1\", \"kind\": \"Owner\", \"name\":"
            + " \"a\", \"uid\": \"%s\"}]";
    String maps = "/api/v1/namespaces/default/configmaps";
    created(
        maps,
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"owned\", "
            + reference.formatted(uid)
            + "}}");
    created(
        home("v1", "owners"),
        object("v1", "Owner", "b", "{}")
            .replace("\"labels\"", reference.formatted(uid) + ", \"labels\""));
    assertThat(delete(home("v1", "owners") + "/a")).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> plane.get(maps + "/owned").statusCode() == 404);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> plane.get(home("v1", "owners") + "/b").statusCode() == 404);
  }

  @Test
  void aNamespaceTakesItsCustomObjectsAlong() throws Exception {
    created(DEFINITIONS, definition("guests", "Guest", "{\"strategy\": \"None\"}"));
    created(
        "/api/v1/namespaces",
        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"inn\"}}");
    created("/apis/example.com/v1/namespaces/inn/guests", object("v1", "Guest", "a", "{}"));
    assertThat(delete("/api/v1/namespaces/inn")).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> plane.get("/api/v1/namespaces/inn").statusCode() == 404);
    assertThat(got("/apis/example.com/v1/guests").path("items").size()).isZero();
  }

  @Test
  void anOwnerGoesWhenAnotherKeepsWhatItWaitsFor() throws Exception {
    String maps = "/api/v1/namespaces/default/configmaps";
    String first = created(maps, map("first", "")).at("/metadata/uid").asString();
    String second = created(maps, map("second", "")).at("/metadata/uid").asString();
    String owner =
        """
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "%s", "uid": "%s",
         "blockOwnerDeletion": true}
        """;
    created(
        maps,
        map(
            "child",
            ", \"ownerReferences\": [%s, %s]"
                .formatted(owner.formatted("first", first), owner.formatted("second", second))));
    assertThat(delete(maps + "/first?propagationPolicy=Foreground")).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> plane.get(maps + "/first").statusCode() == 404);
    assertThat(got(maps + "/child").at("/metadata/ownerReferences").toString())
        .contains(second)
        .doesNotContain(first);
  }

  private static String map(String name, String more) {
    return """
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"%s}}
    """
        .formatted(name, more);
  }

  @Test
  void aNamespaceIsEmptiedOfPodsFirst() throws Exception {
    created(
        "/api/v1/namespaces",
        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"ship\"}}");
    String ship = "/api/v1/namespaces/ship";
    created(
        ship + "/configmaps",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"log\"}}");
    created(
        ship + "/pods",
        """
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "captain", "finalizers": ["example.com/last"]},
         "spec": {"containers": [{"name": "c", "image": "busybox"}]}}
        """);
    assertThat(delete(ship)).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> got(ship).at("/status/conditions").toString().contains("waiting for: 1 "));

    assertThat(plane.get(ship + "/configmaps/log").statusCode()).isEqualTo(200);
    assertThat(got(ship + "/pods/captain").at("/metadata/deletionTimestamp").asString())
        .isNotEmpty();
    assertThat(got(ship).at("/status/conditions").toString())
        .contains("NamespaceDeletionContentFailure", "all else follows when none is left");

    assertThat(
            plane
                .send(
                    plane
                        .request(ship + "/pods/captain")
                        .header("Content-Type", "application/merge-patch+json")
                        .method(
                            "PATCH",
                            BodyPublishers.ofString("{\"metadata\": {\"finalizers\": null}}")))
                .statusCode())
        .isEqualTo(200);
    await().atMost(Duration.ofSeconds(30)).until(() -> plane.get(ship).statusCode() == 404);
  }

  private int delete(String path) throws Exception {
    return plane.send(plane.request(path).method("DELETE", BodyPublishers.noBody())).statusCode();
  }
}
