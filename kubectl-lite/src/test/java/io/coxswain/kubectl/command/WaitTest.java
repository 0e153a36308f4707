package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitTest extends AgainstFakeServer {

  private static String pod(String ready) {
    return "{\"metadata\": {\"name\": \"web\", \"namespace\": \"default\"}, \"status\": {\"phase\": \"Running\", \"conditions\": [{\"type\": \"Ready\", \"status\": \""
        + ready
        + "\"}]}}";
  }

  private void serve(String... items) {
    server.on(
        "GET " + PODS,
        "{\"metadata\": {\"resourceVersion\": \"3\"}, \"items\": ["
            + String.join(",", items)
            + "]}");
  }

  @ParameterizedTest
  @CsvSource({
    "condition=Ready",
    "condition=ready=True",
    "jsonpath={.status.phase}=Running",
    "jsonpath={.status.phase}",
    "create"
  })
  void whatIsSoAlreadyIsNotWaitedFor(String what) {
    serve(pod("True"));

    assertThat(run("wait pod/web --for=" + what))
        .isEqualTo(new CommandLine.Ran(0, "pod/web condition met\n", ""));
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void aChangeIsFollowed() {
    serve(pod("False"));
    server.on(
        "WATCH " + PODS,
        "{\"type\": \"MODIFIED\", \"object\": "
            + pod("False")
            + "}\n{\"type\": \"MODIFIED\", \"object\": "
            + pod("True")
            + "}\n");

    assertThat(run("wait pod/web --for=condition=Ready").out())
        .isEqualTo("pod/web condition met\n");
    assertThat(server.asked().getLast().uri())
        .contains("fieldSelector=metadata.name%3Dweb", "resourceVersion=3");
  }

  @Test
  void theEndIsFollowedToo() {
    serve(pod("True"));
    server.on("WATCH " + PODS, "{\"type\": \"DELETED\", \"object\": " + pod("True") + "}\n");

    assertThat(run("wait pod/web --for=delete").out()).isEqualTo("pod/web deleted\n");
  }

  @Test
  void timeRunsOut() {
    serve(pod("False"));

    assertThat(run("wait pod/web --for=condition=Ready --timeout=0s"))
        .isEqualTo(
            new CommandLine.Ran(1, "", "error: timed out waiting for the condition on pods/web\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "wait pod/web --for=condition=Ready, Error from server (NotFound): pods \"web\" not found",
    "wait pods -l a=b --for=condition=Ready, error: no matching resources found",
    "wait pods --for=condition=Ready, 'error: name objects, or use -l or --all'",
    "wait pod/web, error: --for is required",
    "wait pod/web --for=luck, error: unrecognized condition: \"luck\""
  })
  void whatCannotComeIsTold(String line, String message) {
    serve();

    CommandLine.Ran ran = run(line);

    assertThat(ran.err()).contains(message);
    assertThat(ran.code()).isEqualTo(1);
  }
}
