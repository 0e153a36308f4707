package io.coxswain.controlplane.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Tls;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The socket of this machine's administrators, and who does not come in.
class LocalSocketTest {

  private static final String NOBODY = "65534";

  @TempDir static Path keys;
  private static Pki pki;

  @TempDir Path folder;
  private Path closed;
  private Path socket;
  private EdgeServer server;

  @BeforeAll
  static void certificates() throws Exception {
    pki = Pki.open(keys, Clock.systemUTC());
  }

  @BeforeEach
  void start() throws Exception {
    closed = folder.resolve("admin");
    socket = closed.resolve("api.sock");
    server = server();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static EdgeServer server() throws IOException {
    return EdgeServer.start(
        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
        new Tls.RotatingKey(pki.serving("edge", "edge", List.of("127.0.0.1", "localhost"))),
        pki.authority(),
        EdgeLimits.DEFAULT,
        exchange ->
            exchange.respond(
                200,
                Map.of(),
                (exchange.isLocal() ? "local" : "remote").getBytes(StandardCharsets.UTF_8)),
        new SimpleMeterRegistry());
  }

  /// The answer to one request, head and body.
  private static String ask(Path socket) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      Channels.newOutputStream(channel)
          .write(
              "GET / HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatComesOverTheSocketIsLocalAndNothingElseIs() throws Exception {
    server.listenLocally(socket);

    assertThat(ask(socket)).startsWith("HTTP/1.1 200 OK").endsWith("local");
    assertThat(overTls()).isEqualTo("remote");
  }

  private String overTls() throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {Tls.trusting(pki.authority())}, null);
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      URI uri = URI.create("https://127.0.0.1:" + server.addresses().getFirst().getPort() + "/");
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void nobodyElseCanComeNear() throws Exception {
    Files.createDirectory(closed);
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxrwxrwx"));

    server.listenLocally(socket);

    assertThat(mode(closed)).isEqualTo("rwx------");
    assertThat(mode(socket)).isEqualTo("rw-------");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aDeadServersFileIsReplacedAndOursGoesWithUs() throws Exception {
    Files.createDirectory(closed);
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();

    server.listenLocally(socket);

    assertThat(ask(socket)).endsWith("local");
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void aLivingServersSocketIsLeftAlone() throws Exception {
    server.listenLocally(socket);
    try (EdgeServer second = server()) {
      assertThatThrownBy(() -> second.listenLocally(socket))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another server answers");
    }
    assertThat(ask(socket)).endsWith("local");
  }

  @Test
  void aFolderThatLeadsElsewhereIsNotTaken() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(closed, elsewhere);

    assertThatThrownBy(() -> server.listenLocally(socket))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no folder of");
  }

  @Test
  void aPathTooLongForASocketIsSaidToBe() {
    Path deep = folder.resolve("d".repeat(100)).resolve("api.sock");

    assertThatThrownBy(() -> server.listenLocally(deep))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("longer than the 107 bytes");
  }

  @ParameterizedTest
  @CsvSource({"0, true", "65534, false", "1, false"})
  void onlyRootAndTheServersOwnUserAreAdmitted(String user, boolean admitted) throws Exception {
    Assumptions.assumeTrue(isRoot(), "the server's own user is another then");
    LocalSocket rules = LocalSocket.prepare(socket);
    assertThat(
            rules.admits(
                FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(user)))
        .isEqualTo(admitted);
  }

  @Test
  void anotherUserIsCutOffEvenWhereTheFilesWereOpened() throws Exception {
    Assumptions.assumeTrue(isRoot(), "only root can be somebody else");
    Path setpriv = Path.of("/usr/bin/setpriv");
    Path curl = Path.of("/usr/bin/curl");
    Assumptions.assumeTrue(Files.isExecutable(setpriv) && Files.isExecutable(curl));
    server.listenLocally(socket);
    for (Path each : List.of(folder, closed, socket)) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    assertThat(curl("0")).contains("local");
    assertThat(curl(NOBODY)).doesNotContain("local").contains("curl: (");
  }

  private String curl(String user) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "/usr/bin/setpriv",
                "--reuid=" + user,
                "--clear-groups",
                "/usr/bin/curl",
                "-sS",
                "--unix-socket",
                socket.toString(),
                "http://coxswain/")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = process.inputReader()) {
      String text = out.readAllAsString();
      process.waitFor();
      return text;
    }
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }
}
