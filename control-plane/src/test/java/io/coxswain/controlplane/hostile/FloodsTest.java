package io.coxswain.controlplane.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.TestPlane;
import io.coxswain.controlplane.edge.EdgeLimits;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that send too much, too slowly, or frames in no order: others are answered meanwhile,
/// and what was held for them is given back.
class FloodsTest {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private TestPlane plane;

  @BeforeEach
  void start() throws Exception {
    plane = TestPlane.start(folder);
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private RawConnection open() throws Exception {
    return new RawConnection(plane.adminTls(), plane.plane.restPort());
  }

  @Test
  void aBodyWithoutEndIsRefusedAtTheLimit() throws Exception {
    byte[] chunk = new byte[64 << 10];
    byte[] head =
        """
        POST /api/v1/namespaces/default/configmaps HTTP/1.1\r
        host: x\r
        transfer-encoding: chunked\r
        \r
        """
            .getBytes(StandardCharsets.UTF_8);
    try (RawConnection flood = open()) {
      flood.send(head);
      for (long sent = 0; sent <= EdgeLimits.DEFAULT.bodyBytes(); sent += chunk.length) {
        flood.send("10000\r\n".getBytes(StandardCharsets.UTF_8));
        flood.send(chunk);
        flood.send("\r\n".getBytes(StandardCharsets.UTF_8));
      }
      // The body goes on as far as its sender is concerned, and is refused already.
      assertThat(flood.answer(false).status()).isEqualTo(413);
    }
    assertThat(plane.get("/api/v1/namespaces").statusCode()).isEqualTo(200);
    onlyOursIsLeft();
  }

  @Test
  void crumbsOfABodyAreNoMoreThanTheBody() throws Exception {
    ByteArrayOutputStream crumbs = new ByteArrayOutputStream();
    crumbs.writeBytes(
        """
        POST /api/v1/namespaces/default/configmaps HTTP/1.1\r
        host: x\r
        content-type: application/json\r
        transfer-encoding: chunked\r
        \r
        """
            .getBytes(StandardCharsets.UTF_8));
    String body = "{\"metadata\":{\"name\":\"crumbs\"}}" + " ".repeat(20_000);
    for (int i = 0; i < body.length(); i++) {
      crumbs.writeBytes(("1\r\n" + body.charAt(i) + "\r\n").getBytes(StandardCharsets.UTF_8));
    }
    crumbs.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    try (RawConnection connection = open()) {
      connection.send(crumbs.toByteArray());
      assertThat(connection.answer(false).status()).isEqualTo(201);
    }
  }

  @Test
  void manyWhoNeverFinishTheirRequestKeepNobodyElseWaiting() throws Exception {
    List<RawConnection> slow = new ArrayList<>();
    byte[] head = "POST /api/v1/namespaces HTTP/1.1\r\nhost: ".getBytes(StandardCharsets.UTF_8);
    try {
      for (int i = 0; i < 200; i++) {
        RawConnection connection = open();
        slow.add(connection);
        connection.send(head);
      }
      for (int round = 0; round < 5; round++) {
        for (RawConnection connection : slow) {
          connection.send(new byte[] {'x'});
        }
        assertThat(plane.get("/api/v1/namespaces").statusCode()).isEqualTo(200);
      }
    } finally {
      for (RawConnection connection : slow) {
        connection.close();
      }
    }
    onlyOursIsLeft();
  }

  @Test
  void framesInNoOrderEndTheirConnectionOnly() throws Exception {
    for (int seed = 0; seed < 60; seed++) {
      Chance chance = new Chance(seed, 0);
      try (SSLSocket socket =
          (SSLSocket)
              plane
                  .adminTls()
                  .getSocketFactory()
                  .createSocket("127.0.0.1", plane.plane.restPort())) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(PREFACE);
        if (chance.percent(80)) {
          socket.getOutputStream().write(frame(4, 0, 0, new byte[0]));
        }
        for (int i = 0; i < 200; i++) {
          socket.getOutputStream().write(frame(chance));
        }
        socket.getOutputStream().flush();
      } catch (SSLException | SocketException | EOFException refused) {
        // Closed while we still sent, as it may be.
      }
    }
    assertThat(plane.get("/api/v1/namespaces").statusCode()).isEqualTo(200);
    onlyOursIsLeft();
  }

  private static byte[] frame(Chance chance) {
    byte[] payload = chance.bytes(chance.below(40));
    int stream = chance.of(List.of(0, 1, 1, 3, 5, 2, 7, Integer.MAX_VALUE));
    byte[] frame = frame(chance.below(12), chance.below(256), stream, payload);
    if (chance.percent(5)) {
      frame[0] = (byte) chance.below(256); // a length that is not so
    }
    return frame;
  }

  /// RFC 9113, 4.1.
  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /// The connection on which it is asked stays.
  private void onlyOursIsLeft() {
    Pattern open = Pattern.compile("^coxswain_edge_connections (\\S+)$", Pattern.MULTILINE);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          Matcher found = open.matcher(plane.get("/metrics").body());
          assertThat(found.find()).isTrue();
          assertThat(Double.parseDouble(found.group(1))).isLessThanOrEqualTo(1);
        });
  }
}
