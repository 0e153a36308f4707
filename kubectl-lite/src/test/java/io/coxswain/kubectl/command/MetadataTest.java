package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetadataTest extends AgainstFakeServer {

  @BeforeEach
  void pod() {
    server.on(
        "GET " + PODS + "/web",
        "{\"metadata\": {\"name\": \"web\", \"namespace\": \"default\", \"labels\": {\"app\": \"web\"}}}");
    server.on("PATCH " + PODS + "/web", "{}");
  }

  @ParameterizedTest
  @CsvSource({
    "label pod web tier=front, pod/web labeled, '{\"tier\":\"front\"}'",
    "label pod/web app=api --overwrite, pod/web labeled, '{\"app\":\"api\"}'",
    "label pod web app-, pod/web unlabeled, '{\"app\":null}'",
    "annotate pod web note=a=b, pod/web annotated, '{\"note\":\"a=b\"}'"
  })
  void sendsOnlyWhatChanges(String line, String out, String values) {
    assertThat(run(line)).isEqualTo(new CommandLine.Ran(0, out + "\n", ""));
    assertThat(server.asked("PATCH").getFirst().body()).contains(values);
  }

  @Test
  void whatIsSoAlreadyIsNotSent() {
    assertThat(run("label pod web app=web").out()).isEqualTo("pod/web not labeled\n");
    assertThat(server.asked("PATCH")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "label pod web app=api, 'error: ''app'' already has a value (web), and --overwrite is false'",
    "label pod web, error: at least one label update is required",
    "annotate pod web, error: at least one annotate update is required",
    "label pods a=b, 'error: name objects, or use -l or --all'",
    "label pod gone a=b, Error from server (NotFound)",
    "label a=b, error: you must name a resource"
  })
  void refuses(String line, String message) {
    CommandLine.Ran ran = run(line);

    assertThat(ran.err()).contains(message);
    assertThat(ran.code()).isEqualTo(1);
    assertThat(server.asked("PATCH")).isEmpty();
  }
}
