package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Admission webhooks as people configure them, asked over TLS.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhooksTest {

  private static final String CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/";
  private static final String CONFIG_MAPS =
      """
      "rules": [{"operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"],
                 "resources": ["configmaps"]}]\
      """;

  @TempDir static Path folder;
  private final AtomicInteger numbers = new AtomicInteger();
  private TestPlane plane;
  private WebhookServer hooks;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    hooks = new WebhookServer(plane.plane.pki());
  }

  @AfterAll
  void stop() {
    hooks.close();
    plane.close();
  }

  /// A namespace of a test's own, by whose name its webhooks are limited.
  private String namespace() throws Exception {
    String name = "hooks-" + numbers.incrementAndGet();
    post(
        "/api/v1/namespaces",
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"" + name + "\"}}");
    return name;
  }

  private JsonNode post(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
  }

  /// One webhook of a namespace.
  private static String hook(String namespace, String name, String members) {
    return """
    {"name": "%s.hooks.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
     "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "%s"}}, %s}\
    """
        .formatted(name, namespace, members);
  }

  private JsonNode configure(String kind, String name, String... webhooks) throws Exception {
    return post(
        CONFIGURATIONS + kind.toLowerCase(Locale.ROOT) + "webhookconfigurations",
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%sWebhookConfiguration",
         "metadata": {"name": "%s"}, "webhooks": [%s]}\
        """
            .formatted(kind, name, String.join(",", webhooks)));
  }

  private static String configMap(String name, String data) {
    return """
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}, "data": %s}\
    """
        .formatted(name, data);
  }

  private static String maps(String namespace) {
    return "/api/v1/namespaces/" + namespace + "/configmaps";
  }

  private HttpResponse<String> send(String method, String path, String type, String body)
      throws Exception {
    return plane.send(
        plane
            .request(path)
            .header("content-type", type)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  @Test
  void refusesWhatAWebhookDenies() throws Exception {
    String ns = namespace();
    hooks.at(
        "/deny-" + ns,
        (request, response) -> {
          if (!request.at("/object/data/bad").isMissingNode()
              || request.path("operation").asString().equals("DELETE")) {
            WebhookServer.deny(response, "the configmap is bad");
          }
        });
    configure("Validating", ns, hook(ns, "deny", CONFIG_MAPS + "," + hooks.client("/deny-" + ns)));

    HttpResponse<String> refused = plane.post(maps(ns), configMap("a", "{\"bad\": \"1\"}"));

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(TestPlane.json(refused).path("message").asString())
        .isEqualTo(
            "admission webhook \"deny.hooks.example.com\" denied the request: the configmap is bad");
    post(maps(ns), configMap("b", "{}"));
    assertThat(
            send("PUT", maps(ns) + "/b", "application/json", configMap("b", "{\"bad\": \"1\"}"))
                .statusCode())
        .isEqualTo(400);
    assertThat(
            send(
                    "PATCH",
                    maps(ns) + "/b",
                    "application/merge-patch+json",
                    "{\"data\": {\"bad\": \"1\"}}")
                .body())
        .contains("denied the request: the configmap is bad");
    assertThat(send("DELETE", maps(ns) + "/b", "application/json", "").statusCode()).isEqualTo(400);
    assertThat(send("DELETE", maps(ns), "application/json", "").statusCode()).isEqualTo(400);
    JsonNode last = hooks.asked("/deny-" + ns).getLast();
    assertThat(last.path("object").isNull()).isTrue();
    assertThat(last.at("/oldObject/metadata/name").asString()).isEqualTo("b");
    assertThat(last.at("/options/kind").asString()).isEqualTo("DeleteOptions");
  }

  @Test
  void changesObjectsInOrder() throws Exception {
    String ns = namespace();
    hooks.at(
        "/one-" + ns,
        (request, response) ->
            WebhookServer.patch(
                response, "[{\"op\":\"add\",\"path\":\"/data/one\",\"value\":\"1\"}]"));
    hooks.at(
        "/two-" + ns,
        (request, response) -> {
          if (request.at("/object/data/one").asString("").equals("1")) {
            WebhookServer.patch(
                response, "[{\"op\":\"add\",\"path\":\"/data/two\",\"value\":\"2\"}]");
          }
        });
    configure(
        "Mutating",
        ns,
        hook(ns, "one", CONFIG_MAPS + "," + hooks.client("/one-" + ns)),
        hook(ns, "two", CONFIG_MAPS + "," + hooks.client("/two-" + ns)));

    JsonNode made = post(maps(ns), configMap("a", "{\"zero\": \"0\"}"));

    assertThat(made.path("data").toString())
        .isEqualTo("{\"one\":\"1\",\"two\":\"2\",\"zero\":\"0\"}");
    assertThat(hooks.asked("/one-" + ns)).as("asked once").hasSize(1);
    JsonNode request = hooks.asked("/one-" + ns).getFirst();
    assertThat(request.path("kind").toString())
        .isEqualTo("{\"group\":\"\",\"version\":\"v1\",\"kind\":\"ConfigMap\"}");
    assertThat(request.path("resource").toString())
        .isEqualTo("{\"group\":\"\",\"version\":\"v1\",\"resource\":\"configmaps\"}");
    assertThat(request.path("namespace").asString()).isEqualTo(ns);
    assertThat(request.path("name").asString()).isEqualTo("a");
    assertThat(request.path("operation").asString()).isEqualTo("CREATE");
    assertThat(request.at("/userInfo/username").asString()).isEqualTo("kubernetes-admin");
    assertThat(request.at("/userInfo/groups").toString()).contains("system:masters");
    assertThat(request.path("dryRun").asBoolean()).isFalse();
    assertThat(request.at("/options/kind").asString()).isEqualTo("CreateOptions");
    assertThat(request.path("oldObject").isNull()).isTrue();
    assertThat(request.at("/object/metadata").has("uid")).isFalse();
  }

  @Test
  void whatWasConfiguredHasDefaults() throws Exception {
    String ns = namespace();
    JsonNode made =
        configure(
            "Mutating",
            ns,
            hook(ns, "d", CONFIG_MAPS + "," + hooks.client("/none"))
                .replace(
                    "\"namespaceSelector\"",
                    "\"failurePolicy\": \"Ignore\", \"namespaceSelector\""));
    JsonNode hook = made.path("webhooks").get(0);
    assertThat(List.of("matchPolicy", "reinvocationPolicy", "failurePolicy", "timeoutSeconds"))
        .extracting(name -> hook.path(name).asString(hook.path(name).toString()))
        .containsExactly("Equivalent", "Never", "Ignore", "10");
    assertThat(hook.at("/rules/0/scope").asString()).isEqualTo("*");
    assertThat(hook.path("objectSelector").toString()).isEqualTo("{}");
    assertThat(made.at("/metadata/generation").asInt()).isEqualTo(1);
  }

  /// What a webhook may do wrong.
  enum Fault {
    TOO_SLOW("context deadline exceeded"),
    NOBODY_THERE("Connection refused"),
    ANSWERS_500("the webhook answered HTTP/1.1 500"),
    NO_JSON("the answer is no JSON"),
    NO_RESPONSE("received invalid webhook response: webhook response was absent"),
    OTHER_UID("received invalid webhook response: expected response.uid="),
    OTHER_KIND(
        "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /v1, Kind=Pod"),
    UNEXPECTED_PATCH("validating webhook may not return response.patch");

    private final String told;

    Fault(String told) {
      this.told = told;
    }

    void happen(HttpExchange exchange, JsonNode review, CountDownLatch end) throws Exception {
      String uid = review.at("/request/uid").asString();
      String body =
          """
          {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
           "response": {"uid": "%s", "allowed": true}}\
          """
              .formatted(uid);
      switch (this) {
        case TOO_SLOW -> {
          end.await();
          WebhookServer.send(exchange, 200, body);
        }
        case NOBODY_THERE -> throw new IllegalStateException("is not asked");
        case ANSWERS_500 -> WebhookServer.send(exchange, 500, "out of order");
        case NO_JSON -> WebhookServer.send(exchange, 200, "<html>");
        case NO_RESPONSE -> WebhookServer.send(exchange, 200, "{}");
        case OTHER_UID -> WebhookServer.send(exchange, 200, body.replace(uid, "other"));
        case OTHER_KIND ->
            WebhookServer.send(
                exchange,
                200,
                body.replace("AdmissionReview", "Pod").replace("admission.k8s.io/v1", "v1"));
        case UNEXPECTED_PATCH ->
            WebhookServer.send(
                exchange,
                200,
                body.replace("true", "true, \"patch\": \"W10=\", \"patchType\": \"JSONPatch\""));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void failsClosedOrOpenAsItsPolicySays(Fault fault) throws Exception {
    String ns = namespace();
    String path = "/fault-" + ns;
    CountDownLatch end = new CountDownLatch(1);
    hooks.raw(path, (exchange, review) -> fault.happen(exchange, review, end));
    String client = hooks.client(path);
    if (fault == Fault.NOBODY_THERE) {
      client = client.replace("localhost:" + hooks.port(), "localhost:" + closedPort());
    }
    String hook = hook(ns, "fault", "\"timeoutSeconds\": 1," + CONFIG_MAPS + "," + client);
    configure("Validating", ns, hook);

    HttpResponse<String> closed = plane.post(maps(ns), configMap("a", "{}"));

    assertThat(closed.statusCode()).isEqualTo(500);
    JsonNode status = TestPlane.json(closed);
    assertThat(status.path("reason").asString()).isEqualTo("InternalError");
    assertThat(status.path("message").asString())
        .startsWith("Internal error occurred: failed calling webhook \"fault.hooks.example.com\": ")
        .contains(fault.told);
    if (fault == Fault.TOO_SLOW || fault == Fault.NOBODY_THERE) {
      assertThat(status.path("message").asString()).contains(path + "?timeout=1s");
    }

    HttpResponse<String> changed =
        send(
            "PATCH",
            CONFIGURATIONS + "validatingwebhookconfigurations/" + ns,
            "application/json-patch+json",
            "[{\"op\":\"replace\",\"path\":\"/webhooks/0/failurePolicy\",\"value\":\"Ignore\"}]");
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
    post(maps(ns), configMap("a", "{}"));
    end.countDown();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aChangedRuleCountsAtOnce() throws Exception {
    String ns = namespace();
    hooks.at("/rule-" + ns, (_, response) -> WebhookServer.deny(response, "no"));
    configure("Validating", ns, hook(ns, "r", CONFIG_MAPS + "," + hooks.client("/rule-" + ns)));
    assertThat(plane.post(maps(ns), configMap("a", "{}")).statusCode()).isEqualTo(400);
    String path = CONFIGURATIONS + "validatingwebhookconfigurations/" + ns;
    String updates =
        "[{\"op\":\"replace\",\"path\":\"/webhooks/0/rules/0/operations\",\"value\":[\"UPDATE\"]}]";
    assertThat(send("PATCH", path, "application/json-patch+json", updates).statusCode())
        .isEqualTo(200);
    post(maps(ns), configMap("a", "{}"));
    JsonNode now = TestPlane.json(plane.get(path));
    assertThat(now.at("/metadata/generation").asInt()).isEqualTo(2);
    HttpResponse<String> put =
        send("PUT", path, "application/json", now.toString().replace("UPDATE", "CREATE"));
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    assertThat(plane.post(maps(ns), configMap("b", "{}")).statusCode()).isEqualTo(400);
    assertThat(send("DELETE", path, "application/json", "").statusCode()).isEqualTo(200);
    post(maps(ns), configMap("b", "{}"));
  }

  @Test
  void configurationsAreListedAndDeletedTogether() throws Exception {
    for (String kind : List.of("Validating", "Mutating")) {
      String ns = namespace();
      hooks.at("/list-" + ns, (_, response) -> WebhookServer.deny(response, "no"));
      String body = CONFIG_MAPS + "," + hooks.client("/list-" + ns);
      for (String name : List.of("a-", "b-")) {
        String made = hook(ns, "x", body);
        post(
            CONFIGURATIONS + kind.toLowerCase(Locale.ROOT) + "webhookconfigurations",
            """
            {"kind": "%sWebhookConfiguration", "apiVersion": "admissionregistration.k8s.io/v1",
             "metadata": {"name": "%s", "labels": {"of": "%s"}}, "webhooks": [%s]}\
            """
                .formatted(kind, name + ns, ns, made));
      }
      String list =
          CONFIGURATIONS
              + kind.toLowerCase(Locale.ROOT)
              + "webhookconfigurations?labelSelector=of="
              + ns;
      assertThat(TestPlane.json(plane.get(list)).path("items").size()).isEqualTo(2);
      assertThat(plane.post(maps(ns), configMap("a", "{}")).statusCode()).isEqualTo(400);
      assertThat(send("DELETE", list, "application/json", "").statusCode()).isEqualTo(200);
      assertThat(TestPlane.json(plane.get(list)).path("items").size()).isZero();
      post(maps(ns), configMap("a", "{}"));
    }
  }

  @Test
  void noWebhookIsAskedAboutConfigurations() throws Exception {
    String ns = namespace();
    hooks.at("/all-" + ns, (_, response) -> WebhookServer.deny(response, "no"));
    String all =
        """
        {"name": "all.hooks.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
         "objectSelector": {"matchLabels": {"of": "%s"}},
         "rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"],
                    "resources": ["*/*"]}], %s}\
        """
            .formatted(ns, hooks.client("/all-" + ns));
    configure("Validating", ns, all);
    configure("Mutating", ns, all);
    String other =
        """
        {"kind": "ValidatingWebhookConfiguration", "apiVersion": "admissionregistration.k8s.io/v1",
         "metadata": {"name": "other-%1$s", "labels": {"of": "%1$s"}}, "webhooks": []}\
        """
            .formatted(ns);
    JsonNode made = post(CONFIGURATIONS + "validatingwebhookconfigurations", other);
    assertThat(made.at("/metadata/labels/of").asString()).isEqualTo(ns);
    String path = CONFIGURATIONS + "validatingwebhookconfigurations/other-" + ns;
    assertThat(send("DELETE", path, "application/json", "").statusCode()).isEqualTo(200);
    assertThat(hooks.asked("/all-" + ns)).isEmpty();
    String map =
        configMap("a", "{}").replace("\"name\"", "\"labels\":{\"of\":\"" + ns + "\"},\"name\"");
    assertThat(plane.post(maps(ns), map).statusCode()).as("others are").isEqualTo(400);
  }

  @Test
  void selectorsAndConditionsLimitWhatIsAsked() throws Exception {
    String ns = namespace();
    hooks.at("/few-" + ns, (_, response) -> WebhookServer.deny(response, "no"));
    String hook =
        hook(ns, "few", CONFIG_MAPS + "," + hooks.client("/few-" + ns))
            .replaceFirst(
                "\\{",
                """
                {"objectSelector": {"matchExpressions": [{"key": "free", "operator": "DoesNotExist"}]},
                 "matchConditions": [
                  {"name": "named", "expression": "object.metadata.name != 'skipped'"},
                  {"name": "may", "expression":
                   "!authorizer.group('').resource('configmaps').namespace('x').check('eat').allowed() || request.userInfo.username == 'kubernetes-admin'"},
                  {"name": "here", "expression": "namespaceObject.metadata.name == request.namespace"}],
                """);
    configure("Validating", ns, hook);
    post(maps(ns), configMap("skipped", "{}"));
    post(maps(ns), configMap("a", "{}").replace("\"name\"", "\"labels\":{\"free\":\"\"},\"name\""));
    assertThat(plane.post(maps(ns), configMap("b", "{}")).body()).contains("denied the request");
    assertThat(plane.post(maps("default"), configMap("b-" + ns, "{}")).statusCode()).isEqualTo(201);
  }

  @Test
  void aConditionWithoutValueRefuses() throws Exception {
    String ns = namespace();
    hooks.at("/odd-" + ns, (_, response) -> WebhookServer.deny(response, "no"));
    String hook =
        hook(ns, "odd", CONFIG_MAPS + "," + hooks.client("/odd-" + ns))
            .replaceFirst(
                "\\{",
                "{\"matchConditions\": [{\"name\": \"odd\", \"expression\": \"object.data.there == '1'\"}],");
    configure("Validating", ns, hook);
    HttpResponse<String> refused = plane.post(maps(ns), configMap("a", "{\"other\": \"1\"}"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(TestPlane.json(refused).path("message").asString())
        .startsWith("configmaps \"a\" is forbidden: expression 'object.data.there == '1'' resulted")
        .contains("there");
    assertThat(hooks.asked("/odd-" + ns)).isEmpty();
  }

  record Invalid(String name, String hook, String told) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Invalid> invalid() {
    String good =
        """
        {"name": "a.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
         "clientConfig": {"url": "https://localhost/x"}, "rules": []}\
        """;
    return List.of(
        new Invalid(
            "condition",
            good.replace(
                "\"rules\"",
                "\"matchConditions\":[{\"name\":\"a\",\"expression\":\"... [] bad expression\"}],\"rules\""),
            "webhooks[0].matchConditions[0].expression: Invalid value: \"... [] bad expression\":"
                + " compilation failed: "),
        new Invalid(
            "no bool",
            good.replace(
                "\"rules\"",
                "\"matchConditions\":[{\"name\":\"a\",\"expression\":\"request.name\"}],\"rules\""),
            "must evaluate to bool but got string"),
        new Invalid(
            "short name",
            good.replace("a.example.com", "a.example"),
            "webhooks[0].name: Invalid value: \"a.example\": should be a domain with at least three"
                + " segments separated by dots"),
        new Invalid(
            "twice", good + "," + good, "webhooks[1].name: Duplicate value: \"a.example.com\""),
        new Invalid(
            "side effects",
            good.replace("None", "Some"),
            "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\","
                + " \"NoneOnDryRun\""),
        new Invalid(
            "timeout",
            good.replace("\"rules\"", "\"timeoutSeconds\": 31, \"rules\""),
            "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and"
                + " 30 seconds"),
        new Invalid(
            "http",
            good.replace("https:", "http:"),
            "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL"
                + " scheme"),
        new Invalid(
            "nowhere",
            good.replace("\"url\": \"https://localhost/x\"", ""),
            "webhooks[0].clientConfig: Required value: exactly one of url or service is required"),
        new Invalid(
            "rule",
            good.replace(
                "[]}",
                "[{\"operations\":[\"EAT\"],\"apiGroups\":[\"*\",\"a\"],\"apiVersions\":[\"v1\"],\"resources\":[\"*\",\"pods\"]}]}"),
            "webhooks[0].rules[0].operations[0]: Unsupported value: \"EAT\": supported values:"
                + " \"*\", \"CONNECT\", \"CREATE\", \"DELETE\", \"UPDATE\""),
        new Invalid(
            "versions",
            good.replace("[\"v1\"]", "[\"v3\"]"),
            "webhooks[0].admissionReviewVersions: Invalid value: [\"v3\"]: must include at least one"
                + " of v1, v1beta1"));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refusesBadConfigurations(Invalid row) throws Exception {
    for (String kind : List.of("Validating", "Mutating")) {
      HttpResponse<String> refused =
          plane.post(
              CONFIGURATIONS + kind.toLowerCase(Locale.ROOT) + "webhookconfigurations",
              """
              {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%sWebhookConfiguration",
               "metadata": {"name": "invalid"}, "webhooks": [%s]}\
              """
                  .formatted(kind, row.hook()));
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
      assertThat(TestPlane.json(refused).path("message").asString()).contains(row.told());
    }
  }

  @Test
  void theGroupIsInDiscovery() throws Exception {
    JsonNode groups = TestPlane.json(plane.get("/apis"));
    assertThat(groups.path("groups").findValuesAsString("name"))
        .contains("admissionregistration.k8s.io");
    JsonNode group = TestPlane.json(plane.get("/apis/admissionregistration.k8s.io"));
    assertThat(group.path("versions").findValuesAsString("groupVersion"))
        .contains("admissionregistration.k8s.io/v1");
    JsonNode resources = TestPlane.json(plane.get("/apis/admissionregistration.k8s.io/v1"));
    assertThat(resources.path("resources").findValuesAsString("name"))
        .contains("mutatingwebhookconfigurations", "validatingwebhookconfigurations");
  }

  @Test
  void warningsAndDetailsReachTheSender() throws Exception {
    String ns = namespace();
    hooks.at(
        "/warn-" + ns,
        (request, response) -> {
          response.putArray("warnings").add("think twice");
          if (request.path("name").asString().equals("never")) {
            response.put("allowed", false);
            response
                .putObject("status")
                .put("code", 418)
                .put("reason", "Teapot")
                .put("message", "no coffee")
                .putObject("details")
                .put("name", "pot");
          }
        });
    configure("Validating", ns, hook(ns, "w", CONFIG_MAPS + "," + hooks.client("/warn-" + ns)));
    HttpResponse<String> made = plane.post(maps(ns), configMap("a", "{}"));
    assertThat(made.headers().allValues("warning")).containsExactly("299 - \"think twice\"");
    HttpResponse<String> refused = plane.post(maps(ns), configMap("never", "{}"));
    assertThat(refused.statusCode()).isEqualTo(418);
    assertThat(refused.headers().allValues("warning")).containsExactly("299 - \"think twice\"");
    JsonNode status = TestPlane.json(refused);
    assertThat(status.path("reason").asString()).isEqualTo("Teapot");
    assertThat(status.at("/details/name").asString()).isEqualTo("pot");
  }

  @Test
  void dryRunsAreToldAsSuch() throws Exception {
    String ns = namespace();
    hooks.at(
        "/dry-" + ns,
        (_, response) ->
            WebhookServer.patch(
                response, "[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"a\":\"b\"}}]"));
    configure(
        "Mutating",
        ns,
        hook(ns, "d", CONFIG_MAPS + "," + hooks.client("/dry-" + ns))
            .replace("\"None\"", "\"NoneOnDryRun\""));
    JsonNode made = post(maps(ns) + "?dryRun=All", configMap("a", "{}"));
    assertThat(made.at("/data/a").asString()).isEqualTo("b");
    JsonNode request = hooks.asked("/dry-" + ns).getFirst();
    assertThat(request.path("dryRun").asBoolean()).isTrue();
    assertThat(request.at("/options/dryRun/0").asString()).isEqualTo("All");
    assertThat(plane.get(maps(ns) + "/a").statusCode()).isEqualTo(404);
  }

  @Test
  void isAskedAgainWhenOthersChangedTheObject() throws Exception {
    String ns = namespace();
    // counts the data it sees; the one behind it adds some
    hooks.at(
        "/count-" + ns,
        (request, response) ->
            WebhookServer.patch(
                response,
                "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"seen\":\"%d\"}}]"
                    .formatted(request.at("/object/data").size())));
    hooks.at(
        "/add-" + ns,
        (_, response) ->
            WebhookServer.patch(
                response, "[{\"op\":\"add\",\"path\":\"/data/more\",\"value\":\"1\"}]"));
    configure(
        "Mutating",
        ns,
        hook(
            ns,
            "a",
            "\"reinvocationPolicy\":\"IfNeeded\","
                + CONFIG_MAPS
                + ","
                + hooks.client("/count-" + ns)),
        hook(ns, "b", CONFIG_MAPS + "," + hooks.client("/add-" + ns)));
    JsonNode made = post(maps(ns), configMap("a", "{\"one\": \"1\"}"));
    assertThat(made.at("/metadata/annotations/seen").asString()).isEqualTo("2");
    assertThat(hooks.asked("/count-" + ns)).hasSize(2);
    assertThat(hooks.asked("/add-" + ns)).hasSize(1);
  }

  @Test
  void whatIsAddedToAPodHasDefaults() throws Exception {
    String ns = namespace();
    plane.account(ns, "default");
    hooks.at(
        "/pod-" + ns,
        (_, response) ->
            WebhookServer.patch(
                response,
                "[{\"op\":\"add\",\"path\":\"/spec/initContainers\",\"value\":[{\"name\":\"added\",\"image\":\"i\"}]}]"));
    configure(
        "Mutating",
        ns,
        hook(
            ns, "p", CONFIG_MAPS.replace("configmaps", "pods") + "," + hooks.client("/pod-" + ns)));
    JsonNode made = post("/api/v1/namespaces/" + ns + "/pods", pod("a"));
    assertThat(made.at("/spec/initContainers/0/name").asString()).isEqualTo("added");
    assertThat(made.at("/spec/initContainers/0/terminationMessagePolicy").asString())
        .isEqualTo("File");
    assertThat(made.at("/metadata/uid").asString()).isNotEmpty();
  }

  private static String pod(String name) {
    return """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"},
     "spec": {"containers": [{"name": "c", "image": "i"}]}}\
    """
        .formatted(name);
  }

  @Test
  void connectionsToPodsCanBeDenied() throws Exception {
    String ns = namespace();
    plane.account(ns, "default");
    post("/api/v1/namespaces/" + ns + "/pods", pod("a"));
    hooks.at("/attach-" + ns, (_, response) -> WebhookServer.deny(response, "not allowed"));
    configure(
        "Validating",
        ns,
        hook(
            ns,
            "c",
            CONFIG_MAPS.replace("configmaps", "pods/attach").replace("[\"*\"]", "[\"CONNECT\"]")
                + ","
                + hooks.client("/attach-" + ns)));
    HttpResponse<String> refused =
        plane.post("/api/v1/namespaces/" + ns + "/pods/a/attach?stdin=true&container=c", "");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("denied the request: not allowed");
    JsonNode request = hooks.asked("/attach-" + ns).getFirst();
    assertThat(request.path("operation").asString()).isEqualTo("CONNECT");
    assertThat(request.path("subResource").asString()).isEqualTo("attach");
    assertThat(request.at("/kind/kind").asString()).isEqualTo("PodAttachOptions");
    assertThat(request.at("/object/stdin").asBoolean()).isTrue();
    assertThat(request.at("/object/container").asString()).isEqualTo("c");
  }

  @Test
  void partsAreAskedAboutByThemselves() throws Exception {
    String ns = namespace();
    hooks.at(
        "/scale-" + ns,
        (request, response) -> {
          if (request.at("/object/spec/replicas").asInt() > 3) {
            WebhookServer.patch(
                response, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]");
          }
        });
    configure(
        "Mutating",
        ns,
        hook(
            ns,
            "s",
            """
            "rules": [{"operations": ["UPDATE"], "apiGroups": ["apps"], "apiVersions": ["v1"],
                       "resources": ["deployments/scale"]}],\
            """
                + hooks.client("/scale-" + ns)));
    String deployments = "/apis/apps/v1/namespaces/" + ns + "/deployments";
    post(
        deployments,
        """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
         "spec": {"replicas": 9, "selector": {"matchLabels": {"a": "b"}},
          "template": {"metadata": {"labels": {"a": "b"}},
           "spec": {"containers": [{"name": "c", "image": "i"}]}}}}\
        """);
    HttpResponse<String> scaled =
        send(
            "PATCH",
            deployments + "/d/scale",
            "application/merge-patch+json",
            "{\"spec\": {\"replicas\": 5}}");
    assertThat(TestPlane.json(scaled).at("/spec/replicas").asInt()).isEqualTo(3);
    JsonNode request = hooks.asked("/scale-" + ns).getFirst();
    assertThat(request.at("/kind/kind").asString()).isEqualTo("Scale");
    assertThat(request.at("/resource/resource").asString()).isEqualTo("deployments");
    assertThat(request.at("/oldObject/spec/replicas").asInt()).isEqualTo(9);
  }

  @Test
  void aServiceThatIsNotThereIsNamed() throws Exception {
    String ns = namespace();
    String client =
        """
        "clientConfig": {"caBundle": "%1$s",
         "service": {"namespace": "%2$s", "name": "none", "port": 8443, "path": "/service-%2$s"}}\
        """
            .formatted(hooks.authority(), ns);
    configure("Validating", ns, hook(ns, "s", CONFIG_MAPS + "," + client));
    HttpResponse<String> nowhere = plane.post(maps(ns), configMap("a", "{}"));
    assertThat(nowhere.statusCode()).isEqualTo(500);
    assertThat(nowhere.body())
        .contains("failed to call webhook: Post ")
        .contains("https://none." + ns + ".svc:8443/service-" + ns + "?timeout=10s")
        .contains("services \\\"none\\\" not found");
  }
}
