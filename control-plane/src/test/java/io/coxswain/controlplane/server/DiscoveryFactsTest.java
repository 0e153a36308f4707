package io.coxswain.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.registry.Catalog;
import io.coxswain.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Discovery against the facts: every kind of Kubernetes' stable groups, with each of its verbs and
/// subresources, and no other.
class DiscoveryFactsTest {

  private static final JsonMapper JSON = new JsonMapper();

  private final Discovery discovery =
      new Discovery(new Catalog(Schema.api().types(), List.of()), List.of());

  @Test
  void everyResourceIsThereWithItsVerbs() throws Exception {
    List<Fact> found = new ArrayList<>();
    for (String groupVersion : groups()) {
      String path = (groupVersion.equals("v1") ? "/api/" : "/apis/") + groupVersion;
      JsonNode document = JSON.readTree(discovery.document(path).orElseThrow());
      document.path("resources").forEach(one -> found.add(fact(groupVersion, one)));
    }

    assertThat(found).containsExactlyInAnyOrderElementsOf(Fact.all());
  }

  @Test
  void theAggregatedFormSaysTheSame() throws Exception {
    List<Fact> found = new ArrayList<>();
    for (String path : List.of("/api", "/apis")) {
      JsonNode document = JSON.readTree(discovery.aggregated(path, "v2").orElseThrow());
      for (JsonNode group : document.path("items")) {
        for (JsonNode version : group.path("versions")) {
          String name = group.at("/metadata/name").asString("");
          String groupVersion =
              (name.isEmpty() ? "" : name + "/") + version.path("version").asString();
          if (groups().contains(groupVersion)) {
            version.path("resources").forEach(one -> add(groupVersion, one, found));
          }
        }
      }
    }

    assertThat(found).containsExactlyInAnyOrderElementsOf(Fact.all());
  }

  /// As clusters of Kubernetes show them.
  @ParameterizedTest
  @CsvSource({
    "/api/v1, pods, xPOwRZ+Yhw8=",
    "/api/v1, events, r2yiGXH7wu8=",
    "/apis/events.k8s.io/v1, events, r2yiGXH7wu8=",
    "/apis/apps/v1, deployments, 8aSe+NMegvE=",
    "/apis/autoscaling/v1, horizontalpodautoscalers, qwQve8ut294=",
    "/apis/autoscaling/v2, horizontalpodautoscalers, qwQve8ut294=",
    "/api/v1, bindings, ''",
    "/api/v1, componentstatuses, ''",
    "/api/v1, pods/status, ''",
  })
  void theVersionInWhichAKindIsStoredIsTold(String path, String name, String hash) {
    JsonNode document = JSON.readTree(discovery.document(path).orElseThrow());
    assertThat(document.path("resources").valueStream())
        .filteredOn(one -> one.path("name").asString().equals(name))
        .singleElement()
        .satisfies(one -> assertThat(one.path("storageVersionHash").asString("")).isEqualTo(hash));
  }

  private static List<String> groups() throws Exception {
    return Fact.all().stream().map(Fact::groupVersion).distinct().toList();
  }

  private static Fact fact(String groupVersion, JsonNode resource) {
    String group = resource.path("group").asString("");
    String version = resource.path("version").asString("");
    String of =
        version.isEmpty() ? groupVersion : group.isEmpty() ? version : group + "/" + version;
    return new Fact(
        groupVersion,
        resource.path("name").asString(),
        resource.path("namespaced").asBoolean(),
        of + "/" + resource.path("kind").asString(),
        verbs(resource));
  }

  private static void add(String groupVersion, JsonNode resource, List<Fact> found) {
    boolean namespaced = resource.path("scope").asString().equals("Namespaced");
    String name = resource.path("resource").asString();
    found.add(new Fact(groupVersion, name, namespaced, kind(resource), verbs(resource)));
    for (JsonNode part : resource.path("subresources")) {
      found.add(
          new Fact(
              groupVersion,
              name + "/" + part.path("subresource").asString(),
              namespaced,
              kind(part),
              verbs(part)));
    }
  }

  private static String kind(JsonNode resource) {
    JsonNode kind = resource.path("responseKind");
    String group = kind.path("group").asString();
    return (group.isEmpty() ? "" : group + "/")
        + kind.path("version").asString()
        + "/"
        + kind.path("kind").asString();
  }

  private static List<String> verbs(JsonNode resource) {
    return resource.path("verbs").valueStream().map(JsonNode::asString).toList();
  }
}
