package io.coxswain.kubectl.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.testing.FakeServer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What is kept of a description merges like the whole of it.
class DescriptionsTest {

  private static JsonNode whole() throws Exception {
    return Json.parse(
        FakeServer.resource("/server/openapi-apps.json").getBytes(StandardCharsets.UTF_8));
  }

  private static MergeKeys keys(JsonNode document) {
    return MergeKeys.in(document, "apps", "v1", "Deployment");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind",
        "metadata.finalizers",
        "spec.replicas",
        "spec.args",
        "spec.containers",
        "spec.containers.ports",
        "spec.containers.again.containers.ports",
        "spec.unknown",
        "unknown.at.all"
      })
  void everyListHasTheSameKeyAsBefore(String path) throws Exception {
    MergeKeys whole = keys(whole());
    MergeKeys kept = keys(Descriptions.reduced(whole(), "D"));

    assertThat(kept.isKnown()).isTrue();
    assertThat(kept.of(path)).isEqualTo(whole.of(path));
  }

  @Test
  void theKeysAreThoseOfTheDocument() throws Exception {
    MergeKeys kept = keys(Descriptions.reduced(whole(), "D"));

    assertThat(kept.of("spec.containers")).isEqualTo("name");
    assertThat(kept.of("spec.containers.ports")).isEqualTo("containerPort");
    assertThat(kept.of("metadata.finalizers")).isEqualTo(MergeKeys.VALUES);
    assertThat(kept.of("spec.args")).isEmpty();
  }

  @Test
  void whatMergingDoesNotNeedIsNotKept() throws Exception {
    assertThat(Json.compact(Descriptions.reduced(whole(), "D")))
        .doesNotContain("Stranger", "description", "replicas", "default", "paths");
  }
}
