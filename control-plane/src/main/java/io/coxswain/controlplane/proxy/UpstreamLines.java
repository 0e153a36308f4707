package io.coxswain.controlplane.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// The lines of an answer that comes as long as it likes, as those of a watch. One thread reads.
public final class UpstreamLines implements AutoCloseable {

  private static final int LONGEST = 4 << 20;

  private final UpstreamConnection connection;
  private final int status;
  private final Deque<String> whole = new ArrayDeque<>();
  private ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private boolean ended;

  private UpstreamLines(UpstreamConnection connection, int status) {
    this.connection = connection;
    this.status = status;
  }

  /// Asks, at one place after another until somebody answers. Blocks.
  ///
  /// @param silence how long the server may say nothing
  /// @throws IOException when nobody answers
  public static UpstreamLines open(
      Upstream upstream, String path, HttpHeaders headers, Duration silence) throws IOException {
    IOException last = new IOException("no endpoints available for " + upstream.authority());
    headers.set("Host", upstream.authority());
    headers.set("Connection", "close");
    for (Upstream.Way way : upstream.ways()) {
      try {
        return open(UpstreamConnection.open(upstream, way, "GET", silence), path, headers);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static UpstreamLines open(UpstreamConnection connection, String path, HttpHeaders headers)
      throws IOException {
    try {
      connection.send("GET", path, headers);
      return new UpstreamLines(connection, connection.receiveHead().status().code());
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /// Of HTTP.
  public int status() {
    return status;
  }

  /// The next line, without its end; nothing behind the last. Blocks.
  ///
  /// @throws IOException when the answer breaks off, or a line is too long
  public Optional<String> next() throws IOException {
    while (whole.isEmpty() && !ended) {
      Optional<ByteBuf> piece = connection.receive();
      if (piece.isPresent()) {
        try {
          split(piece.get());
        } finally {
          piece.get().release();
        }
      } else {
        ended = true;
        if (begun.size() > 0) {
          endLine();
        }
      }
    }
    return Optional.ofNullable(whole.poll());
  }

  private void split(ByteBuf piece) throws IOException {
    for (int end = piece.bytesBefore((byte) '\n'); end >= 0; end = piece.bytesBefore((byte) '\n')) {
      piece.readBytes(begun, end);
      piece.skipBytes(1);
      endLine();
    }
    piece.readBytes(begun, piece.readableBytes());
    if (begun.size() > LONGEST) {
      throw new IOException("a line of the answer has more than " + LONGEST + " bytes");
    }
  }

  private void endLine() {
    String line = begun.toString(StandardCharsets.UTF_8);
    begun = new ByteArrayOutputStream();
    if (!line.isBlank()) {
      whole.add(line);
    }
  }

  /// Ends what reads. Any thread may.
  public void cut() {
    connection.cut();
  }

  /// By the thread that reads.
  @Override
  public void close() {
    connection.close();
  }
}
