package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.authn.User;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How WebSockets end when the server has said all, and the client has not: a client that writes
/// bytes by itself, as a library would answer the end at once.
class WebSocketGoodbyeTest {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String POD = "/api/v1/namespaces/default/pods/p";

  /// Of what a client still sends; more than fits into the buffers of two sockets.
  private static final int MESSAGES = 400;

  private static final byte[] MESSAGE = new byte[16 << 10];

  private static final int BINARY = 2;
  private static final int CLOSE = 8;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        POD + "/exec?command=a&command=b&stdout=1",
        POD + "/log",
        MAPS + "?watch=1&timeoutSeconds=1"
      })
  void whatAClientSendsAfterTheServersGoodbyeDoesNotBreakTheConnection(String path)
      throws Exception {
    try (Socket socket =
        api.adminTls().getSocketFactory().createSocket("127.0.0.1", api.plane.restPort())) {
      socket.setSoTimeout(30_000);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      open(path, socket, in);
      while (opcode(in) != CLOSE) {
        // What it says before is others' business.
      }
      for (int i = 0; i < MESSAGES; i++) {
        send(BINARY, MESSAGE, socket);
      }
      send(CLOSE, new byte[] {3, (byte) 0xe8}, socket);
      assertThat(in.read()).as("an end that is no reset").isEqualTo(-1);
    }
  }

  private static void open(String path, Socket socket, InputStream in) throws IOException {
    socket
        .getOutputStream()
        .write(
            """
            GET %s HTTP/1.1\r
            host: x\r
            connection: upgrade\r
            upgrade: websocket\r
            sec-websocket-version: 13\r
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """
                .formatted(path)
                .getBytes(StandardCharsets.US_ASCII));
    assertThat(line(in)).startsWith("HTTP/1.1 101 ");
    while (!line(in).isEmpty()) {
      // a header
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      line.append((char) next);
      next = in.read();
    }
    return line.toString().strip();
  }

  /// Reads a frame (RFC 6455, 5.2) and tells what it was.
  private static int opcode(InputStream in) throws IOException {
    int first = in.read();
    assertThat(first).as("a frame").isNotNegative();
    int length = in.read();
    if (length == 126) {
      length = in.read() << 8 | in.read();
    }
    in.skipNBytes(length);
    return first & 0xf;
  }

  /// A client's frame is masked: here by zeros, which change nothing.
  private static void send(int opcode, byte[] content, Socket socket) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(content.length + 8);
    frame.write(0x80 | opcode);
    if (content.length < 126) {
      frame.write(0x80 | content.length);
    } else {
      frame.write(0x80 | 126);
      frame.write(content.length >> 8);
      frame.write(content.length);
    }
    frame.writeBytes(new byte[4]);
    frame.writeBytes(content);
    socket.getOutputStream().write(frame.toByteArray());
  }
}
