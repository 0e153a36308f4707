package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.testing.CommandLine;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class DebugTest extends AgainstFakeServer {

  @BeforeEach
  void objects() {
    server.on(
        "GET " + PODS + "/web",
        """
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "web", "namespace": "default", "uid": "u", "labels": {"app": "web"}},
         "spec": {"nodeName": "n1", "containers": [
           {"name": "a", "image": "a:1", "args": ["x"], "livenessProbe": {"httpGet": {}}},
           {"name": "b", "image": "b:1"}]}}
        """);
    server.on("GET /api/v1/nodes/n1", "{\"kind\": \"Node\", \"metadata\": {\"name\": \"n1\"}}");
    server.on("POST " + PODS, 201, "{\"metadata\": {\"name\": \"x\", \"namespace\": \"default\"}}");
  }

  private JsonNode made() throws Exception {
    return Json.parse(server.asked("POST").getFirst().body().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aCopyRunsAnotherProgramAndLeavesTheService() throws Exception {
    assertThat(run("debug web --copy-to=copy -c a -- sh -c ls").code()).isZero();

    JsonNode spec = Json.at(made(), "spec");
    JsonNode container = Json.at(spec, "containers").get(0);
    assertThat(Json.at(made(), "metadata").has("labels")).isFalse();
    assertThat(Json.at(made(), "metadata").has("uid")).isFalse();
    assertThat(spec.has("nodeName")).isFalse();
    assertThat(Json.at(spec, "shareProcessNamespace").asBoolean()).isTrue();
    assertThat(Json.compact(Json.at(container, "command"))).isEqualTo("[\"sh\",\"-c\",\"ls\"]");
    assertThat(container.has("args")).isFalse();
    assertThat(container.has("livenessProbe")).isFalse();
  }

  @Test
  void aCopyMayHaveOtherImagesOnly() throws Exception {
    CommandLine.Ran ran = run("debug web --copy-to=copy --set-image=*=all:2,b=b:2 --same-node");

    assertThat(ran.out()).isEmpty();
    assertThat(Json.text(Json.at(made(), "spec", "containers").get(0), "image")).isEqualTo("all:2");
    assertThat(Json.text(Json.at(made(), "spec", "containers").get(1), "image")).isEqualTo("b:2");
    assertThat(Json.text(made(), "spec", "nodeName")).isEqualTo("n1");
  }

  @Test
  void onANodeThePodSeesTheWholeHost() throws Exception {
    assertThat(run("debug node/n1 --image=tools").out())
        .matches(
            "Creating debugging pod node-debugger-n1-\\w{5} with container debugger on node n1.\n");

    JsonNode spec = Json.at(made(), "spec");
    assertThat(Json.text(spec, "nodeName")).isEqualTo("n1");
    assertThat(Json.at(spec, "hostPID").asBoolean()).isTrue();
    assertThat(Json.compact(Json.at(Json.at(spec, "containers").get(0), "volumeMounts")))
        .isEqualTo("[{\"mountPath\":\"/host\",\"name\":\"host-root\"}]");
  }

  @Test
  void aServerWithoutEphemeralContainersIsTold() {
    server.on(
        "PATCH " + PODS + "/web/ephemeralcontainers",
        404,
        "{\"kind\": \"Status\", \"reason\": \"NotFound\", \"message\": \"no such path\"}");

    CommandLine.Ran ran = run("debug web --image=tools -c d");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("ephemeral containers are disabled for this cluster");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "debug web|you must specify --image when not using --copy-to.",
        "debug web --image=x --replace|--replace may only be used with --copy-to.",
        "debug web --copy-to=c|you must specify --image, --set-image or command arguments.",
        "debug web --image=x -t|-i/--stdin is required for containers with -t/--tty=true",
        "debug web --image=x --profile=p|unknown profile: p",
        "debug --image=x|NAME or filename is required for debug"
      })
  void whatDoesNotFitTogetherIsRefused(String line, String why) {
    CommandLine.Ran ran = run(line);
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).isEqualTo("error: " + why + "\n");
    assertThat(server.asked("POST")).isEmpty();
  }
}
