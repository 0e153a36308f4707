package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DeleteTest extends AgainstFakeServer {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  @Test
  void severalKindsMayHaveOneName() {
    server.on("DELETE " + DEPLOYMENTS + "/web", "{}");
    server.on("DELETE " + MAPS + "/web", "{}");

    CommandLine.Ran ran = run("delete deploy,svc,cm web --wait=false");

    assertThat(ran.out())
        .isEqualTo(
            "deployment.apps \"web\" deleted from default namespace\n"
                + "configmap \"web\" deleted from default namespace\n");
    assertThat(ran.err()).contains("NotFound");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(server.asked("DELETE"))
        .extracting(FakeServer.Asked::uri)
        .containsExactly(
            DEPLOYMENTS + "/web", "/api/v1/namespaces/default/services/web", MAPS + "/web");
  }

  @Test
  void whatAKustomizationMakesGoes() throws Exception {
    Path kustomization = Files.createDirectory(folder.resolve("k"));
    Files.writeString(
        kustomization.resolve("kustomization.yaml"), "namePrefix: k-\nresources: [cm.yaml]\n");
    Files.writeString(
        kustomization.resolve("cm.yaml"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n");
    server.on("DELETE " + MAPS + "/k-cm", "{}");

    assertThat(run("delete --wait=false -k " + kustomization).out())
        .isEqualTo("configmap \"k-cm\" deleted from default namespace\n");
  }
}
