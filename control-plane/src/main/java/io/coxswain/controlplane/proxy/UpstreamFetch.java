package io.coxswain.controlplane.proxy;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Reads something small from a server, within a time.
///
/// @param status of HTTP
public record UpstreamFetch(int status, ByteString body) {

  private static final int MOST = 8 << 20;

  /// Blocks, no longer than the patience.
  ///
  /// @throws IOException when there is no whole answer by then
  public static UpstreamFetch get(
      Upstream upstream, String path, HttpHeaders headers, Duration patience) throws IOException {
    return send(upstream, "GET", path, headers, new byte[0], patience);
  }

  /// Sends something small, too. Where nobody is reached at one place, another one is tried; what
  /// may have been done is not done again.
  ///
  /// @throws IOException when there is no whole answer in time
  public static UpstreamFetch send(
      Upstream upstream,
      String method,
      String path,
      HttpHeaders headers,
      byte[] sent,
      Duration patience)
      throws IOException {
    IOException last = new IOException("no endpoints available for " + upstream.authority());
    for (Upstream.Way way : upstream.ways()) {
      UpstreamConnection connection;
      try {
        connection = UpstreamConnection.open(upstream, way, method, patience);
      } catch (IOException e) {
        last = e;
        continue;
      }
      try (connection) {
        headers.set("Host", upstream.authority());
        headers.set("Connection", "close");
        if (sent.length > 0) {
          headers.set("Content-Length", sent.length);
        }
        return exchange(connection, method, path, headers, sent, patience);
      } catch (IOException e) {
        if (!method.equals("GET")) {
          throw e;
        }
        last = e;
      }
    }
    throw last;
  }

  private static UpstreamFetch exchange(
      UpstreamConnection connection,
      String method,
      String path,
      HttpHeaders headers,
      byte[] sent,
      Duration patience)
      throws IOException {
    // Whoever sends a byte now and then would hold a timeout of each read off for ever.
    Thread watchdog = Thread.ofVirtual().start(() -> cut(connection, patience));
    try {
      connection.send(method, path, headers);
      if (sent.length > 0) {
        connection.sendBody(new ByteArrayInputStream(sent), false);
      }
      HttpResponse head = connection.receiveHead();
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      Optional<ByteBuf> piece = connection.receive();
      while (piece.isPresent()) {
        ByteBuf data = piece.get();
        try {
          data.readBytes(body, data.readableBytes());
        } finally {
          data.release();
        }
        if (body.size() > MOST) {
          throw new IOException("the answer has more than " + MOST + " bytes");
        }
        piece = connection.receive();
      }
      return new UpstreamFetch(head.status().code(), ByteString.copyFrom(body.toByteArray()));
    } finally {
      watchdog.interrupt();
    }
  }

  private static void cut(UpstreamConnection connection, Duration patience) {
    try {
      Thread.sleep(patience);
      connection.cut();
    } catch (InterruptedException e) {
      // answered in time
    }
  }
}
