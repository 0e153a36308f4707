package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Watch;
import io.coxswain.controlplane.audit.AuditOptions;
import io.coxswain.controlplane.authn.User;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the audit log tells of requests, by a policy.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AuditTest {

  private static final JsonMapper JSON = new JsonMapper();

  private static final String POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      rules:
      - level: None
        users: [quiet]
      - level: Metadata
        resources: [{group: "", resources: [secrets, serviceaccounts/token]}]
      - level: RequestResponse
        resources: [{group: "", resources: [configmaps]}]
      - level: RequestResponse
        omitManagedFields: true
        omitStages: [RequestReceived]
        resources: [{group: "", resources: [endpoints]}]
      - level: Request
        resources: [{group: "", resources: [pods, replicationcontrollers]}]
      - level: Metadata
      """;

  @TempDir static Path folder;
  private final AtomicInteger numbers = new AtomicInteger();
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    Path policy = Files.writeString(folder.resolve("policy.yaml"), POLICY);
    plane =
        TestPlane.start(
            ControlPlaneOptions.inMemory(folder.resolve("plane"))
                .serving(
                    ServingOptions.DEFAULT.audited(
                        new AuditOptions(
                            Optional.of(policy),
                            Optional.of(
                                new AuditOptions.Log(
                                    folder.resolve("log/audit.log").toString(), 100, 1, 1)),
                            Optional.empty()))));
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private List<JsonNode> all() throws IOException {
    try (var lines = Files.lines(folder.resolve("log/audit.log"))) {
      return lines.map(JSON::readTree).toList();
    }
  }

  private List<JsonNode> events(String auditId) throws IOException {
    return all().stream()
        .filter(event -> event.path("auditID").asString().equals(auditId))
        .toList();
  }

  /// The last event of a request.
  private JsonNode end(String auditId) {
    return await()
        .until(
            () ->
                events(auditId).stream()
                    .filter(event -> event.path("stage").asString().equals("ResponseComplete"))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private static String id(HttpResponse<?> answer) {
    return answer.headers().firstValue("audit-id").orElseThrow();
  }

  private String name() {
    return "audited-" + numbers.incrementAndGet();
  }

  private HttpResponse<String> created(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return answer;
  }

  @Test
  void aWriteIsToldWithWhatWasSentAndAnswered() throws Exception {
    String name = name();
    HttpResponse<String> answer =
        plane.send(
            plane
                .request("/api/v1/namespaces/default/configmaps?fieldManager=me")
                .header("content-type", "application/json")
                .header("user-agent", "tester/1.0")
                .header("x-forwarded-for", "10.1.2.3, nonsense")
                .POST(
                    BodyPublishers.ofString(
                        """
                        {"kind": "ConfigMap", "apiVersion": "v1",
                         "metadata": {"name": "%s"}, "data": {"a": "b"}}\
                        """
                            .formatted(name))));
    JsonNode event = end(id(answer));
    assertThat(event.propertyNames())
        .containsExactly(
            "kind",
            "apiVersion",
            "level",
            "auditID",
            "stage",
            "requestURI",
            "verb",
            "user",
            "sourceIPs",
            "userAgent",
            "objectRef",
            "responseStatus",
            "requestObject",
            "responseObject",
            "requestReceivedTimestamp",
            "stageTimestamp",
            "annotations");
    assertThat(event.path("kind").asString()).isEqualTo("Event");
    assertThat(event.path("apiVersion").asString()).isEqualTo("audit.k8s.io/v1");
    assertThat(event.path("level").asString()).isEqualTo("RequestResponse");
    assertThat(event.path("requestURI").asString())
        .isEqualTo("/api/v1/namespaces/default/configmaps?fieldManager=me");
    assertThat(event.path("verb").asString()).isEqualTo("create");
    assertThat(event.path("user"))
        .isEqualTo(
            JSON.readTree(
                "{\"username\": \"kubernetes-admin\","
                    + " \"groups\": [\"system:masters\", \"system:authenticated\"]}"));
    assertThat(event.path("sourceIPs")).isEqualTo(JSON.readTree("[\"10.1.2.3\", \"127.0.0.1\"]"));
    assertThat(event.path("userAgent").asString()).isEqualTo("tester/1.0");
    assertThat(event.path("objectRef"))
        .isEqualTo(
            JSON.readTree(
                """
                {"resource": "configmaps", "namespace": "default", "name": "%s",
                 "apiVersion": "v1"}\
                """
                    .formatted(name)));
    assertThat(event.path("responseStatus"))
        .isEqualTo(JSON.readTree("{\"metadata\": {}, \"code\": 201}"));
    assertThat(event.at("/requestObject/data/a").asString()).isEqualTo("b");
    assertThat(event.at("/requestObject/metadata/uid").isMissingNode()).isTrue();
    assertThat(event.path("responseObject")).isEqualTo(TestPlane.json(answer));
    assertThat(event.at("/annotations/authorization.k8s.io~1decision").asString())
        .isEqualTo("allow");
    assertThat(event.path("annotations").has("authorization.k8s.io/reason")).isTrue();
    assertThat(event.path("stageTimestamp").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");

    List<JsonNode> events = events(id(answer));
    assertThat(events)
        .extracting(one -> one.path("stage").asString())
        .containsExactly("RequestReceived", "ResponseComplete");
    assertThat(events.getFirst().has("requestObject")).isFalse();
    assertThat(events.getFirst().has("responseStatus")).isFalse();
    assertThat(events.getFirst().path("stageTimestamp"))
        .isEqualTo(events.getFirst().path("requestReceivedTimestamp"));
  }

  @Test
  void whoeverHandsARequestOnNamesIt() throws Exception {
    HttpResponse<String> answer =
        plane.send(plane.request("/version").header("audit-id", "as-told-before"));
    assertThat(id(answer)).isEqualTo("as-told-before");
    JsonNode event = end("as-told-before");
    assertThat(event.path("verb").asString()).isEqualTo("get");
    assertThat(event.has("objectRef")).isFalse();
  }

  @Test
  void ofSecretsNothingIsToldButThatTheyWereTouched() throws Exception {
    String name = name();
    HttpResponse<String> answer =
        created(
            "/api/v1/namespaces/default/secrets",
            """
            {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "%s"},
             "stringData": {"word": "aVeryHiddenWord"}}\
            """
                .formatted(name));
    JsonNode event = end(id(answer));
    assertThat(event.path("level").asString()).isEqualTo("Metadata");
    assertThat(event.at("/objectRef/name").asString()).isEqualTo(name);
    assertThat(event.has("requestObject") || event.has("responseObject")).isFalse();
    assertThat(Files.readString(folder.resolve("log/audit.log"))).doesNotContain("aVeryHiddenWord");
  }

  @Test
  void patchesAndDeletionsAreToldAsSent() throws Exception {
    String name = name();
    var _ =
        created(
            "/api/v1/namespaces/default/configmaps",
            "{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"%s\"}}"
                .formatted(name));
    String path = "/api/v1/namespaces/default/configmaps/" + name;
    JsonNode json =
        end(
            id(
                plane.send(
                    plane
                        .request(path)
                        .header("content-type", "application/json-patch+json")
                        .method(
                            "PATCH",
                            BodyPublishers.ofString(
                                "[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"a\":\"1\"}}]")))));
    assertThat(json.at("/requestObject/0/op").asString()).isEqualTo("add");
    JsonNode yaml =
        end(
            id(
                plane.send(
                    plane
                        .request(path + "?fieldManager=me&force=true")
                        .header("content-type", "application/apply-patch+yaml")
                        .method(
                            "PATCH",
                            BodyPublishers.ofString(
                                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {b: '2'}\n"
                                    .formatted(name))))));
    assertThat(yaml.at("/requestObject/data/b").asString()).isEqualTo("2");
    assertThat(yaml.at("/responseObject/metadata/managedFields").isEmpty()).isFalse();
    HttpResponse<String> gone =
        plane.send(
            plane
                .request(path)
                .header("content-type", "application/json")
                .method(
                    "DELETE", BodyPublishers.ofString("{\"propagationPolicy\":\"Background\"}")));
    JsonNode delete = end(id(gone));
    assertThat(delete.at("/requestObject/kind").asString()).isEqualTo("DeleteOptions");
    assertThat(delete.at("/requestObject/propagationPolicy").asString()).isEqualTo("Background");
    assertThat(delete.at("/responseStatus/status").asString()).isEqualTo("Success");
    assertThat(delete.at("/responseStatus/details/name").asString()).isEqualTo(name);
  }

  @Test
  void managedFieldsAndStagesAreLeftOutWhereThePolicySaysSo() throws Exception {
    HttpResponse<String> answer =
        created(
            "/api/v1/namespaces/default/endpoints?fieldManager=me",
            """
            {"kind": "Endpoints", "apiVersion": "v1", "metadata": {"name": "%s"},
             "subsets": [{"addresses": [{"ip": "10.9.8.7"}], "ports": [{"port": 80}]}]}\
            """
                .formatted(name()));
    assertThat(TestPlane.json(answer).at("/metadata/managedFields").isEmpty()).isFalse();
    JsonNode event = end(id(answer));
    assertThat(event.at("/responseObject/metadata/uid").asString()).isNotEmpty();
    assertThat(event.at("/responseObject/metadata").has("managedFields")).isFalse();
    assertThat(events(id(answer))).hasSize(1);
    JsonNode list = end(id(plane.get("/api/v1/namespaces/default/endpoints")));
    assertThat(list.at("/responseObject/items").isEmpty()).isFalse();
    assertThat(list.path("responseObject").toString()).doesNotContain("managedFields");
  }

  @Test
  void whatWentWrongIsTold() throws Exception {
    HttpResponse<String> answer = plane.get("/api/v1/namespaces/default/configmaps/nowhere");
    JsonNode event = end(id(answer));
    assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(404);
    assertThat(event.at("/responseStatus/reason").asString()).isEqualTo("NotFound");
    assertThat(event.at("/responseStatus/message").asString())
        .isEqualTo("configmaps \"nowhere\" not found");
    assertThat(event.at("/responseStatus").has("kind")).isFalse();
  }

  @Test
  void aWatchIsToldWhenItBeginsAndWhenItEnds() throws Exception {
    HttpResponse<String> answer =
        plane.get("/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1");
    JsonNode event = end(id(answer));
    assertThat(event.path("verb").asString()).isEqualTo("watch");
    assertThat(events(id(answer)))
        .extracting(one -> one.path("stage").asString())
        .containsExactly("RequestReceived", "ResponseStarted", "ResponseComplete");
  }

  @Test
  void strangersAndThoseWhoMayNotAreTold() throws Exception {
    HttpResponse<String> stranger =
        plane
            .stranger()
            .send(
                plane.request("/api/v1/pods").header("authorization", "Bearer wrong").build(),
                BodyHandlers.ofString());
    assertThat(stranger.statusCode()).isEqualTo(401);
    await().until(() -> !events(id(stranger)).isEmpty());
    JsonNode refused = events(id(stranger)).getFirst();
    assertThat(refused.path("stage").asString()).isEqualTo("ResponseStarted");
    assertThat(refused.path("user").isEmpty()).isTrue();
    assertThat(refused.at("/responseStatus/code").asInt()).isEqualTo(401);
    assertThat(refused.at("/responseStatus/message").asString())
        .isEqualTo("Authentication failed, attempted: bearer");

    HttpClient nobody = plane.client(plane.plane.pki().client("nobody", "nobody", "people"));
    HttpResponse<String> forbidden =
        nobody.send(plane.request("/api/v1/nodes").build(), BodyHandlers.ofString());
    JsonNode event = end(id(forbidden));
    assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(403);
    assertThat(event.at("/annotations/authorization.k8s.io~1decision").asString())
        .isEqualTo("forbid");
  }

  @Test
  void healthIsAskedForByNobody() throws Exception {
    HttpResponse<String> answer =
        plane.stranger().send(plane.request("/livez").build(), BodyHandlers.ofString());
    assertThat(end(id(answer)).at("/user/username").asString()).isEqualTo("system:anonymous");
  }

  @Test
  void whoeverIsSeenAsSomebodyElseIsToldBesideThem() throws Exception {
    HttpResponse<String> answer =
        plane.send(
            plane
                .request("/api/v1/namespaces/default/configmaps")
                .header("impersonate-user", "jane")
                .header("impersonate-group", "staff")
                .header("impersonate-extra-team", "red"));
    JsonNode event = end(id(answer));
    assertThat(event.at("/user/username").asString()).isEqualTo("kubernetes-admin");
    assertThat(event.path("impersonatedUser"))
        .isEqualTo(
            JSON.readTree(
                "{\"username\": \"jane\", \"groups\": [\"staff\", \"system:authenticated\"],"
                    + " \"extra\": {\"team\": [\"red\"]}}"));
    assertThat(event.at("/annotations/authorization.k8s.io~1decision").asString())
        .isEqualTo("forbid");
  }

  @Test
  void partsOfTheServerAndAgentsAreToldLikeEverybody() throws Exception {
    ApiClient client = plane.plane.localClient(User.of("system:kube-scheduler", List.of()));
    assertThatThrownBy(() -> client.resources(ConfigMap.class).read("default", "not-there"))
        .isInstanceOf(ApiException.class);
    try (Watch<ConfigMap> watch =
        client.resources(ConfigMap.class).watch(ListOptions.in("default"))) {
      assertThat(watch.next(Duration.ofMillis(1))).isNotNull();
    }
    await()
        .untilAsserted(() -> {
          List<JsonNode> told =
              all().stream()
                  .filter(event ->
                      event.at("/user/username").asString().equals("system:kube-scheduler")
                          && event.path("stage").asString().equals("ResponseComplete"))
                  .toList();
          assertThat(told)
              .anySatisfy(event -> {
                assertThat(event.path("requestURI").asString())
                    .isEqualTo("/api/v1/namespaces/default/configmaps/not-there");
                assertThat(event.at("/responseStatus/code").asInt()).isEqualTo(404);
                assertThat(event.path("userAgent").asString()).isEqualTo("kube-scheduler");
              })
              .anySatisfy(event -> {
                assertThat(event.path("verb").asString()).isEqualTo("watch");
                assertThat(event.path("requestURI").asString()).contains("watch=true");
              });
        });
  }

  @Test
  void ofSomeNothingIsTold() throws Exception {
    HttpClient quiet = plane.client(plane.plane.pki().client("quiet", "quiet", User.MASTERS));
    HttpResponse<String> answer =
        quiet.send(plane.request("/version").build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode _ = end(id(plane.get("/version"))); // it came later
    assertThat(events(id(answer))).isEmpty();
  }

  @Test
  void podSecurityTellsWhatItsLevelWouldNotAllow() throws Exception {
    String ns = name();
    var _ =
        created(
            "/api/v1/namespaces",
            """
            {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "%s", "labels": {
             "pod-security.kubernetes.io/enforce": "baseline",
             "pod-security.kubernetes.io/audit": "restricted"}}}\
            """
                .formatted(ns));
    plane.account(ns, "default");
    String spec = "{\"containers\": [{\"name\": \"a\", \"image\": \"b\"%s}]}";
    HttpResponse<String> allowed =
        created(
            "/api/v1/namespaces/" + ns + "/pods",
            "{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"p\"}, \"spec\": "
                + spec.formatted("")
                + "}");
    JsonNode notes = end(id(allowed)).path("annotations");
    assertThat(notes.path("pod-security.kubernetes.io/enforce-policy").asString())
        .isEqualTo("baseline:latest");
    assertThat(notes.path("pod-security.kubernetes.io/audit-violations").asString())
        .startsWith("would violate PodSecurity \"restricted:latest\": ")
        .contains("allowPrivilegeEscalation != false");

    HttpResponse<String> refused =
        plane.post(
            "/api/v1/namespaces/" + ns + "/pods",
            "{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"q\"}, \"spec\": "
                + spec.formatted(", \"securityContext\": {\"privileged\": true}")
                + "}");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(
            end(id(refused))
                .at("/annotations/pod-security.kubernetes.io~1enforce-policy")
                .asString())
        .isEqualTo("baseline:latest");

    HttpResponse<String> workload =
        created(
            "/api/v1/namespaces/" + ns + "/replicationcontrollers",
            """
            {"kind": "ReplicationController", "apiVersion": "v1", "metadata": {"name": "r"},
             "spec": {"selector": {"a": "b"}, "template": {"metadata": {"labels": {"a": "b"}},
              "spec": %s}}}\
            """
                .formatted(spec.formatted("")));
    JsonNode ofWorkload = end(id(workload)).path("annotations");
    assertThat(ofWorkload.has("pod-security.kubernetes.io/audit-violations")).isTrue();
    assertThat(ofWorkload.has("pod-security.kubernetes.io/enforce-policy")).isFalse();
  }

  @Test
  void policiesAndWebhooksTellWhatTheyFound() throws Exception {
    String ns = name();
    var _ =
        created(
            "/api/v1/namespaces",
            "{\"kind\": \"Namespace\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"%s\"}}"
                .formatted(ns));
    String group = "/apis/admissionregistration.k8s.io/v1/";
    var _ =
        created(
            group + "validatingadmissionpolicies",
            """
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
             "metadata": {"name": "%s"}, "spec": {"matchConstraints": {"resourceRules": [
              {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
               "resources": ["configmaps"]}]},
              "validations": [{"expression": "has(object.data)", "message": "no data"}],
              "auditAnnotations": [{"key": "who", "valueExpression": "string(object.metadata.name)"}]}}\
            """
                .formatted(ns));
    var _ =
        created(
            group + "validatingadmissionpolicybindings",
            """
            {"apiVersion": "admissionregistration.k8s.io/v1",
             "kind": "ValidatingAdmissionPolicyBinding",
             "metadata": {"name": "%1$s-binding"}, "spec": {"policyName": "%1$s",
              "validationActions": ["Audit"], "matchResources": {"namespaceSelector":
               {"matchLabels": {"kubernetes.io/metadata.name": "%1$s"}}}}}\
            """
                .formatted(ns));
    try (WebhookServer hooks = new WebhookServer(plane.plane.pki())) {
      hooks.at(
          "/told",
          (_, response) -> response.putObject("auditAnnotations").put("seen", "by the hook"));
      var _ =
          created(
              group + "validatingwebhookconfigurations",
              """
              {"apiVersion": "admissionregistration.k8s.io/v1",
               "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "%1$s"},
               "webhooks": [{"name": "hook.example.com", %2$s, "sideEffects": "None",
                "admissionReviewVersions": ["v1"], "namespaceSelector":
                 {"matchLabels": {"kubernetes.io/metadata.name": "%1$s"}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                 "resources": ["configmaps"]}]}]}\
              """
                  .formatted(ns, hooks.client("/told")));
      HttpResponse<String> answer =
          created(
              "/api/v1/namespaces/" + ns + "/configmaps",
              "{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"bare\"}}");
      JsonNode notes = end(id(answer)).path("annotations");
      assertThat(
              JSON.readTree(
                  notes.path("validation.policy.admission.k8s.io/validation_failure").asString()))
          .isEqualTo(
              JSON.readTree(
                  """
                  [{"message": "no data", "policy": "%1$s", "binding": "%1$s-binding",
                    "expressionIndex": 0, "validationActions": ["Audit"]}]\
                  """
                      .formatted(ns)));
      assertThat(notes.path(ns + "/who").asString()).isEqualTo("bare");
      assertThat(notes.path("hook.example.com/seen").asString()).isEqualTo("by the hook");
    }
  }

  @Test
  void whatIsToldIsCounted() throws Exception {
    JsonNode _ = end(id(plane.get("/version")));
    assertThat(plane.get("/metrics").body())
        .containsPattern("(?m)^apiserver_audit_event_total [1-9]")
        .containsPattern("(?m)^apiserver_audit_level_total\\{level=\"Metadata\"\\} [1-9]")
        .containsPattern("(?m)^apiserver_audit_error_total\\{plugin=\"buffered\"\\} 0")
        .containsPattern("(?m)^apiserver_audit_error_total\\{plugin=\"log\"\\} 0");
  }
}
