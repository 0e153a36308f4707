package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Pki;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The REST API as a client sees it, over real TLS.
class RestTest {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  @TempDir static Path folder;
  private static TestPlane api;

  @BeforeAll
  static void start() throws Exception {
    api = TestPlane.start(folder);
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static String map(String name, String value) {
    return """
    {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":{"k":"%s"}}\
    """
        .formatted(name, value);
  }

  record Refusal(
      String about, String method, String path, String type, String body, int code, String says) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Refusal> refusals() {
    String json = "application/json";
    return Stream.of(
        new Refusal(
            "no such object",
            "GET",
            MAPS + "/nope",
            json,
            "",
            404,
            "configmaps \"nope\" not found"),
        new Refusal(
            "no such kind",
            "GET",
            "/api/v1/things",
            json,
            "",
            404,
            "the server could not find the requested resource"),
        new Refusal(
            "no such path",
            "GET",
            "/things",
            json,
            "",
            404,
            "the server could not find the requested resource"),
        new Refusal(
            "no such subresource",
            "GET",
            MAPS + "/x/log",
            json,
            "",
            404,
            "the server could not find the requested resource"),
        new Refusal(
            "a kind of the cluster in a namespace",
            "GET",
            "/api/v1/namespaces/default/nodes",
            json,
            "",
            404,
            "the server could not find the requested resource"),
        new Refusal(
            "put without name",
            "PUT",
            MAPS,
            json,
            "{}",
            405,
            "the server does not allow this method on the requested resource"),
        new Refusal(
            "post to a name",
            "POST",
            MAPS + "/x",
            json,
            "{}",
            405,
            "the server does not allow this method on the requested resource"),
        new Refusal(
            "post to all namespaces",
            "POST",
            "/api/v1/configmaps",
            json,
            map("x", "y"),
            405,
            "the server does not allow this method on the requested resource"),
        new Refusal(
            "odd method",
            "OPTIONS",
            MAPS,
            json,
            "",
            405,
            "the server does not allow this method on the requested resource"),
        new Refusal(
            "post to discovery",
            "POST",
            "/apis",
            json,
            "{}",
            405,
            "the server does not allow this method on the requested resource"),
        new Refusal("empty body", "POST", MAPS, json, "", 400, "empty"),
        new Refusal("broken JSON", "POST", MAPS, json, "{\"kind\":", 400, "not valid JSON"),
        new Refusal("an array", "POST", MAPS, json, "[]", 400, "expected a JSON object"),
        new Refusal("broken YAML", "POST", MAPS, "application/yaml", "a: [", 400, "yaml"),
        new Refusal(
            "broken protobuf",
            "POST",
            MAPS,
            "application/vnd.kubernetes.protobuf",
            "k8s",
            400,
            "protobuf"),
        new Refusal(
            "another kind",
            "POST",
            MAPS,
            json,
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"}}",
            400,
            "Pod"),
        new Refusal(
            "another namespace",
            "POST",
            MAPS,
            json,
            "{\"metadata\":{\"name\":\"x\",\"namespace\":\"other\"}}",
            400,
            "the namespace of the provided object does not match the namespace sent on the request"),
        new Refusal(
            "another name",
            "PUT",
            MAPS + "/x",
            json,
            map("y", "z"),
            400,
            "the name of the object (y) does not match the name on the URL (x)"),
        new Refusal(
            "unknown field, strictly",
            "POST",
            MAPS + "?fieldValidation=Strict",
            json,
            "{\"metadata\":{\"name\":\"x\"},\"dta\":{}}",
            400,
            "strict decoding error: unknown field \"dta\""),
        new Refusal(
            "wrong type",
            "POST",
            MAPS,
            json,
            "{\"metadata\":{\"name\":\"x\"},\"data\":{\"k\":1}}",
            400,
            "data"),
        new Refusal(
            "unknown body type",
            "POST",
            MAPS,
            "text/plain",
            "x",
            415,
            "the body of the request was in an unknown format"),
        new Refusal(
            "apply by nobody",
            "PATCH",
            MAPS + "/x",
            "application/apply-patch+yaml",
            "{}",
            422,
            "fieldManager: Required value"),
        new Refusal(
            "bad dryRun", "POST", MAPS + "?dryRun=Some", json, map("x", "y"), 422, "dryRun"),
        new Refusal(
            "bad fieldValidation",
            "POST",
            MAPS + "?fieldValidation=Maybe",
            json,
            map("x", "y"),
            422,
            "fieldValidation"),
        new Refusal("bad limit", "GET", MAPS + "?limit=many", json, "", 400, "limit"),
        new Refusal(
            "bad label selector", "GET", MAPS + "?labelSelector=a%20in", json, "", 400, "selector"),
        new Refusal(
            "bad field selector",
            "GET",
            MAPS + "?fieldSelector=data.k%3Dx",
            json,
            "",
            400,
            "field label not supported"),
        new Refusal(
            "bad includeObject",
            "GET",
            MAPS + "?includeObject=Much",
            json,
            "",
            400,
            "includeObject"),
        new Refusal("bad version", "GET", MAPS + "?watch=1&resourceVersion=x", json, "", 400, "x"),
        new Refusal(
            "proxy",
            "GET",
            "/api/v1/namespaces/default/services/s/proxy",
            json,
            "",
            404,
            "services \"s\" not found"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusesInWords(Refusal given) throws Exception {
    HttpResponse<String> answer =
        api.send(
            api.request(given.path())
                .header("content-type", given.type())
                .method(given.method(), HttpRequest.BodyPublishers.ofString(given.body())));

    JsonNode status = TestPlane.json(answer);
    assertThat(status.path("message").asString()).contains(given.says());
    assertThat(answer.statusCode()).isEqualTo(given.code());
    assertThat(status.path("kind").asString()).isEqualTo("Status");
    assertThat(status.path("status").asString()).isEqualTo("Failure");
    assertThat(status.path("code").asInt()).isEqualTo(given.code());
    assertThat(status.path("reason").asString()).isNotEmpty();
  }

  @Test
  void refusesABodyThatCannotBeAnswered() throws Exception {
    HttpResponse<String> answer = api.post(MAPS, " ".repeat((3 << 20) + 1));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(TestPlane.json(answer).path("reason").asString()).isEqualTo("RequestEntityTooLarge");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "GET /%zz HTTP/1.1", "GET http:// HTTP/1.1"})
  void malformedRequestsAreNeverAServersFault(String line) throws Exception {
    try (Socket socket =
        api.adminTls().getSocketFactory().createSocket("127.0.0.1", api.plane.restPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          (line + "\r\nhost: x\r\nconnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).containsPattern("HTTP/1.1 4\\d\\d");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/9.9", "HTTP/2.0", "HTTP/1.2"})
  void versionsOfHttpThatAreNotSpokenAreRefused(String version) throws Exception {
    try (Socket socket =
        api.adminTls().getSocketFactory().createSocket("127.0.0.1", api.plane.restPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("GET /version " + version + "\r\nhost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).startsWith("HTTP/1.1 505 ");
    }
  }

  @Test
  void healthNamesItsChecks() throws Exception {
    String started =
        Stream.of(
                "ping",
                "log",
                "etcd",
                "poststarthook/start-apiserver-admission-initializer",
                "poststarthook/generic-apiserver-start-informers",
                "poststarthook/start-apiextensions-informers",
                "poststarthook/start-apiextensions-controllers",
                "poststarthook/crd-informer-synced",
                "poststarthook/bootstrap-controller",
                "poststarthook/start-system-namespaces-controller",
                "poststarthook/start-service-ip-repair-controllers",
                "poststarthook/scheduling/bootstrap-system-priority-classes",
                "poststarthook/start-cluster-authentication-info-controller",
                "poststarthook/start-kube-aggregator-informers",
                "poststarthook/apiservice-registration-controller",
                "poststarthook/apiservice-status-local-available-controller",
                "poststarthook/apiservice-status-remote-available-controller",
                "poststarthook/kube-apiserver-autoregistration",
                "autoregister-completion",
                "poststarthook/apiservice-openapi-controller",
                "poststarthook/storage-readiness")
            .map(name -> "[+]" + name + " ok")
            .collect(Collectors.joining("\n"));
    for (String endpoint : List.of("livez", "readyz", "healthz")) {
      String told = api.get("/" + endpoint + "?verbose=1").body();
      assertThat(told.lines()).containsAll(started.lines().toList());
      assertThat(told).endsWith("\n" + endpoint + " check passed\n");
    }
    assertThat(api.get("/readyz?verbose").body().lines()).contains("[+]informer-sync ok");
    assertThat(api.get("/livez?verbose&exclude=etcd").body().lines())
        .contains("[+]etcd excluded: ok");
    assertThat(api.get("/livez/poststarthook/crd-informer-synced").body()).isEqualTo("ok");
    assertThat(api.get("/readyz/etcd").body()).isEqualTo("ok");
    assertThat(api.get("/readyz/nope").statusCode()).isEqualTo(404);
    assertThat(api.get("/metrics/slis").body())
        .containsPattern("(?m)^kubernetes_healthcheck\\{name=\"etcd\",type=\"readyz\"\\} 1$");
  }

  @Test
  void strangersReadNothingButHealth() throws Exception {
    HttpClient stranger = api.stranger();
    for (String path : new String[] {"/api", "/version", MAPS, "/metrics", "/nope"}) {
      HttpResponse<String> answer =
          stranger.send(api.request(path).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path).isEqualTo(401);
      assertThat(TestPlane.json(answer).path("reason").asString()).isEqualTo("Unauthorized");
    }
    for (String path : new String[] {"/livez", "/readyz", "/healthz", "/readyz/ping"}) {
      assertThat(
              stranger.send(api.request(path).build(), HttpResponse.BodyHandlers.ofString()).body())
          .as(path)
          .isEqualTo("ok");
    }
  }

  @Test
  void aCertificateOfAnotherClusterIsAStrangers() throws Exception {
    Pki other = Pki.open(folder.resolve("other"), Clock.systemUTC());
    HttpClient client = api.client(other.client("admin", "kubernetes-admin", User.MASTERS));
    assertThat(
            client
                .send(api.request(MAPS).build(), HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(401);
  }

  @Test
  void whoMayNotIsToldWhat() throws Exception {
    HttpClient eve = api.client(api.plane.pki().client("eve", "eve", "friends"));
    HttpResponse<String> answer =
        eve.send(api.request(MAPS + "/x").build(), HttpResponse.BodyHandlers.ofString());
    JsonNode status = TestPlane.json(answer);
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(status.path("message").asString())
        .isEqualTo(
            "configmaps \"x\" is forbidden: User \"eve\" cannot get resource \"configmaps\" in API"
                + " group \"\" in the namespace \"default\"");
    assertThat(status.path("details").path("kind").asString()).isEqualTo("configmaps");
    assertThat(
            eve.send(api.request("/api").build(), HttpResponse.BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void writesAndReadsAnObject() throws Exception {
    JsonNode made = TestPlane.json(api.post(MAPS, map("life", "1")));
    assertThat(made.path("metadata").path("uid").asString()).isNotEmpty();
    assertThat(api.post(MAPS, map("life", "1")).statusCode()).isEqualTo(409);

    String version = made.path("metadata").path("resourceVersion").asString();
    String next =
        map("life", "2")
            .replace(
                "\"name\":\"life\"", "\"name\":\"life\",\"resourceVersion\":\"" + version + "\"");
    HttpRequest.Builder put =
        api.request(MAPS + "/life").PUT(HttpRequest.BodyPublishers.ofString(next));
    assertThat(api.send(put).statusCode()).isEqualTo(200);
    HttpResponse<String> late = api.send(put);
    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(TestPlane.json(late).path("reason").asString()).isEqualTo("Conflict");

    HttpResponse<String> patched =
        api.send(
            api.request(MAPS + "/life")
                .header("content-type", "application/merge-patch+json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"data\":{\"k\":\"3\"}}")));
    assertThat(TestPlane.json(patched).path("data").path("k").asString()).isEqualTo("3");
    HttpResponse<String> gone = api.send(api.request(MAPS + "/life").DELETE());
    assertThat(TestPlane.json(gone).path("status").asString()).isEqualTo("Success");
    assertThat(api.get(MAPS + "/life").statusCode()).isEqualTo(404);
  }

  @Test
  void unknownFieldsComeBackAsWarnings() throws Exception {
    HttpResponse<String> answer = api.post(MAPS, "{\"metadata\":{\"name\":\"warned\"},\"dta\":{}}");
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.headers().allValues("warning"))
        .singleElement()
        .asString()
        .isEqualTo("299 - \"unknown field \\\"dta\\\"\"");
  }

  private static HttpResponse<String> patch(String path, String json) throws Exception {
    return api.send(
        api.request(path)
            .header("content-type", "application/strategic-merge-patch+json")
            .method("PATCH", HttpRequest.BodyPublishers.ofString(json)));
  }

  private static final String PODS = "/api/v1/namespaces/default/pods";

  private static void pod(String name, String resources) throws Exception {
    HttpResponse<String> made =
        api.post(
            PODS,
            "{\"metadata\":{\"name\":\""
                + name
                + "\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"resources\":"
                + resources
                + "}]}}");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
  }

  @Test
  void aPodIsResizedByItsOwnDoor() throws Exception {
    pod("sized", "{\"requests\":{\"cpu\":\"100m\"}}");
    String change =
        "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\","
            + "\"image\":\"other\",\"resources\":{\"requests\":{\"cpu\":\"200m\"}}}]}}";
    assertThat(patch(PODS + "/sized", change).statusCode()).isEqualTo(422);

    HttpResponse<String> answer = patch(PODS + "/sized/resize", change);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("warning")).as("nodes act upon it").isEmpty();
    JsonNode pod = TestPlane.json(answer);
    JsonNode container = pod.path("spec").path("containers").path(0);
    assertThat(container.path("resources").path("requests").path("cpu").asString())
        .isEqualTo("200m");
    assertThat(container.path("image").asString()).isEqualTo("i");
    assertThat(pod.path("metadata").path("labels").isMissingNode()).isTrue();
    assertThat(pod.path("metadata").path("generation").asInt()).isEqualTo(2);
    assertThat(
            patch(
                    PODS + "/sized/resize",
                    "{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":null}}]}}")
                .body())
        .contains("resource requests cannot be removed", "QOS Class may not change");
    assertThat(TestPlane.json(api.get(PODS + "/sized/resize")).path("kind").asString())
        .isEqualTo("Pod");
    String whole = api.get(PODS + "/sized").body().replace("\"200m\"", "\"300m\"");
    HttpResponse<String> replaced = api.put(PODS + "/sized/resize", whole);
    assertThat(replaced.statusCode()).as(replaced.body()).isEqualTo(200);
    assertThat(TestPlane.json(replaced).path("metadata").path("generation").asInt()).isEqualTo(3);
    assertThat(TestPlane.json(api.get(PODS + "/sized/resize")))
        .as("what is read is the pod itself")
        .isEqualTo(TestPlane.json(api.get(PODS + "/sized")));
    assertThat(
            patch(
                    PODS + "/sized/resize",
                    "{\"spec\":{\"containers\":[{\"name\":\"other\",\"image\":\"i\"}]}}")
                .body())
        .contains("containers may not be added or removed on resize");
  }

  @Test
  void whatANodeNeverHasIsRefusedForPeopleAndForPrograms() throws Exception {
    HttpResponse<String> node =
        api.post(
            "/api/v1/nodes",
            "{\"metadata\":{\"name\":\"small\"},\"status\":{\"allocatable\":{\"cpu\":\"1\"}}}");
    assertThat(node.statusCode()).as(node.body()).isEqualTo(201);
    HttpResponse<String> made =
        api.post(
            PODS,
            "{\"metadata\":{\"name\":\"placed\"},\"spec\":{\"nodeName\":\"small\",\"containers\":[{\"name\":\"c\","
                + "\"image\":\"i\",\"resources\":{\"requests\":{\"cpu\":\"100m\"}}}]}}");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    HttpResponse<String> answer =
        patch(
            PODS + "/placed/resize",
            "{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"requests\":{\"cpu\":\"2\"}}}]}}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    JsonNode status = TestPlane.json(answer);
    assertThat(status.path("message").asString())
        .isEqualTo(
            "pods \"placed\" is forbidden: node didn't have enough allocatable resources: cpu,"
                + " requested: 2000, allocatable: 1000");
    assertThat(status.path("details").path("kind").asString()).isEqualTo("pods");
    assertThat(status.path("details").path("causes").path(0).path("reason").asString())
        .isEqualTo("NodeCapacity");
  }

  @Test
  void containersToLookAroundComeByTheirOwnDoor() throws Exception {
    pod("looked-into", "{}");
    String shell =
        "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"sh\",\"image\":\"i\",\"stdin\":true,"
            + "\"targetContainerName\":\"c\"}]}}";
    assertThat(patch(PODS + "/looked-into", shell).statusCode()).isEqualTo(422);

    HttpResponse<String> answer = patch(PODS + "/looked-into/ephemeralcontainers", shell);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("warning")).as("nodes start them").isEmpty();
    JsonNode added = TestPlane.json(answer).path("spec").path("ephemeralContainers").path(0);
    assertThat(added.path("imagePullPolicy").asString()).isEqualTo("Always");
    assertThat(
            patch(
                    PODS + "/looked-into/ephemeralcontainers",
                    "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"sh\",\"image\":\"x\"}]}}")
                .body())
        .contains("may not be changed");
    assertThat(
            patch(
                    PODS + "/looked-into/ephemeralcontainers",
                    "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"b\",\"image\":\"x\","
                        + "\"targetContainerName\":\"nope\",\"ports\":[{\"containerPort\":1}]}]}}")
                .body())
        .contains("Not found: \\\"nope\\\"", "cannot be set for an Ephemeral Container");
    assertThat(
            patch(
                    PODS + "/looked-into/ephemeralcontainers",
                    "{\"spec\":{\"ephemeralContainers\":null}}")
                .body())
        .contains("may not be removed");
  }

  @Test
  void kindsThatNothingActsUponSaySo() throws Exception {
    HttpResponse<String> answer =
        api.post(
            "/apis/storage.k8s.io/v1/volumeattributesclasses",
            "{\"metadata\":{\"name\":\"s\"},\"driverName\":\"p\",\"parameters\":{\"k\":\"v\"}}");
    assertThat(answer.headers().firstValue("warning").orElse("")).contains("nothing acts upon it");
  }

  @ParameterizedTest
  @CsvSource({
    "deviceclasses, DeviceClass, {}",
    "namespaces/default/resourceclaims, ResourceClaim, {}",
    "namespaces/default/resourceclaimtemplates, ResourceClaimTemplate, {}",
    "resourceslices, ResourceSlice, '{\"driver\":\"d\",\"allNodes\":true,"
        + "\"pool\":{\"name\":\"p\",\"resourceSliceCount\":1}}'",
  })
  void devicesSayThatNothingAllocatesThem(String plural, String kind, String spec)
      throws Exception {
    HttpResponse<String> answer =
        api.post(
            "/apis/resource.k8s.io/v1/" + plural,
            "{\"metadata\":{\"name\":\"s\"},\"spec\":" + spec + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    assertThat(answer.headers().firstValue("warning").orElse(""))
        .contains(kind + " resource.k8s.io/v1 is stored, but nothing acts upon it");
    JsonNode metadata = TestPlane.json(answer).path("metadata");
    boolean counted = kind.equals("DeviceClass") || kind.equals("ResourceSlice");
    assertThat(metadata.has("generation")).isEqualTo(counted);
  }

  /// What a claim got is its writers' to say, and nothing else of it.
  @Test
  void whatAClaimGotIsWrittenWithoutItsMetadata() throws Exception {
    String claims = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";
    String request = "{\"name\":\"r\",\"exactly\":{\"deviceClassName\":\"c\"}}";
    api.post(
        claims,
        "{\"metadata\":{\"name\":\"got\"},\"spec\":{\"devices\":{\"requests\":["
            + request
            + "]}},\"status\":{\"allocation\":{}}}");
    assertThat(api.get(claims + "/got").body()).doesNotContain("allocation\"");
    String place = "\"driver\":\"d\",\"pool\":\"p\",\"device\":\"one\"";
    HttpResponse<String> got =
        patch(
            claims + "/got/status",
            "{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"status\":{\"allocation\":{\"devices\":{"
                + "\"results\":[{\"request\":\"r\",\"tolerations\":[{\"key\":\"k\"}],"
                + place
                + "}]}},\"devices\":[{"
                + place
                + "}]}}");
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    JsonNode claim = TestPlane.json(got);
    assertThat(claim.at("/metadata/labels").isMissingNode()).isTrue();
    assertThat(claim.at("/status/allocation/devices/results/0/tolerations/0/operator").asString())
        .isEqualTo("Equal");
    JsonNode released =
        TestPlane.json(patch(claims + "/got/status", "{\"status\":{\"allocation\":null}}"));
    assertThat(released.at("/status/devices").isMissingNode()).as(released.toString()).isTrue();
  }

  @Test
  void showsTablesAndMetadata() throws Exception {
    assertThat(api.post(MAPS, map("shown", "1")).statusCode()).isEqualTo(201);
    String table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    JsonNode rows = TestPlane.json(api.send(api.request(MAPS + "/shown").header("accept", table)));
    assertThat(rows.path("kind").asString()).isEqualTo("Table");
    assertThat(rows.path("columnDefinitions").findValuesAsString("name"))
        .containsExactly("Name", "Data", "Age");
    assertThat(rows.path("rows").path(0).path("cells").path(1).asInt()).isEqualTo(1);
    assertThat(rows.path("rows").path(0).path("object").path("kind").asString())
        .isEqualTo("PartialObjectMetadata");

    JsonNode partial =
        TestPlane.json(
            api.send(
                api.request(MAPS)
                    .header(
                        "accept",
                        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")));
    assertThat(partial.path("kind").asString()).isEqualTo("PartialObjectMetadataList");
    assertThat(partial.path("items").path(0).has("data")).isFalse();
  }

  // As in Kubernetes, where only what a kind's status strategy puts back is put back.
  @Test
  void whoWritesAStatusMayMarkTheObject() throws Exception {
    String body = "{\"metadata\":{\"name\":\"marked\",\"labels\":{\"old\":\"1\"}}}";
    assertThat(api.post("/api/v1/namespaces", body).statusCode()).isEqualTo(201);
    JsonNode namespace =
        patchStatus(
            "/api/v1/namespaces/marked/status",
            "{\"metadata\":{\"labels\":{\"new\":\"1\"},\"annotations\":{\"a\":\"b\"},"
                + "\"finalizers\":[\"x.example.com/f\"]},\"spec\":{\"finalizers\":[]}}");
    assertThat(namespace.at("/metadata/labels/new").asString()).isEqualTo("1");
    assertThat(namespace.at("/metadata/annotations/a").asString()).isEqualTo("b");
    assertThat(namespace.at("/metadata/finalizers").isMissingNode()).isTrue();
    assertThat(namespace.at("/spec/finalizers/0").asString()).isEqualTo("kubernetes");

    String definition =
        "{\"metadata\":{\"name\":\"v1.marked.example.com\"},\"spec\":{\"group\":"
            + "\"marked.example.com\",\"version\":\"v1\",\"groupPriorityMinimum\":10,"
            + "\"versionPriority\":10}}";
    String services = "/apis/apiregistration.k8s.io/v1/apiservices";
    assertThat(api.post(services, definition).statusCode()).isEqualTo(201);
    JsonNode service =
        patchStatus(
            services + "/v1.marked.example.com/status",
            "{\"metadata\":{\"annotations\":{\"a\":\"b\"}}}");
    assertThat(service.at("/metadata/annotations").isMissingNode()).isTrue();
  }

  private static JsonNode patchStatus(String path, String patch) throws Exception {
    HttpResponse<String> answer =
        api.send(
            api.request(path)
                .header("content-type", "application/merge-patch+json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(patch)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestPlane.json(answer);
  }

  @Test
  void questionsHaveNoTable() throws Exception {
    String review = "{\"spec\":{\"nonResourceAttributes\":{\"path\":\"/\",\"verb\":\"get\"}}}";
    String table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    assertThat(ask(review, table).statusCode()).isEqualTo(406);
    HttpResponse<String> other = ask(review, table + ",application/json");
    assertThat(other.statusCode()).isEqualTo(201);
    assertThat(TestPlane.json(other).path("kind").asString()).isEqualTo("SelfSubjectAccessReview");
  }

  private static HttpResponse<String> ask(String review, String accept) throws Exception {
    return api.send(
        api.request("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
            .header("content-type", "application/json")
            .header("accept", accept)
            .POST(HttpRequest.BodyPublishers.ofString(review)));
  }

  @Test
  void largeListsAreCompressedWhenWanted() throws Exception {
    String large = "x".repeat(100_000);
    assertThat(api.post(MAPS, map("large-1", large)).statusCode()).isEqualTo(201);
    assertThat(api.post(MAPS, map("large-2", large)).statusCode()).isEqualTo(201);
    HttpResponse<InputStream> answer =
        api.admin()
            .send(
                api.request(MAPS).header("accept-encoding", "gzip").build(),
                HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
    try (InputStream in = new GZIPInputStream(answer.body())) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":")
          .contains("large-1", "large-2")
          .doesNotContain("\"kind\":\"ConfigMap\"");
    }
    assertThat(TestPlane.json(api.get(MAPS)).path("items").size()).isGreaterThan(1);
  }

  @Test
  void watchTellsWhatHappensUntilItsTimeIsOver() throws Exception {
    String version =
        TestPlane.json(api.get(MAPS)).path("metadata").path("resourceVersion").asString();
    HttpResponse<Stream<String>> watch =
        api.admin()
            .send(
                api.request(MAPS + "?watch=1&timeoutSeconds=2&resourceVersion=" + version).build(),
                HttpResponse.BodyHandlers.ofLines());
    assertThat(api.post(MAPS, map("watched", "1")).statusCode()).isEqualTo(201);
    assertThat(api.send(api.request(MAPS + "/watched").DELETE()).statusCode()).isEqualTo(200);
    assertThat(watch.body().filter(line -> line.contains("watched")))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("{\"type\":\"ADDED\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"");
  }

  @Test
  void discoveryTellsTheSameInEveryForm() throws Exception {
    JsonNode plain = TestPlane.json(api.get("/apis/apps/v1"));
    assertThat(plain.path("resources").findValuesAsString("name"))
        .contains("deployments", "deployments/scale", "deployments/status", "replicasets");
    HttpResponse<String> all =
        api.send(
            api.request("/apis")
                .header(
                    "accept",
                    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
    assertThat(all.headers().firstValue("content-type").orElse(""))
        .contains("as=APIGroupDiscoveryList");
    assertThat(all.body()).contains("\"resource\":\"deployments\"");
    assertThat(TestPlane.json(api.get("/apis")).path("groups").findValuesAsString("name"))
        .contains("apps", "coordination.k8s.io");
    assertThat(api.get("/openapi/v3/apis/apps/v1").body())
        .contains("io.k8s.api.apps.v1.Deployment");
    assertThat(api.get("/openapi/v2").body()).contains("\"swagger\":\"2.0\"");
    assertThat(TestPlane.json(api.get("/version")).path("gitVersion").asString())
        .isEqualTo("v1.36.0+coxswain");
    assertThat(api.get("/metrics").body()).contains("apiserver_request_total{");
  }

  @Test
  void newEventsAreSelectedByTheirOwnFields() throws Exception {
    String path = "/apis/events.k8s.io/v1/namespaces/default/events";
    HttpResponse<String> made =
        api.post(
            path,
            """
            {"apiVersion":"events.k8s.io/v1","kind":"Event",
             "metadata":{"name":"selected","namespace":"default"},
             "eventTime":"2026-11-24T00:00:00.000000Z","action":"do","reason":"tried","type":"Normal",
             "reportingController":"a-test","reportingInstance":"a-test-1",
             "regarding":{"kind":"Pod","namespace":"default","name":"p"}}
            """);
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    assertThat(api.get(path + "?fieldSelector=reportingController%3Da-test").body())
        .contains("\"selected\"");
    assertThat(api.get(path + "?fieldSelector=reportingController%3Danother").body())
        .doesNotContain("\"selected\"");
  }
}
