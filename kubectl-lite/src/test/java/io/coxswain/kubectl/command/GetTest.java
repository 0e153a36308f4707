package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class GetTest extends AgainstFakeServer {

  @BeforeEach
  void pods() throws Exception {
    for (String path : List.of(PODS, "/api/v1/pods")) {
      server.on("TABLE " + path, FakeServer.resource("/server/pods-table.json"));
      server.on("GET " + path, FakeServer.resource("/server/pods.json"));
    }
    server.on(
        "GET " + PODS + "/job",
        "{\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"job\", \"managedFields\": []}}");
  }

  record Case(String line, String out) {
    @Override
    public String toString() {
      return line;
    }
  }

  @SuppressWarnings("unused") // named by @FieldSource
  private static final List<Case> cases =
      List.of(
          new Case(
              "get pods",
              """
              NAME    READY
              web-1   1/1
              job     0/1
              """),
          new Case(
              "get po -o wide",
              """
              NAME    READY   NODE
              web-1   1/1     n1
              job     0/1     <none>
              """
                  .replace("<none>", "")),
          new Case(
              "get pods -A",
              """
              NAMESPACE   NAME    READY
              default     web-1   1/1
              prod        job     0/1
              """),
          new Case("get pods --no-headers", "web-1   1/1\njob     0/1\n"),
          new Case(
              "get pods --show-labels -L app",
              """
              NAME    READY   APP   LABELS
              web-1   1/1     web   app=web,b=2
              job     0/1           <none>
              """),
          new Case("get pods -o name", "pod/web-1\npod/job\n"),
          new Case("get pods -o jsonpath={.items[*].metadata.name}", "web-1 job"),
          new Case(
              "get pods -o custom-columns=NAME:.metadata.name,IP:.status.podIP",
              """
              NAME    IP
              web-1   10.244.0.5
              job     <none>
              """),
          new Case("get pods --sort-by=.metadata.name -o name", "pod/job\npod/web-1\n"),
          new Case("get pod job -o yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: job\n"),
          new Case(
              "get pod/job -o json",
              """
              {
                  "apiVersion": "v1",
                  "kind": "Pod",
                  "metadata": {
                      "name": "job"
                  }
              }
              """));

  @ParameterizedTest
  @FieldSource("cases")
  void shows(Case example) {
    CommandLine.Ran ran = run(example.line());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out().replaceAll("(?m) +$", ""))
        .isEqualTo(example.out().replaceAll("(?m) +$", ""));
    assertThat(ran.code()).isZero();
  }

  @Test
  void selectorsAreTheServersBusiness() {
    run("get pods -l app=web,tier!=db --field-selector status.phase=Running");

    assertThat(server.asked().getFirst().uri())
        .contains("labelSelector=app%3Dweb%2Ctier%21%3Ddb", "fieldSelector=status.phase%3DRunning");
  }

  @Test
  void pagesAreAskedForUntilTheLast() {
    server.on(
        "GET /api/v1/namespaces/default/configmaps",
        "{\"metadata\": {\"continue\": \"a b\"}, \"items\": [{\"metadata\": {\"name\": \"one\"}}]}");
    server.on(
        "GET /api/v1/namespaces/default/configmaps",
        "{\"metadata\": {}, \"items\": [{\"metadata\": {\"name\": \"two\"}}]}");

    assertThat(run("get cm -o name --chunk-size=1").out())
        .isEqualTo("configmap/one\nconfigmap/two\n");
    assertThat(server.asked()).hasSize(2);
    assertThat(server.asked().getLast().uri()).endsWith("limit=1&continue=a+b");
  }

  @Test
  void aWatchShowsWhatIsThereAndThenWhatChanges() {
    server.on(
        "WATCH " + PODS,
        """
        {"type": "ADDED", "object": {"kind": "Table", "columnDefinitions": [{"name": "Name", "priority": 0}, {"name": "Ready", "priority": 0}],
          "rows": [{"cells": ["new", "0/1"], "object": {"metadata": {"name": "new"}}}]}}
        {"type": "BOOKMARK", "object": {"kind": "Table", "rows": [{"cells": ["bookmark", ""], "object": {}}]}}
        {"type": "MODIFIED", "object": {"kind": "Table", "rows": [{"cells": ["new", "1/1"], "object": {"metadata": {"name": "new"}}}]}}
        """);

    assertThat(run("get pods -w").out())
        .isEqualTo(
            """
            NAME    READY
            web-1   1/1
            job     0/1
            new     0/1
            new     1/1
            """);
    assertThat(server.asked().getLast().uri()).contains("resourceVersion=7", "watch=true");
  }

  @Test
  void aWatchThatTheServerEndsWithAnErrorFails() {
    server.on(
        "WATCH " + PODS,
        "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"message\": \"too old\"}}\n");

    CommandLine.Ran ran = run("get pods --watch-only");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).isEqualTo("error: too old\n");
  }

  record Refused(String line, String message) {
    @Override
    public String toString() {
      return line;
    }
  }

  @SuppressWarnings("unused") // named by @FieldSource
  private static final List<Refused> refusals =
      List.of(
          new Refused("get", "error: you must name a resource"),
          new Refused(
              "get unicorns", "error: the server doesn't have a resource type \"unicorns\""),
          new Refused("get pods -o gold", "unable to match a printer"),
          new Refused("get pods --selecter=a", "Did you mean --selector?"),
          new Refused("gte pods", "Did you mean this?\n\tget"),
          new Refused("get pod gone", "Error from server (NotFound): \"gone\" not found"),
          new Refused("get pod web-1 -A", "cannot be retrieved by name across all namespaces"),
          new Refused("get pods/a services", "each word must be KIND/NAME"));

  @ParameterizedTest
  @FieldSource("refusals")
  void refuses(Refused example) {
    CommandLine.Ran ran = run(example.line());

    assertThat(ran.err()).contains(example.message());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void nothingFoundIsSaidAndIsNoFailure() {
    server.on("TABLE /api/v1/namespaces/default/configmaps", "{\"kind\": \"Table\", \"rows\": []}");

    assertThat(run("get cm"))
        .isEqualTo(new CommandLine.Ran(0, "", "No resources found in default namespace.\n"));
    assertThat(run("get pod gone --ignore-not-found")).isEqualTo(new CommandLine.Ran(0, "", ""));
  }
}
