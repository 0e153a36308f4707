package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Fields that nobody knows and fields given twice, of kinds that are built in and of kinds that
/// people define, as `?fieldValidation=` wants them treated.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FieldValidationTest {

  private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
  private static final String GROUP = "/apis/fields.example.com/v1/";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    String anything = "\"x-kubernetes-preserve-unknown-fields\": true";
    define("frees", "Free", anything);
    define("specs", "Spec", "\"properties\": {" + SPEC + "}");
    define(
        "loosespecs",
        "LooseSpec",
        "\"properties\": {\"spec\": {\"type\": \"object\", " + anything + "}}");
    define(
        "wraps",
        "Wrap",
        """
        "properties": {"spec": {"type": "object", "properties": {"template": {"type": "object",
          "x-kubernetes-embedded-resource": true, "properties": {
           "metadata": {"type": "object", "properties": {"name": {"type": "string"}}},
           "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}}}\
        """);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private static final String SPEC =
      """
      "spec": {"type": "object", "properties": {"foo": {"type": "string"},
       "cronSpec": {"type": "string", "pattern": "^[0-9*/ ]+$"},
       "ports": {"type": "array", "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["containerPort", "protocol"], "items": {"type": "object",
         "required": ["containerPort", "protocol"], "properties": {
          "containerPort": {"type": "integer", "format": "int32"},
          "name": {"type": "string"}, "protocol": {"type": "string"}}}}}}\
      """;

  private void define(String plural, String kind, String schema) throws Exception {
    plane.made(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        """
        {"metadata": {"name": "%1$s.fields.example.com"}, "spec": {"group": "fields.example.com",
         "scope": "Cluster", "names": {"plural": "%1$s", "kind": "%2$s"}, "versions": [
          {"name": "v1", "served": true, "storage": true,
           "schema": {"openAPIV3Schema": {"type": "object", %3$s}}}]}}\
        """
            .formatted(plural, kind, schema));
  }

  /// @param told what the answer says where it is strict; nothing where the object is taken
  record Sent(String about, String path, String body, String told, String applied) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static String deployment(String metadata, String spec) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: sent
    %s
    spec:
    %s
      selector: {matchLabels: {a: b}}
      template:
        metadata: {labels: {a: b}}
        spec: {containers: [{name: c, image: i}]}
    """
        .formatted(metadata, spec);
  }

  private static String custom(String kind, String metadata, String spec) {
    return """
    apiVersion: fields.example.com/v1
    kind: %s
    metadata:
      name: sent
    %s
    spec:
    %s
    """
        .formatted(kind, metadata, spec);
  }

  static List<Sent> sent() {
    String good =
        """
          foo: foo1
          cronSpec: "* * * * */5"
          ports:
          - {name: x, containerPort: 80, protocol: TCP}\
        """
            .stripTrailing();
    return List.of(
        new Sent(
            "built in: unknown and twice",
            DEPLOYMENTS,
            """
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "sent"},
             "spec": {"unknownField": 1, "replicas": 2, "replicas": 3,
              "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata":
               {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}}
            """,
            "strict decoding error: unknown field \\\"spec.unknownField\\\", duplicate field"
                + " \\\"spec.replicas\\\"",
            "already set in map"),
        new Sent(
            "built in: unknown",
            DEPLOYMENTS,
            deployment("", "  unknownField: 1\n  replicas: 2"),
            "strict decoding error: unknown field \\\"spec.unknownField\\\"",
            "spec.unknownField"),
        new Sent(
            "built in: unknown in the metadata",
            DEPLOYMENTS,
            deployment("  unknownMeta: 1", "  replicas: 2"),
            "strict decoding error: unknown field \\\"metadata.unknownMeta\\\"",
            "metadata.unknownMeta"),
        new Sent("defined: fitting", GROUP + "specs", custom("Spec", "", indented(good)), "", ""),
        new Sent(
            "defined: anything",
            GROUP + "frees",
            custom("Free", "", indented(good) + "\n  unknown: uk1"),
            "",
            ""),
        new Sent(
            "defined: unknown",
            GROUP + "specs",
            custom("Spec", "", indented(good) + "\n  unknownField: uk1"),
            "strict decoding error: unknown field \\\"spec.unknownField\\\"",
            ".spec.unknownField: field not declared in schema"),
        new Sent(
            "defined: unknown in the metadata",
            GROUP + "frees",
            custom("Free", "  unknownMeta: 1", indented(good)),
            "strict decoding error: unknown field \\\"metadata.unknownMeta\\\"",
            ".metadata.unknownMeta: field not declared in schema"),
        new Sent(
            "defined: unknown in an object inside",
            GROUP + "wraps",
            custom(
                "Wrap",
                "",
                """
                  template:
                    apiVersion: foo/v1
                    kind: Sub
                    metadata: {name: sub, unknownSubMeta: x}\
                """),
            "strict decoding error: unknown field \\\"spec.template.metadata.unknownSubMeta\\\"",
            ".spec.template.metadata.unknownSubMeta: field not declared in schema"),
        new Sent(
            "defined: twice in what may be anything",
            GROUP + "loosespecs",
            custom("LooseSpec", "", "  unknown: a\n  foo: b\n  foo: c"),
            "strict decoding error: duplicate field \\\"spec.foo\\\"",
            "key \\\"foo\\\" already set in map"));
  }

  /// In two columns.
  private static String indented(String block) {
    return block.stripIndent().indent(2).stripTrailing();
  }

  @ParameterizedTest
  @MethodSource("sent")
  void isTreatedAsIsWanted(Sent one) throws Exception {
    HttpResponse<String> strict = create(one, "Strict");
    HttpResponse<String> applied =
        plane.send(
            "PATCH",
            one.path() + "/sent?fieldManager=me&fieldValidation=Strict",
            "application/apply-patch+yaml",
            one.body());
    if (one.told().isEmpty()) {
      assertThat(strict.statusCode()).as(strict.body()).isEqualTo(201);
      assertThat(strict.headers().allValues("warning")).isEmpty();
      assertThat(applied.statusCode()).as(applied.body()).isEqualTo(200);
      var _ = TestPlane.successful(200, plane.delete(one.path() + "/sent"));
      return;
    }
    assertThat(strict.statusCode()).as(strict.body()).isEqualTo(400);
    assertThat(strict.body()).contains(one.told());
    assertThat(applied.statusCode()).as(applied.body()).isIn(400, 500);
    assertThat(applied.body()).contains(one.applied());
    assertThat(plane.get(one.path() + "/sent").statusCode()).isEqualTo(404);

    HttpResponse<String> warned = create(one, "Warn");
    assertThat(warned.statusCode()).as(warned.body()).isEqualTo(201);
    assertThat(warned.headers().allValues("warning")).isNotEmpty();
    var _ = TestPlane.successful(200, plane.delete(one.path() + "/sent"));
    HttpResponse<String> ignored = create(one, "Ignore");
    assertThat(ignored.statusCode()).as(ignored.body()).isEqualTo(201);
    assertThat(ignored.headers().allValues("warning")).isEmpty();
    var _ = TestPlane.successful(200, plane.delete(one.path() + "/sent"));
  }

  private HttpResponse<String> create(Sent one, String validation) throws Exception {
    return plane.send(
        "POST",
        one.path() + "?fieldValidation=" + validation,
        one.body().startsWith("{") ? "application/json" : "application/yaml",
        one.body());
  }
}
