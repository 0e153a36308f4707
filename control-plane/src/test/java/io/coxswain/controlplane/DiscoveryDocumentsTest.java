package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What clients find out about a server before they ask it for anything.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiscoveryDocumentsTest {

  private static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

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

  @Test
  void everyGroupHasAVersionThatItPrefersAndResourcesInEach() throws Exception {
    JsonNode groups = plane.read("/apis").path("groups");
    assertThat(groups.size()).isGreaterThan(15);
    for (JsonNode group : groups) {
      String name = group.path("name").asString();
      List<String> versions = group.path("versions").findValuesAsString("groupVersion");
      assertThat(versions).as(name).contains(group.at("/preferredVersion/groupVersion").asString());
      assertThat(plane.read("/apis/" + name).path("versions")).isEqualTo(group.path("versions"));
      for (String version : versions) {
        JsonNode resources = plane.read("/apis/" + version);
        assertThat(resources.path("groupVersion").asString()).isEqualTo(version);
        assertThat(resources.path("resources").size()).as(version).isPositive();
        assertThat(resources.at("/resources/0/kind").asString()).isNotEmpty();
      }
    }
  }

  @Test
  void theVersionIsOfWholeNumbers() throws Exception {
    JsonNode version = plane.read("/version");
    assertThat(version.path("major").asString()).matches("\\d+");
    assertThat(version.path("minor").asString()).matches("\\d+");
  }

  @Test
  void oneDocumentNamesAllThereIsAndWhatPeopleDefine() throws Exception {
    assertThat(aggregated("/api")).contains("/v1/namespaces", "/v1/pods");
    assertThat(aggregated("/apis"))
        .contains(
            "admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            "apiextensions.k8s.io/v1/customresourcedefinitions",
            "apiregistration.k8s.io/v1/apiservices",
            "apps/v1/deployments",
            "authentication.k8s.io/v1/tokenreviews",
            "authorization.k8s.io/v1/selfsubjectaccessreviews",
            "autoscaling/v1/horizontalpodautoscalers",
            "autoscaling/v2/horizontalpodautoscalers",
            "batch/v1/jobs",
            "certificates.k8s.io/v1/certificatesigningrequests",
            "coordination.k8s.io/v1/leases",
            "discovery.k8s.io/v1/endpointslices",
            "events.k8s.io/v1/events",
            "networking.k8s.io/v1/ingresses",
            "node.k8s.io/v1/runtimeclasses",
            "policy/v1/poddisruptionbudgets",
            "scheduling.k8s.io/v1/priorityclasses",
            "storage.k8s.io/v1/csinodes")
        .doesNotContain("found.example.com/v1/shells");
    plane.made(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        """
        {"metadata": {"name": "shells.found.example.com"}, "spec": {"group": "found.example.com",
         "scope": "Namespaced", "names": {"plural": "shells", "kind": "Shell"}, "versions": [
          {"name": "v1", "served": true, "storage": true,
           "schema": {"openAPIV3Schema": {"type": "object"}}}]}}\
        """);
    assertThat(aggregated("/apis")).contains("found.example.com/v1/shells");
  }

  /// As `apps/v1/deployments`.
  private Set<String> aggregated(String path) throws Exception {
    HttpResponse<String> answer = plane.send(plane.request(path).header("accept", AGGREGATED));
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .contains("as=APIGroupDiscoveryList");
    JsonNode document = TestPlane.successful(200, answer);
    assertThat(document.path("kind").asString()).isEqualTo("APIGroupDiscoveryList");
    assertThat(document.path("apiVersion").asString()).isEqualTo("apidiscovery.k8s.io/v2");
    Set<String> found = new TreeSet<>();
    for (JsonNode group : document.path("items")) {
      for (JsonNode version : group.path("versions")) {
        for (JsonNode resource : version.path("resources")) {
          found.add(
              group.at("/metadata/name").asString("")
                  + "/"
                  + version.path("version").asString()
                  + "/"
                  + resource.path("resource").asString());
        }
      }
    }
    return found;
  }
}
