package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.FakeServer;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplaceTest extends AgainstFakeServer {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String OBJECT =
      """
      {"apiVersion": "v1", "kind": "ConfigMap",
       "metadata": {"name": "c", "namespace": "default", "resourceVersion": "7"}}
      """;

  @BeforeEach
  void file() throws Exception {
    Files.writeString(
        folder.resolve("c.yaml"), "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
    server.on("GET " + MAPS + "/c", OBJECT);
  }

  @Test
  void theObjectIsPutAsItWasReadLast() {
    server.on("PUT " + MAPS + "/c", OBJECT);

    assertThat(run("replace -f c.yaml").out()).isEqualTo("configmap/c replaced\n");
    FakeServer.Asked put = server.asked("PUT").getFirst();
    assertThat(put.body()).contains("\"resourceVersion\":\"7\"");
    assertThat(put.uri()).contains("fieldManager=kubectl-replace", "fieldValidation=Strict");
  }

  @Test
  void forceRemovesAndMakesAgain() {
    server.on("DELETE " + MAPS + "/c", OBJECT);
    server.on("GET " + MAPS, "{\"metadata\": {\"resourceVersion\": \"8\"}, \"items\": []}");
    server.on("POST " + MAPS, OBJECT);

    assertThat(run("replace --force --grace-period=0 -f c.yaml").out())
        .isEqualTo("configmap \"c\" deleted\nconfigmap/c replaced\n");
    assertThat(server.asked("DELETE").getFirst().body()).contains("\"gracePeriodSeconds\":0");
    assertThat(server.asked("POST").getFirst().body()).doesNotContain("resourceVersion");
  }

  @Test
  void aMissingObjectIsNotMade() {
    assertThat(run("replace -f c.yaml -n other").err())
        .isEqualTo("error: c.yaml: Error from server (NotFound): \"c\" not found\n");
  }
}
