package io.coxswain.controlplane.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.TestPlane;
import io.coxswain.controlplane.edge.EdgeLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that send too much, too slowly, or frames in no order: others are answered meanwhile,
/// and what was held for them is given back.
class FloodsTest {

  @TempDir Path folder;
  private TestPlane plane;
  private Target target;

  @BeforeEach
  void start() throws Exception {
    plane = TestPlane.start(folder);
    target = new Target(plane.plane.restPort(), plane.plane.pki());
  }

  @AfterEach
  void stop() {
    target.close();
    plane.close();
  }

  private RawConnection open() throws Exception {
    return new RawConnection(target.connect());
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

  /// Each kind of misuse.
  @Test
  void misusedConnectionsDoHarmToNobodyElse() throws Exception {
    try (Lingering lingering = Lingering.start()) {
      for (Onslaught.Kind kind : Onslaught.kinds()) {
        for (int seed = 0; seed < 2; seed++) {
          try {
            kind.act().on(target, new Chance(seed, 0), lingering);
          } catch (IOException refused) {
            // Closed while we still sent, as it may be.
          }
        }
        assertThat(plane.get("/api/v1/namespaces").statusCode()).as(kind.name()).isEqualTo(200);
      }
    }
    onlyOursIsLeft();
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
