package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Admission policies as people configure them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoliciesTest {

  private static final String GROUP = "/apis/admissionregistration.k8s.io/v1/";
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path folder;
  private final AtomicInteger numbers = new AtomicInteger();
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private String namespace() throws Exception {
    String name = "policies-" + numbers.incrementAndGet();
    post(
        "/api/v1/namespaces",
        """
        {"apiVersion": "v1", "kind": "Namespace",
         "metadata": {"name": "%s", "labels": {"tier": "gold"}}}\
        """
            .formatted(name));
    return name;
  }

  private JsonNode post(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return TestPlane.json(answer);
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

  /// A policy about one resource, and a binding of it to one namespace.
  ///
  /// @param spec members of the policy's spec
  /// @param binding members of the binding's spec
  private void policy(String sort, String ns, String resource, String spec, String binding)
      throws Exception {
    post(path(sort), policyBody(sort, ns, resource, spec));
    post(
        GROUP + sort.toLowerCase(Locale.ROOT) + "admissionpolicybindings",
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%1$sAdmissionPolicyBinding",
         "metadata": {"name": "%2$s-binding"}, "spec": {"policyName": "%2$s", %3$s
          "matchResources": {"namespaceSelector":
           {"matchLabels": {"kubernetes.io/metadata.name": "%2$s"}}}}}\
        """
            .formatted(sort, ns, binding));
  }

  private static String path(String sort) {
    return GROUP + sort.toLowerCase(Locale.ROOT) + "admissionpolicies";
  }

  private static String policyBody(String sort, String name, String resource, String spec) {
    String[] parts = resource.split("/", 2);
    return """
    {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%sAdmissionPolicy",
     "metadata": {"name": "%s"}, "spec": {"matchConstraints": {"resourceRules": [
      {"apiGroups": ["%s"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
       "resources": ["%s"]}]}, %s}}\
    """
        .formatted(sort, name, parts[0], parts[1], spec);
  }

  private static String spec(String members) {
    return """
    {"matchConstraints": {"resourceRules": [
      {"apiGroups": ["none.example.com"], "apiVersions": ["v1"], "operations": ["CREATE"],
       "resources": ["nones"]}]}, %s}\
    """
        .formatted(members);
  }

  private static final String DENY = "\"validationActions\": [\"Deny\"],";

  private static String configMap(String name, String data) {
    return """
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}, "data": %s}\
    """
        .formatted(name, data);
  }

  private static String maps(String namespace) {
    return "/api/v1/namespaces/" + namespace + "/configmaps";
  }

  private static String deployment(String name, int replicas) {
    return """
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "%s"},
     "spec": {"replicas": %d, "selector": {"matchLabels": {"a": "b"}},
      "template": {"metadata": {"labels": {"a": "b"}},
       "spec": {"containers": [{"name": "c", "image": "i"}]}}}}\
    """
        .formatted(name, replicas);
  }

  private static String deployments(String namespace) {
    return "/apis/apps/v1/namespaces/" + namespace + "/deployments";
  }

  /// As it stands inside a JSON string.
  private static String quoted(String text) {
    return JSON.writeValueAsString(text);
  }

  @Test
  void judgesADeployment() throws Exception {
    String ns = namespace();
    policy(
        "Validating",
        ns,
        "apps/deployments",
        """
        "validations": [
          {"expression": "object.spec.replicas > 1",
           "messageExpression": "'wants replicas > 1, got ' + object.spec.replicas"},
          {"expression": "namespaceObject.metadata.name == '%s'", "message": "another namespace"},
          {"expression": "namespaceObject.metadata.labels.tier == request.namespace.split('-')[0] || true"}]\
        """
            .formatted(ns),
        DENY);
    HttpResponse<String> refused = plane.post(deployments(ns), deployment("marker", 1));
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(422);
    JsonNode status = TestPlane.json(refused);
    assertThat(status.path("reason").asString()).isEqualTo("Invalid");
    assertThat(status.path("message").asString())
        .startsWith(
            "deployments.apps \"marker\" is forbidden: ValidatingAdmissionPolicy '"
                + ns
                + "' with binding '"
                + ns
                + "-binding' denied request: ");
    post(deployments(ns), deployment("replicated", 2));
    HttpResponse<String> scaled =
        send(
            "PATCH",
            deployments(ns) + "/replicated",
            "application/merge-patch+json",
            "{\"spec\": {\"replicas\": 1}}");
    assertThat(scaled.statusCode()).isEqualTo(422);
    assertThat(plane.post(deployments("default"), deployment("free-" + ns, 1)).statusCode())
        .isEqualTo(201);
  }

  @Test
  void expressionsReferToVariables() throws Exception {
    String ns = namespace();
    policy(
        "Validating",
        ns,
        "apps/deployments",
        """
        "variables": [{"name": "replicas", "expression": "object.spec.replicas"},
                      {"name": "odd", "expression": "variables.replicas % 2 == 1"}],
        "validations": [{"expression": "variables.replicas > 1"},
                        {"expression": "variables.odd",
                         "messageExpression": "string(variables.replicas) + ' is even'"}]\
        """,
        DENY);
    assertThat(plane.post(deployments(ns), deployment("a", 1)).body())
        .contains("failed expression: variables.replicas > 1");
    assertThat(plane.post(deployments(ns), deployment("a", 2)).body()).contains("2 is even");
    post(deployments(ns), deployment("a", 3));
  }

  record Judged(String name, String spec, String data, int code, String told) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static String validation(String expression) {
    return "\"validations\": [{\"expression\": " + quoted(expression) + "}]";
  }

  static List<Judged> judged() {
    return List.of(
        new Judged(
            "reason",
            "\"validations\": [{\"expression\": \"false\", \"reason\": \"Forbidden\", \"message\": \"no\"}]",
            "{}",
            403,
            "denied request: no"),
        new Judged(
            "error",
            validation("object.data.there == '1'"),
            "{\"other\": \"1\"}",
            422,
            "resulted in error: "),
        new Judged(
            "error ignored",
            "\"failurePolicy\": \"Ignore\"," + validation("object.data.there == '1'"),
            "{\"other\": \"1\"}",
            201,
            ""),
        new Judged(
            "condition leaves it out",
            "\"matchConditions\": [{\"name\": \"a\", \"expression\": \"has(object.data.strict)\"}],"
                + validation("false"),
            "{\"other\": \"1\"}",
            201,
            ""),
        new Judged(
            "condition takes it in",
            "\"matchConditions\": [{\"name\": \"a\", \"expression\": \"has(object.data.strict)\"}],"
                + validation("false"),
            "{\"strict\": \"1\"}",
            422,
            "failed expression: false"),
        new Judged(
            "user",
            validation("request.userInfo.username == 'kubernetes-admin' && oldObject == null"),
            "{}",
            201,
            ""),
        new Judged(
            "authorizer",
            validation(
                "authorizer.group('apps').resource('deployments').namespace('x').check('create').allowed()"
                    + " && !authorizer.serviceAccount('default', 'nobody').path('/x').check('get').allowed()"),
            "{}",
            201,
            ""),
        new Judged(
            "authorizer, of the request's own object",
            validation("authorizer.requestResource.check('delete').allowed()"),
            "{}",
            201,
            ""),
        new Judged(
            "authorizer, asked more often than an expression may",
            validation("[1, 2, 3].all(i, authorizer.requestResource.check('delete').allowed())"),
            "{}",
            422,
            "resulted in error: operation cancelled: actual cost limit exceeded"),
        new Judged(
            "endless",
            validation(
                "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b,"
                    + " [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d,"
                    + " [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f,"
                    + " a + b + c + d + e + f > object.metadata.name.size() - 100))))))"),
            "{}",
            422,
            "resulted in error: "),
        new Judged(
            "functions",
            validation("quantity(object.data.size).isLessThan(quantity('1Gi'))"),
            "{\"size\": \"100Mi\"}",
            201,
            ""));
  }

  @ParameterizedTest
  @MethodSource("judged")
  void judges(Judged row) throws Exception {
    String ns = namespace();
    policy("Validating", ns, "/configmaps", row.spec(), DENY);
    HttpResponse<String> answer = plane.post(maps(ns), configMap("a", row.data()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(row.code());
    assertThat(answer.body()).contains(row.told());
  }

  @Test
  void whoMayNotCreateIsNotToldWhatElseIsWrong() throws Exception {
    String ns = namespace();
    policy("Validating", ns, "/configmaps", validation("object.metadata.name == 'mine'"), DENY);
    String stored =
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\":"
            + " {\"name\": \"%s\", \"resourceVersion\": \"1\"}}";
    HttpResponse<String> theirs = plane.post(maps(ns), stored.formatted("theirs"));
    assertThat(theirs.statusCode()).as(theirs.body()).isEqualTo(422);
    assertThat(theirs.body()).contains("failed expression: object.metadata.name == 'mine'");
    HttpResponse<String> mine = plane.post(maps(ns), stored.formatted("mine"));
    assertThat(mine.statusCode()).as(mine.body()).isEqualTo(400);
    assertThat(mine.body()).contains("resourceVersion should not be set on objects to be created");
  }

  @Test
  void warnsWhereItShallNotDeny() throws Exception {
    String ns = namespace();
    policy(
        "Validating",
        ns,
        "/configmaps",
        "\"validations\": [{\"expression\": \"false\", \"message\": \"think twice\"}]",
        "\"validationActions\": [\"Warn\", \"Audit\"],");
    HttpResponse<String> made = plane.post(maps(ns), configMap("a", "{}"));
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(made.headers().allValues("warning"))
        .containsExactly(
            "299 - \"Validation failed for ValidatingAdmissionPolicy '"
                + ns
                + "' with binding '"
                + ns
                + "-binding': think twice\"");
  }

  @Test
  void takesParameters() throws Exception {
    String ns = namespace();
    policy(
        "Validating",
        ns,
        "apps/deployments",
        """
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "validations": [{"expression": "object.spec.replicas <= int(params.data.most)",
                         "messageExpression": "'at most ' + params.data.most"}]\
        """,
        DENY + "\"paramRef\": {\"name\": \"limits\", \"parameterNotFoundAction\": \"Deny\"},");
    assertThat(plane.post(deployments(ns), deployment("a", 1)).body())
        .contains(
            "failed to configure binding: no params found for policy binding with `Deny`"
                + " parameterNotFoundAction");
    post(maps(ns), configMap("limits", "{\"most\": \"3\"}"));
    await().until(() -> plane.post(deployments(ns), deployment("a", 3)).statusCode() == 201);
    assertThat(plane.post(deployments(ns), deployment("b", 4)).body()).contains("at most 3");
  }

  @Test
  void namesAndExclusionsLimitWhatIsMeant() throws Exception {
    String ns = namespace();
    String all = policyBody("Validating", ns, "/configmaps", validation("false"));
    String named =
        all.replace(
            "\"resourceRules\": [\n  {",
            "\"excludeResourceRules\": [{\"apiGroups\": [\"\"], \"apiVersions\": [\"*\"],"
                + " \"operations\": [\"*\"], \"resources\": [\"*\"], \"resourceNames\": [\"free\"]}],"
                + " \"resourceRules\": [{");
    assertThat(named).isNotEqualTo(all);
    post(path("Validating"), named);
    post(
        GROUP + "validatingadmissionpolicybindings",
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
         "metadata": {"name": "%1$s"}, "spec": {"policyName": "%1$s", "validationActions": ["Deny"],
          "matchResources": {"namespaceSelector":
           {"matchLabels": {"kubernetes.io/metadata.name": "%1$s"}}}}}\
        """
            .formatted(ns));
    post(maps(ns), configMap("free", "{}"));
    assertThat(plane.post(maps(ns), configMap("other", "{}")).statusCode()).isEqualTo(422);
  }

  private static String applying(String expression) {
    return "\"reinvocationPolicy\": \"Never\", \"mutations\": [{\"patchType\": \"ApplyConfiguration\","
        + " \"applyConfiguration\": {\"expression\": "
        + quoted(expression)
        + "}}]";
  }

  private static String patching(String expression) {
    return "\"reinvocationPolicy\": \"Never\", \"mutations\": [{\"patchType\": \"JSONPatch\","
        + " \"jsonPatch\": {\"expression\": "
        + quoted(expression)
        + "}}]";
  }

  record Changed(String name, String spec, String at, String value) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Changed> changed() {
    return List.of(
        new Changed(
            "annotations",
            applying(
                """
                Object{
                  metadata: Object.metadata{
                    annotations: {
                      "mutated-by": "admission-policy"
                    }
                  }
                }\
                """),
            "/metadata/annotations/mutated-by",
            "\"admission-policy\""),
        new Changed(
            "replicas",
            applying("Object{spec: Object.spec{replicas: 1337}}"),
            "/spec/replicas",
            "1337"),
        new Changed(
            "a list's element by its key",
            applying(
                "Object{spec: Object.spec{template: Object.spec.template{spec:"
                    + " Object.spec.template.spec{containers: ["
                    + "Object.spec.template.spec.containers{name: 'c', image:"
                    + " object.spec.template.spec.containers[0].image + ':1'}]}}}}"),
            "/spec/template/spec/containers/0/image",
            "\"i:1\""),
        new Changed(
            "optional fields",
            applying(
                "Object{spec: Object.spec{?replicas: has(object.spec.strange) ? optional.of(9) :"
                    + " optional.none()}}"),
            "/spec/replicas",
            "2"),
        new Changed(
            "patch",
            patching(
                "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'x/y': 'z'}},"
                    + " JSONPatch{op: 'replace', path: '/metadata/labels/' +"
                    + " jsonpatch.escapeKey('x/y'), value: string(object.spec.replicas)}]"),
            "/metadata/labels/x~1y",
            "\"2\""),
        new Changed(
            "patch with an object",
            patching(
                "[JSONPatch{op: 'add', path: '/spec/template/spec/initContainers', value:"
                    + " [Object.spec.template.spec.initContainers{name: 'i', image: 'x'}]}]"),
            "/spec/template/spec/initContainers/0/terminationMessagePolicy",
            "\"File\""),
        new Changed(
            "a test that fails",
            patching(
                "[JSONPatch{op: 'test', path: '/spec/replicas', value: 7},"
                    + " JSONPatch{op: 'replace', path: '/spec/replicas', value: 8}]"),
            "/spec/replicas",
            "2"),
        new Changed(
            "variables",
            "\"variables\": [{\"name\": \"n\", \"expression\": \"object.spec.replicas * 2\"}],"
                + applying("Object{spec: Object.spec{replicas: variables.n}}"),
            "/spec/replicas",
            "4"));
  }

  @ParameterizedTest
  @MethodSource("changed")
  void changes(Changed row) throws Exception {
    String ns = namespace();
    policy("Mutating", ns, "apps/deployments", row.spec(), "");
    JsonNode made = post(deployments(ns), deployment("a", 2));
    assertThat(made.at(row.at()).toString()).isEqualTo(row.value());
  }

  @Test
  void whatCannotBeLaidOverIsRefusedOrPassedOver() throws Exception {
    String ns = namespace();
    String atomic =
        applying(
            "Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}");
    policy("Mutating", ns, "apps/deployments", atomic, "");
    HttpResponse<String> refused = plane.post(deployments(ns), deployment("a", 2));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(TestPlane.json(refused).path("message").asString())
        .isEqualTo(
            "policy '"
                + ns
                + "' with binding '"
                + ns
                + "-binding' denied request: error applying patch: invalid ApplyConfiguration: may"
                + " not mutate atomic arrays, maps or structs: .spec.selector");
    HttpResponse<String> open =
        send(
            "PATCH",
            path("Mutating") + "/" + ns,
            "application/merge-patch+json",
            "{\"spec\": {\"failurePolicy\": \"Ignore\"}}");
    assertThat(open.statusCode()).isEqualTo(200);
    post(deployments(ns), deployment("a", 2));
  }

  @Test
  void isFollowedAgainWhenOthersChangedTheObject() throws Exception {
    String ns = namespace();
    policy(
        "Mutating",
        ns,
        "/configmaps",
        patching("[JSONPatch{op: 'add', path: '/data/seen', value: string(object.data.size())}]")
            .replace("Never", "IfNeeded"),
        "");
    String second = ns + "-second";
    post(
        path("Mutating"),
        policyBody(
            "Mutating",
            second,
            "/configmaps",
            patching("[JSONPatch{op: 'add', path: '/data/more', value: '1'}]")));
    post(
        GROUP + "mutatingadmissionpolicybindings",
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding",
         "metadata": {"name": "%1$s"}, "spec": {"policyName": "%1$s",
          "matchResources": {"namespaceSelector":
           {"matchLabels": {"kubernetes.io/metadata.name": "%2$s"}}}}}\
        """
            .formatted(second, ns));
    JsonNode made = post(maps(ns), configMap("a", "{\"one\": \"1\"}"));
    assertThat(made.at("/data/seen").asString()).isEqualTo("3");
  }

  record Refused(String name, String sort, String spec, String told) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Refused> refused() {
    return List.of(
        new Refused(
            "no bool",
            "Validating",
            validation("1 + 1"),
            "spec.validations[0].expression: Invalid value: \"1 + 1\": must evaluate to bool but got"
                + " int"),
        new Refused(
            "malformed",
            "Validating",
            validation("1 +"),
            "spec.validations[0].expression: Invalid value: \"1 +\": compilation failed: "),
        new Refused(
            "unknown member of the request",
            "Validating",
            validation("request.nonsense == 1"),
            "undefined field 'nonsense'"),
        new Refused(
            "params without a kind",
            "Validating",
            validation("params.a == 1"),
            "undeclared reference to 'params'"),
        new Refused(
            "nothing to say",
            "Validating",
            "\"variables\": []",
            "spec.validations: Required value: validations or auditAnnotations must contain at least"
                + " one item"),
        new Refused(
            "variable",
            "Validating",
            "\"variables\": [{\"name\": \"in\", \"expression\": \"1\"}]," + validation("true"),
            "spec.variables[0].name: Invalid value: \"in\": must be a valid CEL identifier"),
        new Refused(
            "later variable",
            "Validating",
            "\"variables\": [{\"name\": \"a\", \"expression\": \"variables.b\"},"
                + " {\"name\": \"b\", \"expression\": \"1\"}],"
                + validation("true"),
            "spec.variables[0].expression: Invalid value: "),
        new Refused(
            "reason",
            "Validating",
            "\"validations\": [{\"expression\": \"true\", \"reason\": \"Because\"}]",
            "spec.validations[0].reason: Unsupported value: \"Because\""),
        new Refused(
            "no object",
            "Mutating",
            applying("{'a': 'b'}"),
            "spec.mutations[0].applyConfiguration.expression: Invalid value: "),
        new Refused(
            "no patch",
            "Mutating",
            patching("['a']"),
            "spec.mutations[0].jsonPatch.expression: Invalid value: "),
        new Refused(
            "reinvocation",
            "Mutating",
            applying("Object{}").replace("Never", "Always"),
            "spec.reinvocationPolicy: Unsupported value: \"Always\": supported values: \"IfNeeded\","
                + " \"Never\""));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesBadPolicies(Refused row) throws Exception {
    HttpResponse<String> answer =
        plane.post(path(row.sort()), policyBody(row.sort(), "bad", "/configmaps", row.spec()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(TestPlane.json(answer).path("message").asString()).contains(row.told());
  }

  @Test
  void refusesBadBindings() throws Exception {
    HttpResponse<String> answer =
        plane.post(
            GROUP + "validatingadmissionpolicybindings",
            """
            {"apiVersion": "admissionregistration.k8s.io/v1",
             "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "bad"},
             "spec": {"policyName": "p", "validationActions": ["Deny", "Warn"],
              "paramRef": {"name": "a", "selector": {}}}}\
            """);
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(TestPlane.json(answer).path("message").asString())
        .contains("must not contain both Deny and Warn")
        .contains("spec.paramRef.name: Forbidden: name and selector are mutually exclusive")
        .contains("spec.paramRef.parameterNotFoundAction: Required value");
  }

  /// The verbs of the four kinds.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding"
      })
  void hasAllVerbs(String kind) throws Exception {
    boolean binding = kind.endsWith("Binding");
    String plural =
        binding
            ? kind.toLowerCase(Locale.ROOT) + "s"
            : kind.toLowerCase(Locale.ROOT).replaceFirst("y$", "ies");
    JsonNode resources = TestPlane.json(plane.get(GROUP.replaceFirst("/$", "")));
    assertThat(resources.path("resources").findValuesAsString("name")).contains(plural);
    String spec =
        binding
            ? "{\"policyName\": \"none\", \"validationActions\": [\"Deny\"]}"
            : kind.startsWith("V")
                ? spec(validation("object.spec.x == 1"))
                : spec(applying("Object{}"));
    String body =
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%s",
         "metadata": {"generateName": "verbs-", "labels": {"verbs": "%s"}}, "spec": %s}\
        """
            .formatted(kind, plural, spec);
    if (kind.equals("MutatingAdmissionPolicyBinding")) {
      body = body.replace(", \"validationActions\": [\"Deny\"]", "");
    }
    String name = post(GROUP + plural, body).at("/metadata/name").asString();
    String path = GROUP + plural + "/" + name;
    JsonNode found = TestPlane.json(plane.get(path));
    assertThat(found.at("/metadata/generation").asInt()).isEqualTo(1);
    if (kind.startsWith("V") && !binding) {
      assertThat(found.at("/spec/failurePolicy").asString()).isEqualTo("Fail");
      assertThat(found.at("/spec/matchConstraints/matchPolicy").asString()).isEqualTo("Equivalent");
    }
    HttpResponse<String> patched =
        send(
            "PATCH",
            path,
            "application/merge-patch+json",
            "{\"metadata\": {\"annotations\": {\"a\": \"b\"}}}");
    assertThat(patched.statusCode()).as(patched.body()).isEqualTo(200);
    HttpResponse<String> put =
        send("PUT", path, "application/json", patched.body().replace("\"a\":\"b\"", "\"a\":\"c\""));
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    assertThat(TestPlane.json(put).at("/metadata/annotations/a").asString()).isEqualTo("c");
    String all = GROUP + plural + "?labelSelector=verbs=" + plural;
    assertThat(TestPlane.json(plane.get(all)).path("items").size()).isEqualTo(1);
    assertThat(send("DELETE", path, "application/json", "").statusCode()).isEqualTo(200);
    post(GROUP + plural, body);
    assertThat(send("DELETE", all, "application/json", "").statusCode()).isEqualTo(200);
    assertThat(TestPlane.json(plane.get(all)).path("items").size()).isZero();
  }

  record Typed(String name, String expression, String message, List<String> told) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Typed> typed() {
    return List.of(
        new Typed("good", "object.spec.replicas > 1", "", List.of()),
        new Typed(
            "metadata and lists",
            "object.metadata.labels['a'] == 'b' && object.spec.template.spec.containers.all(c,"
                + " c.name.size() > 0 && (!has(c.resources.limits) || c.resources.limits['cpu'] != '1'))",
            "",
            List.of()),
        new Typed(
            "confused",
            "object.spec.replicas > '1'",
            "'wants replicas > 1, got ' + object.spec.replicas",
            List.of(
                "found no matching overload for '_>_' applied to '(int, string)'",
                "found no matching overload for '_+_' applied to '(string, int)'")),
        new Typed("misspelt", "object.spec.replcas > 1", "", List.of("undefined field 'replcas'")));
  }

  @ParameterizedTest
  @MethodSource("typed")
  void saysWhichTypesDoNotFit(Typed row) throws Exception {
    String message =
        row.message().isEmpty() ? "" : ", \"messageExpression\": " + quoted(row.message());
    JsonNode made =
        post(
            path("Validating"),
            policyBody(
                "Validating",
                "typed-" + numbers.incrementAndGet(),
                "apps/deployments",
                "\"validations\": [{\"expression\": " + quoted(row.expression()) + message + "}]"));
    assertThat(made.at("/status/observedGeneration").asInt()).isEqualTo(1);
    JsonNode warnings = made.at("/status/typeChecking/expressionWarnings");
    assertThat(made.at("/status/typeChecking").isObject()).isTrue();
    assertThat(warnings.size()).as(warnings.toString()).isEqualTo(row.told().size());
    for (int i = 0; i < row.told().size(); i++) {
      assertThat(warnings.get(i).path("fieldRef").asString())
          .isEqualTo("spec.validations[0]." + (i == 0 ? "expression" : "messageExpression"));
      assertThat(warnings.get(i).path("warning").asString())
          .startsWith("apps/v1, Kind=Deployment: ")
          .contains(row.told().get(i));
    }
  }

  @Test
  void knowsTheTypesOfCustomKinds() throws Exception {
    post(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        """
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
         "metadata": {"name": "crontabs.policies.example.com"},
         "spec": {"group": "policies.example.com", "scope": "Namespaced",
          "names": {"plural": "crontabs", "kind": "CronTab"}, "versions": [
           {"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
            {"type": "object", "properties": {"spec": {"type": "object", "properties": {
             "replicas": {"type": "integer"}}}}}}}]}}\
        """);
    JsonNode made =
        post(
            path("Validating"),
            policyBody(
                "Validating",
                "crontabs",
                "policies.example.com/crontabs",
                "\"validations\": [{\"expression\": \"object.spec.replicas > 1\"},"
                    + " {\"expression\": \"object.spec.replicas > '1'\"}]"));
    JsonNode warnings = made.at("/status/typeChecking/expressionWarnings");
    assertThat(warnings.findValuesAsString("fieldRef"))
        .containsExactly("spec.validations[1].expression");
    assertThat(warnings.get(0).path("warning").asString())
        .contains("found no matching overload for '_>_' applied to '(int, string)'");
    HttpResponse<String> changed =
        send(
            "PATCH",
            path("Validating") + "/crontabs",
            "application/json-patch+json",
            "[{\"op\": \"remove\", \"path\": \"/spec/validations/1\"}]");
    assertThat(TestPlane.json(changed).at("/status/observedGeneration").asInt()).isEqualTo(2);
    assertThat(TestPlane.json(changed).at("/status/typeChecking/expressionWarnings").size())
        .isZero();
  }
}
