package io.coxswain.kubectl.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.kubectl.KubectlLite;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The whole command, against a server that has to be asked in the old way.
class PortForwardTest {

  private static final Pattern PORT = Pattern.compile("from 127\\.0\\.0\\.1:(\\d+) -> 80\n");

  @TempDir Path folder;
  private SpdyServer server;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  PortForwardTest() throws Exception {
    server = new SpdyServer(FakeServer.resource("/server/api.json"));
  }

  @BeforeEach
  void kubeconfig() throws Exception {
    Files.writeString(folder.resolve("config"), CommandLine.kubeconfig(server.url(), ""));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private CompletableFuture<Integer> forward(String... ports) {
    Session.World world =
        new Session.World(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of("KUBECONFIG", folder.resolve("config").toString(), "HOME", folder.toString()),
            folder,
            Clock.systemUTC());
    List<String> words =
        new java.util.ArrayList<>(List.of("port-forward", "--address=127.0.0.1", "p"));
    words.addAll(List.of(ports));
    return CompletableFuture.supplyAsync(
        () -> KubectlLite.run(words, world), task -> Thread.ofVirtual().start(task));
  }

  private int port(Pattern pattern) {
    await().until(() -> pattern.matcher(out.toString(StandardCharsets.UTF_8)).find());
    Matcher found = pattern.matcher(out.toString(StandardCharsets.UTF_8));
    assertThat(found.find()).isTrue();
    return Integer.parseInt(found.group(1));
  }

  private static byte[] echo(int port, byte[] sent) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  socket.getOutputStream().write(sent);
                  socket.shutdownOutput();
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      byte[] got = socket.getInputStream().readAllBytes();
      writer.join();
      return got;
    }
  }

  @Test
  void carriesSeveralConnectionsAndTellsOfTheServersEnd() throws Exception {
    CompletableFuture<Integer> code = forward(":80");
    int port = port(PORT);
    byte[] sent = "0123456789".repeat(100_000).getBytes(StandardCharsets.UTF_8);

    assertThat(echo(port, sent)).isEqualTo(sent);
    assertThat(echo(port, sent)).isEqualTo(sent);
    assertThat(server.asked)
        .contains(
            "GET /api/v1/namespaces/default/pods/p/portforward",
            "POST /api/v1/namespaces/default/pods/p/portforward");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("Handling connection for " + port);

    server.close();
    assertThat(code.get()).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("error: lost connection to pod\n");
  }

  @Test
  void aPortThatIsClosedInThePodIsToldAndTheOthersGoOn() throws Exception {
    var _ = forward(":81", ":80");
    int closed = port(Pattern.compile("from 127\\.0\\.0\\.1:(\\d+) -> 81\n"));

    assertThat(echo(closed, new byte[0])).isEmpty();
    await()
        .untilAsserted(() ->
            assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                    "error: an error occurred forwarding " + closed + " -> 81: nothing listens\n"));
    byte[] sent = "still there".getBytes(StandardCharsets.UTF_8);
    assertThat(echo(port(PORT), sent)).isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource({"5000,5000,5000", "8888:5000,8888,5000", ":5000,0,5000", "0:5000,0,5000"})
  void portsAreRead(String text, int local, int remote) {
    assertThat(ForwardedPort.parse(text)).isEqualTo(new ForwardedPort(local, remote));
  }

  @ParameterizedTest
  @CsvSource({
    "1:2:3,invalid port format '1:2:3'",
    "a:80,error parsing local port 'a'",
    "80:70000,error parsing remote port '70000'",
    "80:0,remote port must be > 0"
  })
  void whatIsNoPortIsRefused(String text, String why) {
    assertThatThrownBy(() -> ForwardedPort.parse(text)).hasMessageContaining(why);
  }
}
