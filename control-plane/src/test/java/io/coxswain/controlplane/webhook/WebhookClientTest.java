package io.coxswain.controlplane.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.connection.KeptConnections;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections to webhooks are used again, and no more is made of them than they can bear.
class WebhookClientTest {

  private static final String CHUNKED =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n";
  private static final String MEASURED = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

  @TempDir Path folder;
  private final AtomicInteger dialled = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private volatile String answer = MEASURED;
  private volatile int mostOnOne = Integer.MAX_VALUE;
  private SSLServerSocket server;
  private WebhookClient client;
  private WebhookPlace place;

  @BeforeEach
  void start() throws Exception {
    Pki pki = Pki.open(folder, Clock.systemUTC());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(
        new KeyManager[] {new Tls.RotatingKey(pki.serving("w", "w", List.of("localhost")))},
        null,
        null);
    server =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
    client =
        new WebhookClient(
            Pem.encode(pki.authority()).getBytes(StandardCharsets.US_ASCII),
            Duration.ofSeconds(10));
    place = WebhookPlace.of("https://localhost:" + server.getLocalPort() + "/hook");
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        dialled.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      OutputStream out = socket.getOutputStream();
      for (int i = 0; i < mostOnOne; i++) {
        int length = 0;
        for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
          if (line.startsWith("Content-Length: ")) {
            length = Integer.parseInt(line.substring(16));
          }
        }
        for (int read = 0; read < length; read++) {
          var _ = in.read();
        }
        answered.incrementAndGet();
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
    } catch (IOException | RuntimeException e) {
      // the client has gone
    }
  }

  private String posted() throws IOException {
    return new String(
        client.post(place, "{\"a\":1}".getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {CHUNKED, MEASURED})
  void aConnectionServesOneCallAfterAnother(String form) throws Exception {
    answer = form;
    for (int i = 0; i < 5; i++) {
      assertThat(posted()).isEqualTo("{}");
    }
    assertThat(dialled).hasValue(1);
    assertThat(answered).hasValue(5);
  }

  @Test
  void whatTheServerClosedMeanwhileIsDialledAnew() throws Exception {
    mostOnOne = 2;
    for (int i = 0; i < 6; i++) {
      assertThat(posted()).isEqualTo("{}");
    }
    assertThat(dialled).hasValue(3);
    assertThat(answered).as("nobody is asked twice").hasValue(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n"
      })
  void whatDoesNotEndWithTheAnswerIsNotUsedAgain(String last) throws Exception {
    answer = last;
    assertThat(posted()).isEqualTo("{}");
    answer = MEASURED;
    assertThat(posted()).isEqualTo("{}");
    assertThat(dialled).hasValue(2);
  }

  @Test
  void whoAnswersNotAtAllIsNotAskedAgain() {
    mostOnOne = 0;
    assertThatThrownBy(this::posted).isInstanceOf(IOException.class);
    assertThat(dialled).hasValue(1);
  }

  @Test
  void fewAreKeptAndNotForLong() {
    List<String> closed = new ArrayList<>();
    try (KeptConnections<String, AutoCloseable> kept =
        new KeptConnections<>(2, Duration.ofMillis(50))) {
      for (String name : List.of("a", "b", "c")) {
        kept.keep(
            "place",
            () -> {
              synchronized (closed) {
                closed.add(name);
              }
            });
      }
      await()
          .untilAsserted(() -> {
            synchronized (closed) {
              assertThat(closed).containsExactly("a", "b", "c");
            }
          });
      assertThat(kept.take("place")).isEmpty();
    }
  }
}
