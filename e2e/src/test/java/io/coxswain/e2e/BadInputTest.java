package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Wrong manifests: the error names file, document and field; the exit code is not zero; nothing is
/// stored.
@ExtendWith({OneNode.class, FailureLogs.class})
final class BadInputTest {

  record Wrong(String what, String manifest, List<String> told) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static String deployment(String spec) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: bad, namespace: bad}
    spec:
    """
        + spec.indent(2);
  }

  private static final String TEMPLATE =
      """
      selector: {matchLabels: {app: bad}}
      template:
        metadata: {labels: {app: bad}}
        spec:
          containers: [{name: main, image: "host:///"}]
      """;

  @SuppressWarnings("unused") // named by @FieldSource
  private static final List<Wrong> manifests =
      List.of(
          new Wrong("broken YAML", "apiVersion: v1\nkind: [Pod\n", List.of("line 3")),
          new Wrong("no kind", "apiVersion: v1\nmetadata: {name: bad}\n", List.of("kind")),
          new Wrong(
              "unknown kind",
              "apiVersion: v1\nkind: Pot\nmetadata: {name: bad}\n",
              List.of("Pot", "v1")),
          new Wrong(
              "unknown field",
              deployment("replcas: 2\n" + TEMPLATE),
              List.of("unknown field \"spec.replcas\"")),
          new Wrong(
              "duplicate field",
              deployment("replicas: 2\nreplicas: 3\n" + TEMPLATE),
              List.of("replicas")),
          new Wrong(
              "wrong type", deployment("replicas: many\n" + TEMPLATE), List.of("spec.replicas")),
          new Wrong(
              "negative replicas",
              deployment("replicas: -1\n" + TEMPLATE),
              List.of("spec.replicas", "-1", "greater than or equal to 0")),
          new Wrong(
              "several at once",
              deployment(
                  "replicas: -1\n"
                      + TEMPLATE
                          .replace("name: main", "name: Main_")
                          .replace("{app: bad}}\n  spec", "{app: other}}\n  spec")),
              List.of(
                  "spec.replicas",
                  "spec.template.spec.containers[0].name",
                  "spec.template.metadata.labels")),
          new Wrong(
              "bad name",
              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name, namespace: bad}\n",
              List.of("metadata.name", "Bad_Name", "RFC 1123")),
          new Wrong(
              "no such namespace",
              "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad, namespace: nowhere}\n",
              List.of("namespaces \"nowhere\" not found")));

  @BeforeAll
  static void namespace(TestCluster cluster) {
    cluster.kubectl("create", "namespace", "bad").succeeded();
  }

  @AfterAll
  static void end(TestCluster cluster) {
    cluster.kubectl("delete", "namespace", "bad", "--timeout=60s").succeeded();
  }

  @ParameterizedTest
  @FieldSource("manifests")
  void isToldAndNothingIsStored(Wrong wrong, TestCluster cluster, @TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("wrong.yaml");
    Files.writeString(file, wrong.manifest());
    Command.Result result = cluster.kubectl("apply", "-f", file.toString());
    assertThat(result.code()).isNotZero();
    assertThat(result.err()).contains("wrong.yaml").contains(wrong.told());
    assertThat(cluster.kubectl("-n", "bad", "get", "deployments,pods", "-o", "name").out())
        .isEmpty();
    assertThat(cluster.kubectl("-n", "bad", "get", "configmaps", "-o", "name").out())
        .doesNotContain("bad");
  }

  @Test
  void theDocumentIsNamed(TestCluster cluster, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("two.yaml");
    Files.writeString(
        file,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine, namespace: bad}\n---\n"
            + deployment("replicas: -1\n" + TEMPLATE));
    Command.Result result = cluster.kubectl("apply", "-f", file.toString());
    assertThat(result.code()).isNotZero();
    assertThat(result.err()).contains("two.yaml").containsPattern("document 2");
  }

  @Test
  void whatMayNotChangeIsTold(TestCluster cluster) {
    cluster.apply(deployment("replicas: 0\n" + TEMPLATE)).succeeded();
    Command.Result result =
        cluster.apply(deployment("replicas: 0\n" + TEMPLATE.replace("app: bad", "app: other")));
    assertThat(result.code()).isNotZero();
    assertThat(result.err()).contains("spec.selector").contains("field is immutable");
    cluster.kubectl("-n", "bad", "delete", "deployment", "bad").succeeded();
  }

  @Test
  void aManifestOfTenMegabytesIsRefused(TestCluster cluster, @TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("huge.yaml");
    Files.writeString(
        file,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: huge, namespace: bad}\ndata:\n  text: "
            + "x".repeat(10_000_000)
            + "\n");
    Command.Result result = cluster.kubectl("apply", "-f", file.toString());
    assertThat(result.code()).isNotZero();
    assertThat(result.err()).contains("huge.yaml").containsIgnoringCase("large");
    assertThat(cluster.kubectl("-n", "bad", "get", "configmap", "huge").code()).isNotZero();
  }

  @Test
  void anImageThatDoesNotExistIsTold(TestCluster cluster) {
    cluster
        .apply(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: noimage, namespace: bad}\nspec:\n"
                + "  terminationGracePeriodSeconds: 0\n"
                + "  containers: [{name: main, image: \"127.0.0.1:1/no/such:1\"}]\n")
        .succeeded();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .kubectl(
                            "-n",
                            "bad",
                            "get",
                            "pod",
                            "noimage",
                            "-o",
                            "jsonpath={.status.containerStatuses[0].state.waiting.reason}")
                        .out())
                .isIn("ErrImagePull", "ImagePullBackOff"));
    assertThat(cluster.kubectl("-n", "bad", "describe", "pod", "noimage").succeeded().out())
        .contains("127.0.0.1:1/no/such:1");
    cluster.kubectl("-n", "bad", "delete", "pod", "noimage").succeeded();
  }
}
