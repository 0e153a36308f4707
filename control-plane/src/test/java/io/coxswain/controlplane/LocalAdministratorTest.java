package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who the machine's own socket makes of somebody, and how tools find it.
class LocalAdministratorTest {

  @TempDir static Path folder;
  private static Path socket;
  private static ControlPlane plane;

  @BeforeAll
  static void start() throws Exception {
    socket = folder.resolve("admin/api.sock");
    plane =
        ControlPlane.start(
            ControlPlaneOptions.inMemory(folder).withoutControllers().withLocalSocket(socket),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  static void stop() {
    if (plane != null) {
      plane.close();
    }
  }

  private static String send(String head, String body) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      String request =
          head
              + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      Channels.newOutputStream(channel).write(request.getBytes(StandardCharsets.UTF_8));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whoComesByTheSocketIsTheAdministrator() throws Exception {
    String answer =
        send(
            "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
            "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}");

    assertThat(answer)
        .startsWith("HTTP/1.1 201 ")
        .contains("\"username\":\"kubernetes-admin\"")
        .contains("\"system:masters\"");
    assertThat(send("GET /api/v1/namespaces/kube-system/secrets", "")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void theAdministratorsKubeconfigSaysWhereItIsAndWhichFileItSpeaksOf() throws Exception {
    Path file = folder.resolve("it's.kubeconfig");
    plane.writeKubeconfig(file);

    assertThat(Files.readString(file))
        .contains(
            """
                extensions:
                - name: io.coxswain/local
                  extension:
                    socket: '%s'
                    kubeconfig: '%s'
                    user: coxswain-admin
            users:
            - name: coxswain-admin
            """
                .formatted(socket, file.toString().replace("'", "''")));
  }
}
