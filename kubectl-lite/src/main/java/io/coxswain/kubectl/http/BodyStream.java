package io.coxswain.kubectl.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// A response's body: counted or chunked (RFC 9112, 6 and 7).
final class BodyStream extends InputStream {

  private static final long CHUNKED = -1;
  private static final long UNTIL_CLOSE = -2;

  private final InputStream wire;
  private final long framing;
  private long left;
  private boolean ended;

  private BodyStream(InputStream wire, long framing) {
    this.wire = wire;
    this.framing = framing;
    this.left = Math.max(0, framing);
    this.ended = framing == 0;
  }

  static BodyStream counted(InputStream wire, long length) {
    return new BodyStream(wire, length);
  }

  static BodyStream chunked(InputStream wire) {
    return new BodyStream(wire, CHUNKED);
  }

  static BodyStream untilClose(InputStream wire) {
    return new BodyStream(wire, UNTIL_CLOSE);
  }

  /// Whether the connection can carry another request.
  boolean isComplete() {
    return ended && framing != UNTIL_CLOSE;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (ended) {
      return -1;
    }
    if (framing == UNTIL_CLOSE) {
      int count = wire.read(bytes, offset, length);
      ended = count < 0;
      return count;
    }
    if (left == 0 && !nextChunk()) {
      return -1;
    }
    int count = wire.read(bytes, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the server closed the connection in the middle of its answer");
    }
    left -= count;
    if (left == 0) {
      if (framing == CHUNKED) {
        HttpConnection.readLine(wire);
      } else {
        ended = true;
      }
    }
    return count;
  }

  private boolean nextChunk() throws IOException {
    String size = HttpConnection.readLine(wire);
    int semicolon = size.indexOf(';');
    try {
      left =
          Long.parseLong(semicolon < 0 ? size.strip() : size.substring(0, semicolon).strip(), 16);
    } catch (NumberFormatException e) {
      throw new IOException("the server sent a chunk without a size: " + size, e);
    }
    if (left > 0) {
      return true;
    }
    while (!HttpConnection.readLine(wire).isEmpty()) {
      // trailers say nothing that is needed here
    }
    ended = true;
    return false;
  }
}
