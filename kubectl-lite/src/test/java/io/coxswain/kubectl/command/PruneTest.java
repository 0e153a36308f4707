package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PruneTest extends AgainstFakeServer {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String APPLIED =
      "\"annotations\": {\"kubectl.kubernetes.io/last-applied-configuration\":"
          + " \"{\\\"metadata\\\":{\\\"labels\\\":{\\\"set\\\":\\\"x\\\"}}}\"}";

  @BeforeEach
  void objects() throws Exception {
    Files.writeString(
        folder.resolve("a.yaml"),
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {set: x}}}");
    String a =
        "{\"metadata\": {\"name\": \"a\", \"namespace\": \"default\", \"uid\": \"1\","
            + " \"labels\": {\"set\": \"x\"}, "
            + APPLIED
            + "}}";
    server.on("GET " + MAPS + "/a", a);
    server.on("PATCH " + MAPS + "/a", a);
    for (String plural :
        new String[] {"secrets", "services", "persistentvolumeclaims", "pods", "configmaps"}) {
      server.on("GET /api/v1/namespaces/default/" + plural, "{\"items\": []}");
    }
    for (String path :
        new String[] {
          "/api/v1/namespaces",
          "/apis/apps/v1/namespaces/default/deployments",
          "/apis/apps/v1/namespaces/default/replicasets",
          "/apis/batch/v1/namespaces/default/jobs",
          "/apis/batch/v1/namespaces/default/cronjobs",
          "/apis/networking.k8s.io/v1/namespaces/default/ingresses"
        }) {
      server.on("GET " + path, "{\"items\": []}");
    }
    server.on(
        "GET " + MAPS + "?labelSelector=set%3Dx",
        "{\"items\": ["
            + a
            + ", {\"metadata\": {\"name\": \"old\", \"namespace\": \"default\", \"uid\": \"2\", "
            + APPLIED
            + "}}, {\"metadata\": {\"name\": \"notmine\", \"namespace\": \"default\", \"uid\": \"3\"}}]}");
    server.on("DELETE " + MAPS + "/old", "{}");
  }

  @Test
  void whatWasAppliedOnceAndIsNotInTheFilesGoes() {
    assertThat(run("apply -f a.yaml --prune -l set=x").out())
        .contains("configmap/a ", "configmap/old pruned\n")
        .doesNotContain("notmine");
    assertThat(server.asked("DELETE")).hasSize(1);
  }

  @Test
  void aDryRunOnlyTells() {
    assertThat(run("apply -f a.yaml --prune -l set=x --dry-run=client").out())
        .contains("configmap/old pruned (dry run)\n");
    assertThat(server.asked("DELETE")).isEmpty();
  }

  @Test
  void onlyTheAllowedKindsAreLookedAt() {
    assertThat(run("apply -f a.yaml --prune -l set=x --prune-allowlist=core/v1/Secret").out())
        .doesNotContain("pruned");
    assertThat(run("apply -f a.yaml --prune -l set=x --prune-allowlist=core/v1/Nothing").err())
        .contains("no matches for kind \"Nothing\"");
  }

  @Test
  void everythingIsOnlyMeantWhenItIsSaid() {
    assertThat(run("apply -f a.yaml --prune").err()).contains("--all");
  }
}
