package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.pki.Asked;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Every operation of an object's life over REST, each with the effect that it has, on the kinds by
/// which clusters are configured and watched over.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiOperationsTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    plane.made(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        definition("noxus", "Noxu", "operations.example.com"));
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  /// One field, and what it becomes.
  ///
  /// @param at a JSON pointer
  record Change(String at, String value) {

    /// As a merge patch.
    String patch() {
      StringBuilder patch = new StringBuilder(value);
      String[] names = at.substring(1).split("/", -1);
      for (int i = names.length - 1; i >= 0; i--) {
        patch.insert(0, "{\"" + names[i] + "\":").append('}');
      }
      return patch.toString();
    }

    void in(JsonNode object) {
      int last = at.lastIndexOf('/');
      ObjectNode root = (ObjectNode) object;
      ObjectNode parent = last == 0 ? root : root.withObject(at.substring(0, last));
      parent.set(at.substring(last + 1), JSON.readTree(value));
    }

    boolean isIn(JsonNode object) {
      return object.at(at).equals(JSON.readTree(value));
    }
  }

  /// @param home where its objects are
  /// @param body members beside the metadata
  /// @param patched what a patch changes, and `put` an update
  /// @param status what becomes of the status, nothing for a kind without one
  record Kind(
      String apiVersion,
      String name,
      String home,
      String body,
      Change patched,
      Change put,
      List<Change> status) {

    String plural() {
      return home.substring(home.lastIndexOf('/') + 1);
    }

    /// Of a name that the definition of a kind has to have.
    String object(String name, String label) {
      return """
      {"apiVersion": "%s", "kind": "%s",
       "metadata": {"name": "%s", "labels": {"test": "%s"}}, %s}\
      """
          .formatted(apiVersion, this.name, fitting(name), label, body.replace("<name>", name));
    }

    String fitting(String name) {
      return this.name.equals("CustomResourceDefinition")
          ? name + "s.operations.example.com"
          : name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static String definition(String plural, String kind, String group) {
    return """
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
     "metadata": {"name": "%s.%s"}, %s}\
    """
        .formatted(plural, group, definitionSpec(plural, kind, group));
  }

  private static String definitionSpec(String plural, String kind, String group) {
    return """
    "spec": {"group": "%3$s", "scope": "Namespaced", "names": {"plural": "%1$s", "kind": "%2$s"},
     "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
      {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}\
    """
        .formatted(plural, kind, group);
  }

  private static final Change MARKED = new Change("/metadata/annotations/patched", "\"yes\"");
  private static final Change MARKED_AGAIN = new Change("/metadata/annotations/put", "\"yes\"");

  private static List<Change> conditions(String more) {
    String condition =
        "[{\"type\": \"Tested\", \"status\": \"%s\", \"reason\": \"T\", \"message\": \"m\"%s}]";
    String time = ", \"lastTransitionTime\": \"2026-11-24T00:00:00Z\"" + more;
    return List.of(
        new Change("/status/conditions", condition.formatted("True", time)),
        new Change("/status/conditions", condition.formatted("False", time)));
  }

  private static Kind policy(String name, String rule, boolean hasStatus) {
    return new Kind(
        "admissionregistration.k8s.io/v1",
        name,
        "/apis/admissionregistration.k8s.io/v1/"
            + name.toLowerCase(java.util.Locale.ROOT).replaceFirst("y$", "ies"),
        """
        "spec": {"matchConstraints": {"resourceRules": [{"apiGroups": ["none.example.com"],
          "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nones"]}]}, %s}\
        """
            .formatted(rule),
        new Change("/spec/failurePolicy", "\"Ignore\""),
        new Change("/spec/failurePolicy", "\"Fail\""),
        hasStatus ? conditions("") : List.of());
  }

  private static Kind binding(String name, String more) {
    return new Kind(
        "admissionregistration.k8s.io/v1",
        name,
        "/apis/admissionregistration.k8s.io/v1/" + name.toLowerCase(java.util.Locale.ROOT) + "s",
        "\"spec\": {\"policyName\": \"none\"" + more + "}",
        new Change("/spec/policyName", "\"another\""),
        new Change("/spec/matchResources/objectSelector/matchLabels/a", "\"b\""),
        List.of());
  }

  private static final String REQUEST =
      "{\"name\": \"req-0\", \"exactly\": {\"deviceClassName\": \"dra.example.com\"}}";

  /// An allocation, and who uses it.
  private static final String GOT =
      "{\"allocation\": {\"devices\": {}},"
          + " \"reservedFor\": [{\"resource\": \"pods\", \"name\": \"p\", \"uid\": \"%s\"}]}";

  private static Kind devices(
      String name, String home, String body, Change patched, List<Change> status) {
    return new Kind("resource.k8s.io/v1", name, home, body, patched, MARKED_AGAIN, status);
  }

  static List<Kind> kinds() throws Exception {
    String flow = "/apis/flowcontrol.apiserver.k8s.io/v1/";
    return List.of(
        new Kind(
            "flowcontrol.apiserver.k8s.io/v1",
            "FlowSchema",
            flow + "flowschemas",
            """
            "spec": {"matchingPrecedence": 9000, "priorityLevelConfiguration": {"name": "exempt"},
             "rules": [{"subjects": [{"kind": "User", "user": {"name": "nobody-at-all"}}],
              "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}]}]}\
            """,
            new Change("/spec/matchingPrecedence", "9999"),
            new Change("/spec/matchingPrecedence", "9998"),
            conditions("")),
        new Kind(
            "flowcontrol.apiserver.k8s.io/v1",
            "PriorityLevelConfiguration",
            flow + "prioritylevelconfigurations",
            """
            "spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 2,
             "limitResponse": {"type": "Reject"}}}\
            """,
            new Change("/spec/limited/nominalConcurrencyShares", "3"),
            new Change("/spec/limited/nominalConcurrencyShares", "4"),
            conditions("")),
        policy("ValidatingAdmissionPolicy", "\"validations\": [{\"expression\": \"true\"}]", true),
        policy(
            "MutatingAdmissionPolicy",
            """
            "reinvocationPolicy": "Never", "mutations": [{"patchType": "ApplyConfiguration",
             "applyConfiguration": {"expression": "Object{}"}}]\
            """,
            false),
        binding("ValidatingAdmissionPolicyBinding", ", \"validationActions\": [\"Deny\"]"),
        binding("MutatingAdmissionPolicyBinding", ""),
        new Kind(
            "certificates.k8s.io/v1",
            "CertificateSigningRequest",
            REQUESTS,
            """
            "spec": {"signerName": "example.com/own", "usages": ["client auth"], "request": "%s"}\
            """
                .formatted(Asked.elliptic("CN=x").base64()),
            MARKED,
            MARKED_AGAIN,
            conditions(", \"lastUpdateTime\": \"2026-11-24T00:00:00Z\"")),
        new Kind(
            "v1",
            "Event",
            "/api/v1/namespaces/default/events",
            """
            "involvedObject": {"kind": "Pod", "namespace": "default", "name": "p"},
            "reason": "Tested", "message": "at first", "type": "Normal"\
            """,
            new Change("/message", "\"then\""),
            new Change(
                "/series", "{\"count\": 2, \"lastObservedTime\": \"2026-11-24T00:00:00.000000Z\"}"),
            List.of()),
        new Kind(
            "events.k8s.io/v1",
            "Event",
            "/apis/events.k8s.io/v1/namespaces/default/events",
            """
            "regarding": {"kind": "Pod", "namespace": "default", "name": "p"}, "action": "Do",
            "reason": "Tested", "note": "at first", "type": "Normal",
            "eventTime": "2026-11-24T00:00:00.000000Z",
            "reportingController": "test", "reportingInstance": "test-1"\
            """,
            new Change("/note", "\"then\""),
            new Change(
                "/series", "{\"count\": 2, \"lastObservedTime\": \"2026-11-24T00:00:00.000000Z\"}"),
            List.of()),
        new Kind(
            "v1",
            "ServiceAccount",
            "/api/v1/namespaces/default/serviceaccounts",
            "\"automountServiceAccountToken\": true",
            new Change("/automountServiceAccountToken", "false"),
            new Change("/automountServiceAccountToken", "true"),
            List.of()),
        new Kind(
            "v1",
            "ResourceQuota",
            "/api/v1/namespaces/default/resourcequotas",
            "\"spec\": {\"hard\": {\"cpu\": \"1\", \"memory\": \"500Mi\"}}",
            new Change("/spec/hard/cpu", "\"2\""),
            new Change("/spec/hard/memory", "\"1Gi\""),
            List.of(
                new Change("/status/hard/cpu", "\"3\""), new Change("/status/hard/cpu", "\"4\""))),
        new Kind(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            definitionSpec("<name>s", "K<name>", "operations.example.com"),
            MARKED,
            MARKED_AGAIN,
            conditions("")),
        devices(
            "DeviceClass",
            "/apis/resource.k8s.io/v1/deviceclasses",
            "\"spec\": {\"selectors\": [{\"cel\": {\"expression\": \"false\"}}]}",
            new Change("/spec/selectors", "[{\"cel\": {\"expression\": \"1 == 0\"}}]"),
            List.of()),
        devices(
            "ResourceClaim",
            "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims",
            "\"spec\": {\"devices\": {\"requests\": [%s]}}".formatted(REQUEST),
            MARKED,
            List.of(
                new Change("/status", GOT.formatted("a")),
                new Change("/status", GOT.formatted("b")))),
        devices(
            "ResourceClaimTemplate",
            "/apis/resource.k8s.io/v1/namespaces/default/resourceclaimtemplates",
            "\"spec\": {\"spec\": {\"devices\": {\"requests\": [%s]}}}".formatted(REQUEST),
            MARKED,
            List.of()),
        devices(
            "ResourceSlice",
            "/apis/resource.k8s.io/v1/resourceslices",
            """
            "spec": {"driver": "dra.example.com", "nodeName": "no-such-node",
             "pool": {"name": "cluster", "generation": 1, "resourceSliceCount": 1}}\
            """,
            new Change("/spec/devices", "[{\"name\": \"device-0\"}]"),
            List.of()),
        new Kind(
            "operations.example.com/v1",
            "Noxu",
            "/apis/operations.example.com/v1/namespaces/default/noxus",
            "\"content\": {\"key\": \"value\"}",
            new Change("/content/key", "\"patched\""),
            new Change("/content/other", "[1, {\"a\": true}]"),
            List.of()));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyVerbDoesWhatItSays(Kind kind) throws Exception {
    isInDiscovery(kind);
    try (OpenWatch watch = OpenWatch.fromNow(plane, kind.home(), "labelSelector=test%3Dlife")) {
      String path = kind.home() + "/" + kind.fitting("alpha");
      JsonNode made = plane.made(kind.home(), kind.object("alpha", "life"));
      assertThat(made.at("/metadata/uid").asString()).isNotEmpty();
      watch.await("ADDED", named(kind.fitting("alpha")));
      assertThat(plane.read(path).at("/metadata/uid")).isEqualTo(made.at("/metadata/uid"));

      JsonNode patched = TestPlane.successful(200, plane.merge(path, kind.patched().patch()));
      assertThat(kind.patched().isIn(patched)).as(patched.toString()).isTrue();
      watch.await("MODIFIED", kind.patched()::isIn);
      JsonNode put = put(path, "", kind.put());
      assertThat(kind.put().isIn(put)).as(put.toString()).isTrue();
      watch.await("MODIFIED", kind.put()::isIn);
      assertThat(kind.put().isIn(plane.read(path))).isTrue();
      if (!kind.status().isEmpty()) {
        statusIsWrittenByItself(kind, path, watch);
      }

      assertThat(plane.delete(path).statusCode()).isEqualTo(200);
      watch.await("DELETED", named(kind.fitting("alpha")));
      await().atMost(SOON).until(() -> plane.get(path).statusCode() == 404);
      manyAreListedAndGoTogether(kind);
    }
  }

  private static Predicate<JsonNode> named(String name) {
    return object -> object.at("/metadata/name").asString().equals(name);
  }

  /// Reads, changes and writes, again where a controller wrote in between.
  private JsonNode put(String path, String part, Change change) {
    return await()
        .atMost(SOON)
        .until(
            () -> {
              JsonNode object = plane.read(path + part);
              change.in(object);
              HttpResponse<String> answer = plane.put(path + part, object.toString());
              return answer.statusCode() == 409 ? null : TestPlane.successful(200, answer);
            },
            java.util.Objects::nonNull);
  }

  private void isInDiscovery(Kind kind) throws Exception {
    boolean core = kind.apiVersion().equals("v1");
    if (!core) {
      String group = kind.apiVersion().substring(0, kind.apiVersion().indexOf('/'));
      assertThat(plane.read("/apis").path("groups").findValuesAsString("name")).contains(group);
      assertThat(plane.read("/apis/" + group).path("versions").findValuesAsString("groupVersion"))
          .contains(kind.apiVersion());
    }
    JsonNode resources =
        plane.read((core ? "/api/" : "/apis/") + kind.apiVersion()).path("resources");
    assertThat(resources.findValuesAsString("name")).contains(kind.plural());
    if (!kind.status().isEmpty()) {
      assertThat(resources.findValuesAsString("name")).contains(kind.plural() + "/status");
    }
  }

  private void statusIsWrittenByItself(Kind kind, String path, OpenWatch watch) throws Exception {
    Change first = kind.status().getFirst();
    JsonNode patched = TestPlane.successful(200, plane.merge(path + "/status", first.patch()));
    assertThat(first.isIn(patched)).as(patched.toString()).isTrue();
    watch.await("MODIFIED", first::isIn);
    JsonNode put = put(path, "/status", kind.status().getLast());
    assertThat(kind.status().getLast().isIn(put)).as(put.toString()).isTrue();
    assertThat(kind.put().isIn(plane.read(path + "/status"))).as("the rest stays").isTrue();

    plane.merge(path, first.patch());
    assertThat(first.isIn(plane.read(path))).as("not by the object's own path").isFalse();
  }

  private void manyAreListedAndGoTogether(Kind kind) throws Exception {
    String together = kind.home() + "?labelSelector=test%3Dtogether";
    for (String name : List.of("beta", "gamma", "delta")) {
      plane.made(kind.home(), kind.object(name, "together"));
    }
    plane.made(kind.home(), kind.object("epsilon", "alone"));
    assertThat(plane.read(together).path("items").size()).isEqualTo(3);

    assertThat(plane.delete(together).statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> plane.read(together).path("items").isEmpty());
    String alone = kind.home() + "/" + kind.fitting("epsilon");
    assertThat(plane.read(alone).at("/metadata").has("deletionTimestamp")).isFalse();
    assertThat(plane.delete(alone).statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> plane.get(alone).statusCode() == 404);
  }

  @Test
  void aDecisionOnACertificateIsReadPatchedAndPut() throws Exception {
    plane.made(
        REQUESTS,
        """
        {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
         "metadata": {"name": "decided"}, "spec": {"signerName": "example.com/own",
          "usages": ["client auth"], "request": "%s"}}\
        """
            .formatted(Asked.elliptic("CN=x").base64()));
    String approval = REQUESTS + "/decided/approval";
    Change seen = new Change("/status/conditions", "[{\"type\": \"Seen\", \"status\": \"True\"}]");
    JsonNode patched = TestPlane.successful(200, plane.merge(approval, seen.patch()));
    assertThat(patched.at("/status/conditions/0/type").asString()).isEqualTo("Seen");
    put(
        REQUESTS + "/decided",
        "/approval",
        new Change(
            "/status/conditions",
            """
            [{"type": "Seen", "status": "True"},
             {"type": "Approved", "status": "True", "reason": "Tested"}]\
            """));
    JsonNode now = plane.read(approval);
    assertThat(now.path("kind").asString()).isEqualTo("CertificateSigningRequest");
    assertThat(now.path("status").findValuesAsString("type")).containsExactly("Seen", "Approved");
    assertThat(
            plane.read("/apis/certificates.k8s.io/v1").path("resources").findValuesAsString("name"))
        .contains("certificatesigningrequests/approval");
  }
}
