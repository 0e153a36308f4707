package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DrainTest extends AgainstFakeServer {

  private static String pod(String name, String owner, String spec, String phase) {
    return "{\"metadata\": {\"name\": \""
        + name
        + "\", \"namespace\": \"default\", \"uid\": \"u-"
        + name
        + "\""
        + (owner.isEmpty()
            ? ""
            : ", \"ownerReferences\": [{\"kind\": \"" + owner + "\", \"controller\": true}]")
        + "}, \"spec\": "
        + spec
        + ", \"status\": {\"phase\": \""
        + phase
        + "\"}}";
  }

  @BeforeEach
  void node() {
    server.on("GET /api/v1/nodes/n1", "{\"metadata\": {\"name\": \"n1\"}, \"spec\": {}}");
    server.on("PATCH /api/v1/nodes/n1", "{}");
    server.on("GET " + PODS, "{\"items\": []}");
    for (String name : new String[] {"web", "bare", "scratch", "done"}) {
      server.on("POST " + PODS + "/" + name + "/eviction", 201, "{}");
    }
  }

  private void onNode(String... pods) {
    server.on("GET /api/v1/pods", "{\"items\": [" + String.join(",", pods) + "]}");
  }

  @Test
  void podsAreEvictedAndWaitedFor() {
    onNode(pod("web", "ReplicaSet", "{}", "Running"), pod("done", "", "{}", "Succeeded"));

    CommandLine.Ran ran = run("drain n1 --grace-period=5");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .endsWith(
            """
            evicting pod default/web
            evicting pod default/done
            pod/web evicted
            pod/done evicted
            node/n1 drained
            """);
    assertThat(server.asked("PATCH").getFirst().body()).contains("\"unschedulable\":true");
    assertThat(server.asked("POST").getFirst().body())
        .contains("\"kind\":\"Eviction\"", "\"gracePeriodSeconds\":5");
  }

  @Test
  void whatWouldBeLostStaysUnlessSaidOtherwise() {
    onNode(
        pod("agent", "DaemonSet", "{}", "Running"),
        pod("bare", "", "{}", "Running"),
        pod(
            "scratch",
            "ReplicaSet",
            "{\"volumes\": [{\"name\": \"v\", \"emptyDir\": {}}]}",
            "Running"));

    CommandLine.Ran ran = run("drain n1");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .contains("--ignore-daemonsets to ignore): default/agent")
        .contains("--force to override): default/bare")
        .contains("--delete-emptydir-data to override): default/scratch");
    assertThat(server.asked("POST")).isEmpty();

    assertThat(run("drain n1 --ignore-daemonsets --force --delete-emptydir-data").code()).isZero();
    assertThat(server.asked("POST"))
        .extracting(each -> each.uri().replace(PODS, ""))
        .containsExactly("/bare/eviction", "/scratch/eviction");
  }

  @Test
  void aPodThatIsGoneMeanwhileIsNoFailure() {
    onNode(pod("gone", "ReplicaSet", "{}", "Running"));

    assertThat(run("drain n1").out()).endsWith("pod/gone evicted\nnode/n1 drained\n");
  }
}
