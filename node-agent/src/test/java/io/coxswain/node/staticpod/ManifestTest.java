package io.coxswain.node.staticpod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Pod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestTest {

  private static final String WEB =
      "kind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: nginx}]}\n";

  private static List<Pod> read(String text) throws ManifestException {
    return Manifest.read(text.getBytes(StandardCharsets.UTF_8), "f.yaml", "n1");
  }

  @Test
  void theNodeAddsWhatKubeletAdds() throws Exception {
    Pod pod = read(WEB).getFirst();
    assertThat(pod.getMetadata().getName()).isEqualTo("web-n1");
    assertThat(pod.getMetadata().getNamespace()).isEqualTo("default");
    assertThat(pod.getMetadata().getUid()).matches("[0-9a-f]{32}");
    assertThat(pod.getMetadata().getAnnotationsMap())
        .containsEntry("kubernetes.io/config.hash", pod.getMetadata().getUid())
        .containsEntry("kubernetes.io/config.source", "file");
    assertThat(pod.getSpec().getNodeName()).isEqualTo("n1");
    assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Always");
    assertThat(pod.getSpec().getContainers(0).getImagePullPolicy()).isEqualTo("Always");
    assertThat(pod.getSpec().getTolerationsList())
        .anyMatch(one -> one.getOperator().equals("Exists") && one.getEffect().equals("NoExecute"));
  }

  @Test
  void whatIsSaidDifferentlyAndMeansTheSameIsTheSamePod() throws Exception {
    String json =
        "{\"kind\": \"Pod\", \"metadata\": {\"name\": \"web\"},"
            + " \"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"nginx\"}]}}";
    assertThat(read(json)).isEqualTo(read(WEB));
    assertThat(read(WEB.replace("nginx", "nginx:1")).getFirst().getMetadata().getUid())
        .isNotEqualTo(read(WEB).getFirst().getMetadata().getUid());
  }

  @Test
  void aFileMayHaveSeveral() throws Exception {
    String list =
        "kind: PodList\nitems:\n- metadata: {name: a}\n  spec: {containers: [{name: c, image: i}]}\n";
    assertThat(read(WEB + "---\n" + list))
        .extracting(pod -> pod.getMetadata().getName())
        .containsExactly("web-n1", "a-n1");
  }

  record Fault(String text, String problem) {}

  static List<Fault> faults() {
    String with =
        "kind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i}], %s}\n";
    return List.of(
        new Fault("kind: Service", "kind: Unsupported value: \"Service\""),
        new Fault("# nothing", "there is no pod in it"),
        new Fault("a: [", "line 1"),
        new Fault(WEB + "kind: Pod\n", "duplicate field \"kind\" (line 4)"),
        new Fault(WEB.replace("web", "We_b"), "metadata.name: Invalid value: \"We_b\""),
        new Fault(WEB.replace("{name: web}", "{}"), "metadata.name: Required value"),
        new Fault(WEB.replace("image", "imagee"), "spec.containers[0].imagee"),
        new Fault(WEB.replace(", image: nginx", ""), "spec.containers[0].image: Required value"),
        new Fault("kind: Pod\nmetadata: {name: a}\nspec: {}", "spec.containers: Required value"),
        new Fault(with.formatted("restartPolicy: Ever"), "spec.restartPolicy: Unsupported value"),
        new Fault(
            with.formatted("serviceAccountName: x"),
            "spec.serviceAccountName: Forbidden: static pods may not reference serviceaccounts"),
        new Fault(
            with.formatted("volumes: [{name: v, secret: {secretName: s}}]"),
            "spec.volumes[0]: Forbidden: static pods may not reference secrets (via secret volumes)"),
        new Fault(
            with.formatted("volumes: [{name: v, persistentVolumeClaim: {claimName: s}}]"),
            "static pods may not reference persistentvolumeclaims"),
        new Fault(
            with.formatted("resourceClaims: [{name: gpu, resourceClaimName: mine}]"),
            "spec.resourceClaims: Forbidden: static pods may not reference resourceclaims"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whatIsWrongIsToldWithItsField(Fault fault) {
    assertThatThrownBy(() -> read(fault.text()))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining(fault.problem());
  }

  @Test
  void aBadFileHurtsNoOtherAndWhatItSaidBeforeHolds(@TempDir Path folder) throws Exception {
    ManifestFolder manifests = new ManifestFolder(folder, "n1");
    Files.writeString(folder.resolve("a.yaml"), "nonsense: [");
    Files.writeString(folder.resolve("b.yaml"), WEB);
    Files.writeString(folder.resolve(".c.yaml.swp"), "nonsense");
    Files.createDirectory(folder.resolve("d"));
    ManifestFolder.Reading first = manifests.read();
    assertThat(first.pods()).hasSize(1);
    assertThat(first.problems()).containsOnlyKeys("a.yaml");
    assertThat(first.unsure()).isTrue();

    Files.delete(folder.resolve("a.yaml"));
    Files.writeString(folder.resolve("b.yaml"), "kind: Pod");
    Files.writeString(folder.resolve("c.yaml"), WEB);
    ManifestFolder.Reading second = manifests.read();
    assertThat(second.pods()).isEqualTo(first.pods());
    assertThat(second.problems().get("b.yaml")).contains("metadata.name: Required value");
    assertThat(second.problems().get("c.yaml")).contains("another manifest describes");
    assertThat(second.unsure()).isFalse();
  }
}
