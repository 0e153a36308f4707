package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.meta.v1.WatchEvent;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.authn.User;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Watches, logs and commands over WebSockets, in every protocol that clients speak, over real TLS.
class WebSocketTest {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String POD = "/api/v1/namespaces/default/pods/p";

  @TempDir static Path folder;
  private static TestPlane api;
  private static FakeAgent agent;

  @BeforeAll
  static void start() throws Exception {
    api = TestPlane.start(folder);
    agent = new FakeAgent(api.plane, "n1");
    var pods = api.plane.localClient(User.internal("test")).resources(Pod.class);
    var _ =
        pods.create(
            Pod.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("p"))
                .setSpec(
                    PodSpec.newBuilder()
                        .setNodeName("n1")
                        .addContainers(Container.newBuilder().setName("c").setImage("host:///")))
                .build());
    var _ = pods.patchStatus("default", "p", Patch.merge("{\"status\":{\"phase\":\"Running\"}}"));
    await().until(() -> api.plane.nodes().isConnected("n1"));
  }

  @AfterAll
  static void stop() {
    agent.close();
    api.close();
  }

  /// What a client hears: each message as bytes, whatever it came as, and the closing.
  private static final class Ear implements WebSocket.Listener {

    final List<byte[]> messages = new CopyOnWriteArrayList<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    /// Messages of text, in the order in which they came.
    final List<String> texts = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        texts.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] content = new byte[data.remaining()];
      data.get(content);
      messages.add(content);
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(status);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      closed.completeExceptionally(failure);
    }
  }

  private static WebSocket open(String path, Ear ear, List<String> protocols, String... headers) {
    WebSocket.Builder builder = api.admin().newWebSocketBuilder();
    for (int i = 0; i < headers.length; i += 2) {
      builder = builder.header(headers[i], headers[i + 1]);
    }
    if (!protocols.isEmpty()) {
      builder =
          builder.subprotocols(
              protocols.getFirst(), protocols.subList(1, protocols.size()).toArray(String[]::new));
    }
    URI uri = URI.create(api.plane.url().replace("https:", "wss:") + path);
    return builder.buildAsync(uri, ear).orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static void make(String name) throws Exception {
    String json =
        """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","labels":{"of":"%s"}}}
        """
            .formatted(name, name);
    assertThat(api.post(MAPS, json).statusCode()).isEqualTo(201);
  }

  @Test
  void eachEventOfAWatchIsAMessage() throws Exception {
    Ear ear = new Ear();
    WebSocket socket = open(MAPS + "?watch=true&labelSelector=of%3Done", ear, List.of());
    make("one");
    await().until(() -> !ear.texts.isEmpty());
    var _ = api.send(api.request(MAPS + "/one").DELETE());
    await().until(() -> ear.texts.size() == 2);

    assertThat(ear.texts.getFirst()).startsWith("{\"type\":\"ADDED\",\"object\":{");
    assertThat(ear.texts.getLast()).startsWith("{\"type\":\"DELETED\",\"object\":{");
    assertThat(ear.messages).isEmpty();
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    assertThat(ear.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
  }

  @Test
  void protobufComesWithoutItsLength() throws Exception {
    Ear ear = new Ear();
    WebSocket socket =
        open(
            MAPS + "?watch=true&labelSelector=of%3Dtwo",
            ear,
            List.of(),
            "accept",
            "application/vnd.kubernetes.protobuf;stream=watch");
    make("two");
    await().until(() -> !ear.messages.isEmpty());

    WatchEvent event = WatchEvent.parseFrom(ear.messages.getFirst());
    assertThat(event.getType()).isEqualTo("ADDED");
    assertThat(event.getObject().getRaw().toString(StandardCharsets.ISO_8859_1))
        .startsWith("k8s\0");
    socket.abort();
  }

  @Test
  void aWatchWhoseTimeIsOverIsClosed() throws Exception {
    Ear ear = new Ear();
    var _ = open(MAPS + "?watch=true&timeoutSeconds=1", ear, List.of());

    assertThat(ear.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
  }

  @Test
  void aWatchThatMayNotBeIsRefusedBeforeItIsAWebSocket() {
    Ear ear = new Ear();
    assertThat(refusal(MAPS + "?watch=true&resourceVersion=x", ear, List.of())).isEqualTo(400);
    assertThat(refusal("/api/v1/nothings?watch=true", ear, List.of())).isEqualTo(404);
  }

  private static int refusal(String path, Ear ear, List<String> protocols) {
    try {
      open(path, ear, protocols).abort();
      return 101;
    } catch (CompletionException e) {
      return e.getCause() instanceof WebSocketHandshakeException refused
          ? refused.getResponse().statusCode()
          : 0;
    }
  }

  record Form(String protocol, boolean base64) {
    @Override
    public String toString() {
      return protocol.isEmpty() ? "none" : protocol;
    }

    List<String> offered() {
      return protocol.isEmpty() ? List.of() : List.of(protocol);
    }
  }

  static Stream<Form> logs() {
    return Stream.of(
        new Form("", false),
        new Form("binary.k8s.io", false),
        new Form("base64.binary.k8s.io", true));
  }

  @ParameterizedTest
  @MethodSource("logs")
  void logsAreMessages(Form form) throws Exception {
    Ear ear = new Ear();
    WebSocket socket = open(POD + "/log", ear, form.offered());

    assertThat(socket.getSubprotocol()).isEqualTo(form.protocol());
    assertThat(ear.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
    StringBuilder said = new StringBuilder();
    if (form.base64()) {
      for (String text : ear.texts) {
        said.append(new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8));
      }
      assertThat(ear.messages).isEmpty();
    } else {
      ear.messages.forEach(each -> said.append(new String(each, StandardCharsets.UTF_8)));
      assertThat(ear.texts).isEmpty();
    }
    assertThat(said).hasToString("first line\nsecond line\n");
  }

  @Test
  void logsInAnotherProtocolAreRefused() {
    assertThat(refusal(POD + "/log", new Ear(), List.of("v4.channel.k8s.io"))).isEqualTo(400);
  }

  /// @param base64 whether messages are text, and begin with a digit
  /// @param status whether the last message is a Status
  record Dialect(List<String> offered, String spoken, boolean base64, boolean status) {
    @Override
    public String toString() {
      return offered.toString();
    }
  }

  static Stream<Dialect> dialects() {
    return Stream.of(
        new Dialect(List.of(), "", false, false),
        new Dialect(List.of("channel.k8s.io"), "channel.k8s.io", false, false),
        new Dialect(List.of("base64.channel.k8s.io"), "base64.channel.k8s.io", true, false),
        new Dialect(List.of("v4.channel.k8s.io"), "v4.channel.k8s.io", false, true),
        new Dialect(List.of("v4.base64.channel.k8s.io"), "v4.base64.channel.k8s.io", true, true),
        new Dialect(
            List.of("channel.k8s.io", "v4.channel.k8s.io", "v5.channel.k8s.io"),
            "v5.channel.k8s.io",
            false,
            true));
  }

  /// What came on a channel.
  private static String said(Ear ear, boolean base64, int channel) {
    List<byte[]> parts = new ArrayList<>();
    if (base64) {
      for (String text : ear.texts) {
        if (text.charAt(0) == '0' + channel) {
          parts.add(Base64.getDecoder().decode(text.substring(1)));
        }
      }
    } else {
      for (byte[] message : ear.messages) {
        if (message[0] == channel) {
          parts.add(Arrays.copyOfRange(message, 1, message.length));
        }
      }
    }
    StringBuilder all = new StringBuilder();
    parts.forEach(part -> all.append(new String(part, StandardCharsets.UTF_8)));
    return all.toString();
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void commandsRunInEveryProtocol(Dialect dialect) throws Exception {
    Ear ear = new Ear();
    WebSocket socket =
        open(POD + "/exec?command=a&command=b&stdout=1&stderr=1", ear, dialect.offered());

    assertThat(socket.getSubprotocol()).isEqualTo(dialect.spoken());
    assertThat(ear.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
    assertThat(said(ear, dialect.base64(), 1)).isEqualTo("a b\n");
    assertThat(said(ear, dialect.base64(), 2)).isEqualTo("to stderr\n");
    String error = said(ear, dialect.base64(), 3);
    if (dialect.status()) {
      assertThat(error).startsWith("{").contains("NonZeroExitCode");
    } else {
      assertThat(error).isEqualTo("command terminated with exit code 7");
    }
    assertThat(dialect.base64() ? ear.messages : ear.texts).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void whatIsTypedArrives(Dialect dialect) throws Exception {
    Ear ear = new Ear();
    WebSocket socket = open(POD + "/exec?command=cat&stdin=1&stdout=1", ear, dialect.offered());
    if (dialect.base64()) {
      socket
          .sendText(
              "0" + Base64.getEncoder().encodeToString("hey".getBytes(StandardCharsets.UTF_8)),
              true)
          .join();
    } else {
      socket.sendBinary(ByteBuffer.wrap("\0hey".getBytes(StandardCharsets.UTF_8)), true).join();
    }

    await().until(() -> said(ear, dialect.base64(), 1).equals("hey"));
    socket.abort();
  }

  @Test
  void whatIsNoBase64EndsTheConnection() throws Exception {
    Ear ear = new Ear();
    WebSocket socket =
        open(POD + "/exec?command=cat&stdin=1&stdout=1", ear, List.of("base64.channel.k8s.io"));
    socket.sendText("0???", true).join();

    await().until(ear.closed::isDone);
  }

  @Test
  void commandsInAnUnknownProtocolAreRefused() {
    assertThat(refusal(POD + "/exec?command=a&stdout=1", new Ear(), List.of("v9.channel.k8s.io")))
        .isEqualTo(400);
  }
}
