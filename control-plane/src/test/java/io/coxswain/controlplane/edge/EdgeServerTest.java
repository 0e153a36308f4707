package io.coxswain.controlplane.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Tls;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The edge against clients that do not behave, over real TLS with small limits.
class EdgeServerTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static final int BODY = 10_000;
  private static final int HEADERS = 4_000;
  private static final int CONNECTIONS = 8;

  /// Long enough that a loaded machine keeps the good clients within it.
  private static final EdgeLimits LIMITS =
      new EdgeLimits(
          BODY,
          HEADERS,
          4,
          CONNECTIONS,
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          64 << 10,
          Duration.ofSeconds(3));

  @TempDir static Path folder;
  private static Pki pki;
  private static SSLContext tls;

  private final Answers answers = new Answers();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private EdgeServer server;

  @BeforeAll
  static void certificates() throws Exception {
    pki = Pki.open(folder, Clock.systemUTC());
    tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {Tls.trusting(pki.authority())}, null);
  }

  @BeforeEach
  void start() throws Exception {
    server =
        EdgeServer.start(
            List.of(new InetSocketAddress(LOOPBACK, 0)),
            new Tls.RotatingKey(pki.serving("edge", "edge", List.of("127.0.0.1", "localhost"))),
            pki.authority(),
            LIMITS,
            answers,
            new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() throws Exception {
    answers.held.countDown();
    for (AutoCloseable one : opened) {
      one.close();
    }
    server.close();
  }

  /// What the paths do:
  /// - `/` says hello, `/big` a few megabytes, `/echo` what was sent;
  /// - `/endless` writes until the reader is gone, `/hold` waits to be let go;
  /// - `/offered` offers numbered lines, and writes those that are not taken;
  /// - `/late` is answered by somebody else before it answers;
  /// - `/throw` fails, `/silent` says nothing.
  private static final class Answers implements Handler {

    private static final byte[] BIG = new byte[5 << 20];
    private static final int LINES = 3000;

    static {
      new Random(7).nextBytes(BIG);
    }

    private final AtomicInteger handled = new AtomicInteger();
    private final AtomicLong written = new AtomicLong();
    private final CompletableFuture<Exception> endless = new CompletableFuture<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final CountDownLatch held = new CountDownLatch(1);

    @Override
    public void handle(Exchange exchange) throws Exception {
      handled.incrementAndGet();
      switch (exchange.path()) {
        case "/big" -> exchange.respond(200, Map.of(), BIG);
        case "/echo" -> exchange.respond(200, Map.of(), exchange.body());
        case "/stream" -> {
          int count = 0;
          for (int n = exchange.bodyStream().read(); n >= 0; n = exchange.bodyStream().read()) {
            count++;
          }
          exchange.respond(200, Map.of(), String.valueOf(count).getBytes(StandardCharsets.UTF_8));
        }
        case "/stream-first" -> {
          int first = exchange.bodyStream().read();
          exchange.respond(200, Map.of(), String.valueOf(first).getBytes(StandardCharsets.UTF_8));
        }
        case "/stream-hold" -> {
          held.await();
          exchange.respond(200, Map.of(), exchange.bodyStream().readNBytes(3));
        }
        case "/tunnel" -> {
          try (Tunnel tunnel = exchange.tunnel(EmptyHttpHeaders.INSTANCE)) {
            tunnel.in().transferTo(tunnel.out());
          }
        }
        case "/endless" -> endless(exchange);
        case "/offered" -> offered(exchange);
        case "/hold" -> {
          exchange.onEnd(() -> ended.complete("ended"));
          held.await();
          exchange.respond(200, Map.of(), "let go".getBytes(StandardCharsets.UTF_8));
        }
        case "/late" -> {
          exchange.answerWithin(
              Duration.ofMillis(50),
              () -> {
                try {
                  exchange.respond(504, Map.of(), "too late".getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                } finally {
                  held.countDown();
                }
              });
          held.await();
          try {
            exchange.respond(200, Map.of(), "done".getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            ended.complete(e.getMessage());
            exchange.abort(); // as a server does with who has gone
          }
        }
        case "/watch" -> {
          exchange.open(200, Map.of());
          CountDownLatch over = new CountDownLatch(1);
          exchange.onEnd(over::countDown);
          over.await();
          exchange.write("bye".getBytes(StandardCharsets.UTF_8));
          exchange.finish();
        }
        case "/throw" -> throw new IOException("on purpose");
        case "/silent" -> {}
        default -> exchange.respond(200, Map.of(), "hello".getBytes(StandardCharsets.UTF_8));
      }
    }

    @Override
    public boolean streams(String method, String path) {
      return path.startsWith("/stream");
    }

    private void offered(Exchange exchange) throws IOException {
      exchange.open(200, Map.of());
      for (int i = 0; i < LINES; i++) {
        byte[] line = numbered(i);
        if (!exchange.offer(10, () -> line)) {
          exchange.write(line);
        }
      }
      exchange.finish();
    }

    private static byte[] numbered(int line) {
      return (line + " ".repeat(line % 700) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void endless(Exchange exchange) {
      try {
        exchange.open(200, Map.of());
        byte[] part = new byte[16 << 10];
        while (true) {
          exchange.write(part);
          written.addAndGet(part.length);
        }
      } catch (IOException e) {
        endless.complete(e);
      }
    }
  }

  private int port() {
    return server.addresses().getFirst().getPort();
  }

  private SSLSocket connect() throws IOException {
    SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(LOOPBACK, port());
    opened.add(socket);
    socket.setSoTimeout(20_000);
    socket.startHandshake();
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n";
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
      if (octet != '\r') {
        line.write(octet);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  /// Reads one answer with a known length.
  private static String answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    String status = line(in);
    int length = 0;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      if (header.regionMatches(true, 0, "content-length: ", 0, 16)) {
        length = Integer.parseInt(header.substring(16));
      }
    }
    return status + " " + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static boolean isClosed(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private HttpClient http2() {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(tls)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    opened.add(client::shutdownNow);
    return client;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  // Readers.

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aReaderThatStopsIsCutOffAndHoldsLittle(boolean http2) throws Exception {
    if (http2) {
      // The body is never asked for, so the answer never comes to be one.
      var _ =
          http2()
              .sendAsync(
                  request("/endless").build(),
                  HttpResponse.BodyHandlers.fromSubscriber(new NeverReads()));
    } else {
      SSLSocket socket = connect();
      send(socket, get("/endless"));
      assertThat(line(socket.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
    }

    assertThat(answers.endless).succeedsWithin(Duration.ofSeconds(20));
    // What the kernels hold on both ends of loopback, and no more.
    assertThat(answers.written).hasValueLessThan(32L << 20);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsOfferedComesInItsPlace(HttpClient.Version version) throws Exception {
    HttpRequest request = request("/offered").version(version).build();
    List<String> lines =
        http2()
            .send(request, HttpResponse.BodyHandlers.ofLines())
            .body()
            .map(String::trim)
            .toList();
    assertThat(lines)
        .containsExactlyElementsOf(
            IntStream.range(0, Answers.LINES).mapToObj(Integer::toString).toList());
  }

  private static final class NeverReads
      implements java.util.concurrent.Flow.Subscriber<List<java.nio.ByteBuffer>> {
    @Override
    public void onSubscribe(java.util.concurrent.Flow.Subscription subscription) {}

    @Override
    public void onNext(List<java.nio.ByteBuffer> item) {}

    @Override
    public void onError(Throwable throwable) {}

    @Override
    public void onComplete() {}
  }

  @Test
  void aLargeAnswerComesWholeToWhoReads() throws Exception {
    byte[] second =
        http2().send(request("/big").build(), HttpResponse.BodyHandlers.ofByteArray()).body();
    assertThat(second).isEqualTo(Answers.BIG);

    SSLSocket socket = connect();
    send(socket, get("/big"));
    InputStream in = socket.getInputStream();
    assertThat(line(in)).isEqualTo("HTTP/1.1 200 OK");
    assertThat(line(in)).isEqualToIgnoringCase("content-length: " + Answers.BIG.length);
    assertThat(line(in)).isEmpty();
    assertThat(in.readNBytes(Answers.BIG.length)).isEqualTo(Answers.BIG);
    send(socket, get("/"));
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK hello");
  }

  @Test
  void whoAsksWithoutReadingIsNotHandledAhead() throws Exception {
    SSLSocket socket = connect();
    Thread sender =
        Thread.ofVirtual()
            .start(() -> {
              try {
                for (int i = 0; i < 10_000; i++) {
                  send(socket, get("/big"));
                }
              } catch (IOException e) {
                // cut off, which is what is expected
              }
            });
    await().atMost(Duration.ofSeconds(30)).until(() -> !sender.isAlive());

    assertThat(answers.handled).hasValueLessThan(20);
  }

  // Limits on what is sent.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length: 10001\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n1000\r\nxxxx",
      })
  void aBodyThatIsTooLargeIsRefusedBeforeItIsThere(String rest) throws Exception {
    SSLSocket socket = connect();
    send(socket, "POST /echo HTTP/1.1\r\nhost: x\r\n" + rest);
    if (rest.startsWith("transfer")) {
      // as many octets as were announced, again and again
      send(socket, "x".repeat(0x1000 - 4) + "\r\n");
      for (int i = 0; i < 3; i++) {
        send(socket, "1000\r\n" + "x".repeat(0x1000) + "\r\n");
      }
    }
    assertThat(answer(socket)).startsWith("HTTP/1.1 413 ").contains("limit is 10000");
    assertThat(isClosed(socket)).isTrue();
    assertThat(answers.handled).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStreamedBodyMayBeLarge(boolean http2) throws Exception {
    byte[] body = new byte[1 << 20];
    HttpClient client = http2 ? http2() : http1();
    for (HttpRequest.BodyPublisher publisher :
        List.of(
            HttpRequest.BodyPublishers.ofByteArray(body),
            HttpRequest.BodyPublishers.ofByteArrays(List.of(body, body)))) {
      long length = publisher.contentLength() < 0 ? 2L * body.length : body.length;
      HttpResponse<String> answer =
          client.send(
              request("/stream").POST(publisher).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).isEqualTo(String.valueOf(length));
    }
  }

  private HttpClient http1() {
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(tls).build();
    opened.add(client::shutdownNow);
    return client;
  }

  @Test
  void requestsBehindAStreamedBodyComeInTurn() throws Exception {
    SSLSocket socket = connect();
    String post = "POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc";
    send(socket, post + get("/") + post + post + get("/"));
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK 3");
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK hello");
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK 3");
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK 3");
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK hello");
  }

  @Test
  void anAnswerBeforeTheEndOfTheBodyEndsTheConnection() throws Exception {
    SSLSocket socket = connect();
    send(socket, "POST /stream-first HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc");
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK 97");
    assertThat(isClosed(socket)).isTrue();
  }

  @Test
  void aBodyThatNobodyReadsIsNotTakenIn() throws Exception {
    SSLSocket socket = connect();
    AtomicLong sent = new AtomicLong();
    send(socket, "POST /stream-hold HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\n");
    byte[] part = new byte[16 << 10];
    Thread sender =
        Thread.ofVirtual()
            .start(() -> {
              try {
                while (true) {
                  socket.getOutputStream().write(part);
                  sent.addAndGet(part.length);
                }
              } catch (IOException e) {
                // the server wants no more, which is what is expected
              }
            });
    AtomicLong before = new AtomicLong(-1);
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(300))
        .until(() -> sent.get() > 0 && before.getAndSet(sent.get()) == sent.get());
    assertThat(sent).hasValueLessThan(32L << 20);
    answers.held.countDown();
    assertThat(answer(socket)).startsWith("HTTP/1.1 200 OK");
    await().atMost(Duration.ofSeconds(20)).until(() -> !sender.isAlive());
  }

  @Test
  void aTunnelCarriesBytesBothWaysUntilTheClientGoes() throws Exception {
    SSLSocket socket = connect();
    send(socket, "GET /tunnel HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\r\n");
    assertThat(answer(socket)).startsWith("HTTP/1.1 101 ");
    for (String text : List.of("one", "GET / HTTP/1.1\r\n\r\n")) {
      send(socket, text);
      assertThat(
              new String(
                  socket.getInputStream().readNBytes(text.length()), StandardCharsets.US_ASCII))
          .isEqualTo(text);
    }
  }

  @Test
  void aBodyAtTheLimitIsTaken() throws Exception {
    byte[] body = new byte[BODY];
    var answer =
        http2()
            .send(
                request("/echo").POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).hasSize(BODY);
    var more =
        http2()
            .send(
                request("/echo")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[BODY + 1]))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(more.statusCode()).isEqualTo(413);
  }

  @Test
  void headersThatAreTooLargeAreRefused() throws Exception {
    SSLSocket socket = connect();
    send(socket, "GET / HTTP/1.1\r\nx: " + "y".repeat(HEADERS + 1) + "\r\n\r\n");
    assertThat(answer(socket)).startsWith("HTTP/1.1 431 ");

    SSLSocket other = connect();
    send(other, "GET /" + "y".repeat(20_000) + " HTTP/1.1\r\n\r\n");
    assertThat(answer(other)).startsWith("HTTP/1.1 414 ");
    assertThat(answers.handled).hasValue(0);
  }

  @Test
  void largeHeadersOnHttp2AreRefusedAndTheServerGoesOn() throws Exception {
    HttpClient client = http2();
    HttpRequest huge = request("/").header("x", "y".repeat(3 * HEADERS)).build();
    int status;
    try {
      status = client.send(huge, HttpResponse.BodyHandlers.ofString()).statusCode();
    } catch (IOException e) {
      status = 431;
    }
    assertThat(status).isEqualTo(431);
    assertThat(answers.handled).hasValue(0);
    assertThat(http2().send(request("/").build(), HttpResponse.BodyHandlers.ofString()).body())
        .isEqualTo("hello");
  }

  // Time.

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HT", "POST /echo HTTP/1.1\r\ncontent-length: 5\r\n\r\nab"})
  void aRequestThatDoesNotComeWholeEndsTheConnection(String begun) throws Exception {
    SSLSocket socket = connect();
    send(socket, begun);

    assertThat(isClosed(socket)).isTrue();
    assertThat(answers.handled).hasValue(0);
  }

  @Test
  void aConnectionThatIsIdleAfterAnAnswerEnds() throws Exception {
    SSLSocket socket = connect();
    send(socket, get("/"));
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK hello");

    assertThat(isClosed(socket)).isTrue();
  }

  @Test
  void whoConnectsAndSaysNothingIsNotWaitedFor() throws Exception {
    try (Socket silent = new Socket(LOOPBACK, port())) {
      silent.setSoTimeout(20_000);
      assertThat(isClosed(silent)).isTrue();
    }
  }

  @Test
  void aRequestThatTakesLongIsNotARequestThatComesLate() throws Exception {
    SSLSocket socket = connect();
    send(socket, get("/hold"));
    await().until(() -> answers.handled.get() == 1);
    // Another connection's deadline, begun later, passes meanwhile.
    assertThat(isClosed(connect())).isTrue();
    answers.held.countDown();

    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK let go");
  }

  // Clients that go.

  @Test
  void aClientThatIsCutOffEndsItsRequest() throws Exception {
    SSLSocket socket = connect();
    send(socket, get("/hold"));
    await().until(() -> answers.handled.get() == 1);
    socket.setSoLinger(true, 0);
    socket.close();

    assertThat(answers.ended).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void aClientThatHalfClosesEndsItsRequest() throws Exception {
    SSLSocket socket = connect();
    send(socket, get("/hold"));
    await().until(() -> answers.handled.get() == 1);
    socket.shutdownOutput();

    assertThat(answers.ended).succeedsWithin(Duration.ofSeconds(20));
  }

  // Many.

  @Test
  void connectionsAboveTheLimitAreClosedUntilOthersGo() throws Exception {
    List<SSLSocket> sockets = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      SSLSocket socket = connect();
      send(socket, get("/hold"));
      sockets.add(socket);
    }
    await().until(() -> answers.handled.get() == CONNECTIONS);
    try (Socket more = new Socket(LOOPBACK, port())) {
      more.setSoTimeout(20_000);
      assertThat(isClosed(more)).isTrue();
    }
    sockets.getFirst().close();

    await()
        .ignoreExceptions()
        .untilAsserted(() -> {
          SSLSocket again = connect();
          send(again, get("/"));
          assertThat(answer(again)).isEqualTo("HTTP/1.1 200 OK hello");
        });
  }

  @Test
  void asManyRequestsAtOnceAsThereMayBeStreamsAreAllAnswered() {
    HttpClient client = http2();
    List<CompletableFuture<Void>> streams = new ArrayList<>();
    for (int i = 0; i < LIMITS.streams(); i++) {
      CompletableFuture<Void> stream = CompletableFuture.completedFuture(null);
      for (int j = 0; j < 25; j++) {
        stream =
            stream
                .thenCompose(_ ->
                    client.sendAsync(request("/").build(), HttpResponse.BodyHandlers.ofString()))
                .thenAccept(answer -> assertThat(answer.body()).isEqualTo("hello"));
      }
      streams.add(stream);
    }
    assertThat(streams)
        .allSatisfy(stream -> assertThat(stream).succeedsWithin(Duration.ofSeconds(30)));
    assertThat(answers.handled).hasValue(LIMITS.streams() * 25);
  }

  @Test
  void requestsSentAheadAreAnsweredInTheirOrder() throws Exception {
    SSLSocket socket = connect();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      String body = "number " + i;
      text.append("POST /echo HTTP/1.1\r\ncontent-length: ").append(body.length());
      text.append("\r\n\r\n").append(body);
    }
    send(socket, text.toString());
    for (int i = 0; i < 50; i++) {
      assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK number " + i);
    }
  }

  // Failures of ours.

  @ParameterizedTest
  @ValueSource(strings = {"/throw", "/silent"})
  void aHandlerThatFailsIsAnswered(String path) throws Exception {
    SSLSocket socket = connect();
    send(socket, get(path));
    assertThat(answer(socket))
        .startsWith("HTTP/1.1 500 ")
        .contains("the server's log has the cause");
    send(socket, get("/"));
    assertThat(answer(socket)).isEqualTo("HTTP/1.1 200 OK hello");
  }

  // The end.

  @Test
  void closingLetsRequestsEndAndTakesNoNewOnes() throws Exception {
    SSLSocket held = connect();
    SSLSocket watching = connect();
    SSLSocket idle = connect();
    send(held, get("/hold"));
    send(watching, get("/watch"));
    assertThat(line(watching.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
    await().until(() -> answers.handled.get() == 2);
    int port = port();
    Thread closing = Thread.ofVirtual().start(server::close);

    // Long answers are told, and end as whole answers.
    String rest = new String(watching.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(rest).contains("bye").endsWith("0\r\n\r\n");
    assertThatThrownBy(() -> new Socket(LOOPBACK, port).close()).isInstanceOf(IOException.class);
    assertThat(closing.isAlive()).isTrue();
    answers.held.countDown();
    assertThat(answer(held)).isEqualTo("HTTP/1.1 200 OK let go");
    assertThat(isClosed(held)).isTrue();
    assertThat(isClosed(idle)).isTrue();
    closing.join();
  }

  @Test
  void closingCutsWhatDoesNotEnd() throws Exception {
    SSLSocket socket = connect();
    send(socket, get("/hold"));
    await().until(() -> answers.handled.get() == 1);
    server.close();

    assertThat(isClosed(socket)).isTrue();
    assertThat(answers.ended).isCompleted();
  }

  @Test
  void whoIsLateIsAnsweredFor() throws Exception {
    HttpClient client = http2();
    HttpResponse<String> late =
        client.send(request("/late").build(), HttpResponse.BodyHandlers.ofString());
    assertThat(late.statusCode()).isEqualTo(504);
    assertThat(late.body()).isEqualTo("too late");
    assertThat(answers.ended.get(10, TimeUnit.SECONDS)).isNotEmpty();
    HttpResponse<String> next =
        client.send(request("/").build(), HttpResponse.BodyHandlers.ofString());
    assertThat(next.body()).isEqualTo("hello");
  }
}
