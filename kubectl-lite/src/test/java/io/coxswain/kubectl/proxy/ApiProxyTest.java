package io.coxswain.kubectl.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.config.Kubeconfig;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.testing.FakeServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiProxyTest {

  private FakeServer server;
  private ServerSocketChannel listener;

  ApiProxyTest() throws IOException {
    server = FakeServer.start();
    listener = ServerSocketChannel.open();
  }

  @BeforeEach
  void serve() throws IOException {
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    byte[] none = new byte[0];
    Api api =
        new Api(
            new Kubeconfig.Target(
                "test", server.url(), "default", none, false, "", none, none, "secret", ""),
            Duration.ofSeconds(10),
            List.of(),
            warning -> {});
    ProxyFilter filter =
        new ProxyFilter(
            ProxyFilter.patterns("^localhost$,^127\\.0\\.0\\.1$"),
            ProxyFilter.patterns("^.*"),
            ProxyFilter.patterns("^/k/api/.*/pods/.*/exec"),
            ProxyFilter.patterns("^DELETE$"));
    Thread.ofVirtual()
        .start(() -> {
          try {
            new ApiProxy(api, filter, "/k/").serve(listener);
          } catch (IOException e) {
            // closed
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
    server.close();
  }

  private String ask(String request) throws IOException {
    try (Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            ((InetSocketAddress) listener.getLocalAddress()).getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void passesRequestsOnOneAfterAnother() throws IOException {
    server.on("GET /api/v1/pods", "{\"items\": []}");
    server.on("POST /api/v1/pods", 201, "{\"made\": true}");

    String answers =
        ask(
            "POST /k/api/v1/pods HTTP/1.1\r\nHost: localhost:8001\r\nContent-Type: a/b\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
                + "GET /k/api/v1/pods?limit=5 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

    assertThat(answers)
        .containsSubsequence("HTTP/1.1 201", "{\"made\": true}", "HTTP/1.1 200", "{\"items\": []}");
    assertThat(server.asked())
        .extracting(FakeServer.Asked::line)
        .containsExactly("POST /api/v1/pods", "GET /api/v1/pods?limit=5");
    assertThat(server.asked().getFirst().body()).isEqualTo("abcde");
    assertThat(server.asked().getFirst().contentType()).isEqualTo("a/b");
  }

  @ParameterizedTest
  @CsvSource({"HTTP/1.0,X-Any: thing", "HTTP/1.1,Connection: close"})
  void whoAsksForNoMoreSeesTheConnectionEnd(String version, String header) throws IOException {
    server.on("GET /api/v1/pods", "{\"items\": []}");
    try (Socket socket =
        new Socket(
            InetAddress.getLoopbackAddress(),
            ((InetSocketAddress) listener.getLocalAddress()).getPort())) {
      socket.setSoTimeout(10_000);
      String request = "GET /k/api/v1/pods " + version + "\r\nHost: localhost\r\n" + header;
      socket.getOutputStream().write((request + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));

      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200")
          .contains("Connection: close")
          .endsWith("\r\n\r\n{\"items\": []}");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET /k/api/v1/pods,evil.example,403",
    "GET /k/api/v1/pods,localhost.evil.example,403",
    "GET /k/api/v1/namespaces/a/pods/b/exec,localhost,403",
    "DELETE /k/api/v1/pods,localhost,403",
    "GET /api/v1/pods,localhost,404"
  })
  void whatIsNotAcceptedNeverReachesTheServer(String line, String host, int status)
      throws IOException {
    assertThat(ask(line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
        .startsWith("HTTP/1.1 " + status);
    assertThat(server.asked()).isEmpty();
  }
}
