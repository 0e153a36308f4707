package io.coxswain.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import io.coxswain.kubectl.testing.SocketRelay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When the machine's own socket is taken, and when not.
class LocalSocketTest {

  @TempDir Path folder;
  private Path socket;
  private Path admin;
  private FakeServer server;
  private SocketRelay relay;

  @BeforeEach
  void start() throws Exception {
    socket = folder.resolve("api.sock");
    admin = folder.resolve("admin.kubeconfig");
    server = FakeServer.start();
    server.on(
        "GET /api/v1/namespaces/default/pods/web",
        """
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "default"}}
        """);
    relay = SocketRelay.start(socket, server);
    Files.writeString(
        admin,
        CommandLine.kubeconfig(
            server.url(),
            """
                extensions:
                - name: io.coxswain/local
                  extension: {socket: '%s', kubeconfig: '%s', user: test-admin}
            """
                .formatted(socket, admin)));
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
    server.close();
  }

  private CommandLine.Ran getPod(Map<String, String> environment, String... more) {
    List<String> words = new java.util.ArrayList<>(List.of("get", "pod/web", "-o", "name"));
    words.addAll(List.of(more));
    return CommandLine.in(folder, environment).run(words.toArray(String[]::new));
  }

  @Test
  void theClusterOfThisMachineIsReachedByItsSocket() {
    CommandLine.Ran ran = getPod(Map.of("COXSWAIN_ADMIN_KUBECONFIG", admin.toString()));

    assertThat(ran).isEqualTo(new CommandLine.Ran(0, "pod/web\n", ""));
    assertThat(relay.connections()).isEqualTo(1);
    assertThat(server.asked())
        .extracting(FakeServer.Asked::packing)
        .as("packing costs more than it saves here")
        .containsOnly("");
  }

  @Test
  void theVeryFileMayBeNamedByAnotherWay() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), admin);

    assertThat(getPod(Map.of(), "--kubeconfig", admin.toString()).out()).isEqualTo("pod/web\n");
    assertThat(getPod(Map.of("KUBECONFIG", link.toString())).out()).isEqualTo("pod/web\n");
    assertThat(relay.connections()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"--context, other", "--token, another", "--server, http://127.0.0.1:PORT"})
  void whoAsksForSomethingElseGetsIt(String option, String value) {
    CommandLine.Ran ran =
        getPod(
            Map.of("COXSWAIN_ADMIN_KUBECONFIG", admin.toString()),
            option,
            value.replace("PORT", Integer.toString(server.port())));

    assertThat(ran.out()).isEqualTo("pod/web\n");
    assertThat(relay.connections()).isZero();
  }

  @Test
  void aCopyOfTheFileSpeaksOfAnotherMachine() throws Exception {
    Path copy = Files.copy(admin, folder.resolve("copy.kubeconfig"));

    assertThat(getPod(Map.of("KUBECONFIG", copy.toString())).out()).isEqualTo("pod/web\n");
    assertThat(relay.connections()).isZero();
    assertThat(server.asked()).extracting(FakeServer.Asked::packing).containsOnly("gzip");
  }

  @Test
  void withoutASocketThatAnswersTheServersAddressIsTaken() throws Exception {
    relay.close();
    assertThat(socket).exists();

    assertThat(getPod(Map.of("COXSWAIN_ADMIN_KUBECONFIG", admin.toString())).out())
        .isEqualTo("pod/web\n");
  }
}
