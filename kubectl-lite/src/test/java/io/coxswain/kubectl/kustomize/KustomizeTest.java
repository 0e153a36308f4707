package io.coxswain.kubectl.kustomize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

class KustomizeTest {

  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {template: {spec: {containers: [{name: a, image: "nginx:1@sha256:0"}]}}}
      """;

  @TempDir Path folder;

  private List<ObjectNode> build(String kustomization) throws IOException {
    Files.writeString(folder.resolve("kustomization.yaml"), kustomization);
    Files.writeString(folder.resolve("web.yaml"), DEPLOYMENT);
    return Kustomize.build(folder, Map.of("HOME", "/home"));
  }

  /// What kubectl 1.32 prints for the same folders. They have everything that is built: levels upon
  /// levels, a component, generators that merge, patches of each sort, and references among all.
  @Test
  void buildsWhatKubectlBuilds() throws IOException {
    String built =
        Kustomize.build(Path.of("src/test/resources/kustomize/two"), Map.of()).stream()
            .map(YamlCodec::write)
            .collect(Collectors.joining("---\n"));

    assertThat(built)
        .isEqualTo(Files.readString(Path.of("src/test/resources/golden/kustomize.yaml")));
  }

  @ParameterizedTest
  @CsvSource({
    "newTag: '2', nginx:2",
    "newName: other, other:1@sha256:0",
    "digest: sha256:9, nginx@sha256:9",
    "'newName: a.b:5000/c, newTag: \"3\"', a.b:5000/c:3"
  })
  void imagesAreChanged(String change, String image) throws IOException {
    ObjectNode web =
        build("resources: [web.yaml]\nimages: [{name: nginx, " + change + "}]").getFirst();

    assertThat(Json.text(Json.at(web, "spec", "template", "spec", "containers").get(0), "image"))
        .isEqualTo(image);
  }

  @Test
  void olderNamesOfPatchesAreUnderstood() throws IOException {
    ObjectNode web =
        build(
                """
                resources: [web.yaml]
                patchesStrategicMerge:
                - |-
                  apiVersion: apps/v1
                  kind: Deployment
                  metadata: {name: web}
                  spec: {replicas: 3}
                patchesJson6902:
                - target: {group: apps, version: v1, kind: Deployment, name: web}
                  patch: '[{"op": "copy", "from": "/spec/replicas", "path": "/spec/minReadySeconds"}]'
                """)
            .getFirst();

    assertThat(Json.number(web, "spec", "minReadySeconds")).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "resource: [web.yaml]|the field resource is not built into kubectl-lite: use kubectl"
            + " kustomize for it, or did you mean resources?",
        "helmCharts: []|the field helmCharts is not built into kubectl-lite",
        "resources: [missing.yaml]|there is no",
        "resources: [https://a.example/b.yaml]|is not here: fetch it",
        "resources: [.]|leads back to itself",
        "resources: [web.yaml, web.yaml]|may not add resource with an already registered id:"
            + " Deployment web",
        "replicas: [{name: other, count: 2}]|is named other",
        "configMapGenerator: [{name: a, behavior: merge}]|needs a generated a below it",
        "configMapGenerator: [{name: a, literal: [a=b]}]|did you mean literals?",
        "patches: [{patch: 'metadata: {name: x}'}]|no resource matches strategic merge patch",
        "patches: [{patch: '[{op: add, path: /a, value: 1}]'}]|needs a target",
        "patches: [{path: nope}]|there is no patch",
      })
  void whatIsWrongIsNamed(String kustomization, String told) {
    assertThatThrownBy(() -> build(kustomization))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(told);
  }

  @Test
  void aPatchThatDoesNotFitNamesItsObject() {
    assertThatThrownBy(() ->
            build(
                """
                resources: [web.yaml]
                patches:
                - target: {kind: Deployment}
                  patch: '[{op: test, path: /metadata/name, value: other}]'
                """))
        .hasMessageContaining("the patch of Deployment web: error: testing path /metadata/name");
  }

  @Test
  void aFolderWithoutKustomizationIsRefused() {
    assertThatThrownBy(() -> Kustomize.build(folder, Map.of()))
        .hasMessageContaining("unable to find one of 'kustomization.yaml'");
  }
}
