package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What OpenAPI, in both of its versions, says of kinds that people define, and how it follows
/// their definitions.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishedSchemasTest {

  private static final String DEFINITIONS =
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private static final String FOO =
      """
      {"type": "object", "description": "Foo for tests", "properties": {"spec": {"type": "object",
       "description": "What is wanted", "properties": {"bars": {"type": "array",
        "description": "List of bars", "items": {"type": "object", "required": ["name"],
         "properties": {"name": {"type": "string", "description": "Name of a bar"},
          "kind": {"type": "string", "enum": ["A", "B"]}}}}}}}}\
      """;

  /// @param versions as `v1`, the first of which is stored
  private void define(String group, String plural, String kind, String schema, String... versions)
      throws Exception {
    StringBuilder all = new StringBuilder();
    for (String version : versions) {
      all.append(all.isEmpty() ? "" : ", ")
          .append(
              """
              {"name": "%s", "served": true, "storage": %s, "schema": {"openAPIV3Schema": %s}}\
              """
                  .formatted(version, all.isEmpty(), schema));
    }
    plane.made(
        DEFINITIONS,
        """
        {"metadata": {"name": "%2$s.%1$s"}, "spec": {"group": "%1$s", "scope": "Namespaced",
         "names": {"plural": "%2$s", "kind": "%3$s"}, "versions": [%4$s]}}\
        """
            .formatted(group, plural, kind, all));
  }

  private void change(String name, String patch) throws Exception {
    var _ =
        TestPlane.successful(
            200,
            plane.send("PATCH", DEFINITIONS + "/" + name, "application/json-patch+json", patch));
  }

  /// Of the document in its second version.
  private JsonNode old(String definition) throws Exception {
    return plane.read("/openapi/v2").path("definitions").path(definition);
  }

  /// Of the document in its third version.
  private JsonNode schema(String groupVersion, String definition) throws Exception {
    HttpResponse<String> answer = plane.get("/openapi/v3/apis/" + groupVersion);
    return answer.statusCode() == 404
        ? TestPlane.json(answer).path("nothing")
        : TestPlane.successful(200, answer).path("components").path("schemas").path(definition);
  }

  private void isPublished(String groupVersion, String definition, String kind) throws Exception {
    for (JsonNode one : new JsonNode[] {old(definition), schema(groupVersion, definition)}) {
      assertThat(one.at("/x-kubernetes-group-version-kind/0/kind").asString("")).isEqualTo(kind);
      assertThat(one.at("/properties/spec/properties/bars/items/required/0").asString(""))
          .isEqualTo("name");
    }
  }

  private void isNotPublished(String groupVersion, String definition) throws Exception {
    assertThat(old(definition).isMissingNode()).isTrue();
    assertThat(schema(groupVersion, definition).isMissingNode()).isTrue();
  }

  @Test
  void groupsVersionsAndKindsAreToldApart() throws Exception {
    define("one.example.com", "foos", "Foo", FOO, "v1", "v2");
    define("one.example.com", "goos", "Goo", FOO, "v1");
    define("two.example.com", "foos", "Foo", FOO, "v1");
    isPublished("one.example.com/v1", "com.example.one.v1.Foo", "Foo");
    isPublished("one.example.com/v2", "com.example.one.v2.Foo", "Foo");
    isPublished("one.example.com/v1", "com.example.one.v1.Goo", "Goo");
    isPublished("two.example.com/v1", "com.example.two.v1.Foo", "Foo");
    isNotPublished("two.example.com/v2", "com.example.two.v2.Foo");
  }

  @Test
  void aVersionThatIsNoLongerServedIsTakenOut() throws Exception {
    define("unserved.example.com", "foos", "Foo", FOO, "v1", "v2");
    isPublished("unserved.example.com/v2", "com.example.unserved.v2.Foo", "Foo");
    change(
        "foos.unserved.example.com",
        "[{\"op\": \"replace\", \"path\": \"/spec/versions/1/served\", \"value\": false}]");
    isNotPublished("unserved.example.com/v2", "com.example.unserved.v2.Foo");
    isPublished("unserved.example.com/v1", "com.example.unserved.v1.Foo", "Foo");
  }

  @Test
  void aRenamedVersionIsPublishedUnderItsNewName() throws Exception {
    define("renamed.example.com", "foos", "Foo", FOO, "v2", "v3");
    isPublished("renamed.example.com/v3", "com.example.renamed.v3.Foo", "Foo");
    change(
        "foos.renamed.example.com",
        "[{\"op\": \"replace\", \"path\": \"/spec/versions/1/name\", \"value\": \"v4\"}]");
    isPublished("renamed.example.com/v4", "com.example.renamed.v4.Foo", "Foo");
    isNotPublished("renamed.example.com/v3", "com.example.renamed.v3.Foo");
    isPublished("renamed.example.com/v2", "com.example.renamed.v2.Foo", "Foo");
  }

  @Test
  void aSchemaIsPublishedWithItsWords() throws Exception {
    define("words.example.com", "foos", "Foo", FOO, "v1");
    for (JsonNode foo :
        new JsonNode[] {
          old("com.example.words.v1.Foo"),
          schema("words.example.com/v1", "com.example.words.v1.Foo")
        }) {
      assertThat(foo.path("description").asString()).isEqualTo("Foo for tests");
      assertThat(foo.at("/properties/spec/description").asString()).isEqualTo("What is wanted");
      assertThat(foo.at("/properties/apiVersion/description").asString())
          .startsWith("APIVersion defines");
      assertThat(foo.at("/properties/metadata").toString()).contains("ObjectMeta");
      JsonNode bars = foo.at("/properties/spec/properties/bars");
      assertThat(bars.path("description").asString()).isEqualTo("List of bars");
      assertThat(bars.at("/items/properties/name/description").asString())
          .isEqualTo("Name of a bar");
    }
    String home = "/apis/words.example.com/v1/namespaces/default/foos?fieldValidation=Strict";
    String foo =
        """
        {"apiVersion": "words.example.com/v1", "kind": "Foo", "metadata": {"name": "f"},
         "spec": {"bars": [%s]}}\
        """;
    plane.made(home, foo.formatted("{\"name\": \"a\", \"kind\": \"A\"}"));
    assertThat(plane.post(home, foo.formatted("{\"kind\": \"A\"}")).body())
        .contains("spec.bars[0].name: Required value");
    assertThat(plane.post(home, foo.formatted("{\"name\": \"a\", \"kind\": \"C\"}")).body())
        .contains("Unsupported value: \\\"C\\\"");
    assertThat(plane.post(home, foo.formatted("{\"name\": \"a\", \"other\": 1}")).body())
        .contains("unknown field \\\"spec.bars[0].other\\\"");
  }

  @Test
  void whatMayHoldAnythingIsPublishedWithoutFields() throws Exception {
    String anything = "\"x-kubernetes-preserve-unknown-fields\": true";
    define("open.example.com", "roots", "Root", "{\"type\": \"object\", " + anything + "}", "v1");
    define(
        "open.example.com",
        "nests",
        "Nest",
        """
        {"type": "object", "properties": {"spec": {"type": "object", "description": "Anything",
          "x-kubernetes-embedded-resource": true, %s}}}\
        """
            .formatted(anything),
        "v1");
    assertThat(old("com.example.open.v1.Root").has("properties")).isFalse();
    assertThat(
            schema("open.example.com/v1", "com.example.open.v1.Root")
                .path("x-kubernetes-preserve-unknown-fields")
                .asBoolean())
        .isTrue();
    JsonNode nest = old("com.example.open.v1.Nest").at("/properties/spec");
    assertThat(nest.path("description").asString()).isEqualTo("Anything");
    JsonNode inside =
        schema("open.example.com/v1", "com.example.open.v1.Nest").at("/properties/spec");
    assertThat(inside.path("x-kubernetes-preserve-unknown-fields").asBoolean()).isTrue();
    assertThat(inside.path("description").asString()).isEqualTo("Anything");
    for (String kind : new String[] {"Root", "Nest"}) {
      plane.made(
          "/apis/open.example.com/v1/namespaces/default/"
              + kind.toLowerCase(java.util.Locale.ROOT)
              + "s?fieldValidation=Strict",
          """
          {"apiVersion": "open.example.com/v1", "kind": "%s", "metadata": {"name": "a"},
           "spec": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "a": [1, {"b": 2}]}}\
          """
              .formatted(kind));
    }
  }
}
