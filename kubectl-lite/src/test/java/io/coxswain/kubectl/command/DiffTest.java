package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiffTest extends AgainstFakeServer {

  private static final String SECRETS = "/api/v1/namespaces/default/secrets";

  @BeforeEach
  void file() throws Exception {
    Files.writeString(
        folder.resolve("s.yaml"),
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: Yg==, c: Yw==}}");
  }

  private static String secret(String data) {
    return """
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default",
     "managedFields": [], "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
     "data": %s}
    """
        .formatted(data);
  }

  @Test
  void whatWouldChangeIsShownWithoutTheValuesOfSecrets() {
    server.on(
        "GET " + SECRETS + "/s", secret("{\"a\": \"YQ==\", \"b\": \"Yg==\", \"c\": \"Yw==\"}"));
    server.on("PATCH " + SECRETS + "/s", secret("{\"a\": \"Yg==\", \"c\": \"Yw==\"}"));

    CommandLine.Ran ran = run("diff -f s.yaml");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out())
        .containsPattern(
            "diff -u -N .*/LIVE-.*/v1.Secret.default.s .*/MERGED-.*/v1.Secret.default.s")
        .contains(
            """
             data:
            -  a: '*** (before)'
            -  b: '***'
            +  a: '*** (after)'
               c: '***'
            """)
        .doesNotContain("Yg==", "managedFields", "last-applied");
    assertThat(server.asked("PATCH").getFirst().uri()).contains("dryRun=All");
  }

  @Test
  void nothingToChangeIsZero() {
    server.on("GET " + SECRETS + "/s", secret("{\"a\": \"YQ==\"}"));
    server.on("PATCH " + SECRETS + "/s", secret("{\"a\": \"YQ==\"}"));

    CommandLine.Ran ran = run("diff -f s.yaml");

    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).isZero();
  }

  @Test
  void aNewObjectIsAllAdditions() {
    server.on("POST " + SECRETS, secret("{\"a\": \"YQ==\"}"));

    CommandLine.Ran ran = run("diff -f s.yaml");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("+kind: Secret", "+  a: '***'");
    assertThat(server.asked("POST").getFirst().uri()).contains("dryRun=All");
  }

  @Test
  void anotherProgramMayCompare() {
    server.on("POST " + SECRETS, secret("{}"));

    assertThat(commands.with("KUBECTL_EXTERNAL_DIFF", "ls").run("diff", "-f", "s.yaml").out())
        .contains("LIVE-", "MERGED-", "v1.Secret.default.s");
    CommandLine.Ran missing =
        commands.with("KUBECTL_EXTERNAL_DIFF", "no-such-program").run("diff", "-f", "s.yaml");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("failed to run \"no-such-program\"");
  }

  @Test
  void failuresAreNoDifferences() {
    assertThat(run("diff -f missing.yaml").code()).isEqualTo(2);
    assertThat(run("diff -f s.yaml").code()).isEqualTo(2);
  }
}
