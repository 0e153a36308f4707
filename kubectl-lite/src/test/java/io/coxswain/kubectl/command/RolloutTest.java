package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RolloutTest extends AgainstFakeServer {

  private static final String SETS = "/apis/apps/v1/namespaces/default/replicasets";

  private static String set(int revision, String image, String cause) {
    return """
    {"metadata": {"name": "web-%1$d", "annotations": {"deployment.kubernetes.io/revision": "%1$d"%3$s},
       "ownerReferences": [{"uid": "u", "controller": true}]},
     "spec": {"template": {"metadata": {"labels": {"app": "web", "pod-template-hash": "h%1$d"}}, "spec": {"containers": [{"name": "c", "image": "%2$s"}]}}}}
    """
        .formatted(
            revision,
            image,
            cause.isEmpty() ? "" : ", \"kubernetes.io/change-cause\": \"" + cause + "\"");
  }

  @BeforeEach
  void history() {
    server.on(
        "GET " + DEPLOYMENTS + "/web",
        """
        {"metadata": {"name": "web", "namespace": "default", "uid": "u"},
         "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "three"}]}}}}
        """);
    server.on(
        "GET " + SETS,
        "{\"items\": ["
            + set(10, "three", "")
            + ","
            + set(2, "two", "a fix")
            + ","
            + set(1, "one", "")
            + ", {\"metadata\": {\"name\": \"other\", \"annotations\": {\"deployment.kubernetes.io/revision\": \"5\"}, \"ownerReferences\": [{\"uid\": \"x\"}]}}]}");
    server.on("PATCH " + DEPLOYMENTS + "/web", "{}");
  }

  @Test
  void historyListsTheVersionsByNumber() {
    assertThat(run("rollout history deployment/web").out())
        .isEqualTo(
            """
            deployment.apps/web\040
            REVISION   CHANGE-CAUSE
            1          <none>
            2          a fix
            10         <none>

            """);
  }

  @Test
  void oneVersionIsToldWhole() {
    assertThat(run("rollout history deploy web --revision=2").out())
        .startsWith("deployment.apps/web with revision #2\nPod Template:\n")
        .contains("image: two");
    assertThat(run("rollout history deploy web --revision=3").err())
        .contains("unable to find specified revision 3 in history: [1, 2, 10] are kept");
  }

  @Test
  void undoGoesToTheVersionBefore() {
    assertThat(run("rollout undo deployment/web").out())
        .isEqualTo("deployment.apps/web rolled back\n");
    assertThat(server.asked("PATCH").getFirst().body())
        .contains("\"image\":\"two\"")
        .doesNotContain("pod-template-hash");
  }

  @Test
  void undoGoesToTheVersionThatIsNamed() {
    run("rollout undo deployment/web --to-revision=1");
    assertThat(server.asked("PATCH").getFirst().body()).contains("\"image\":\"one\"");

    assertThat(run("rollout undo deployment/web --to-revision=10").out())
        .contains("skipped rollback (current template already matches revision 10)");
    assertThat(server.asked("PATCH")).hasSize(1);
  }

  @Test
  void aPausedDeploymentIsNotUndone() {
    server.on(
        "GET " + DEPLOYMENTS + "/held",
        "{\"metadata\": {\"name\": \"held\", \"uid\": \"u\"}, \"spec\": {\"paused\": true}}");

    CommandLine.Ran ran = run("rollout undo deployment/held");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("cannot rollback a paused deployment");
  }
}
