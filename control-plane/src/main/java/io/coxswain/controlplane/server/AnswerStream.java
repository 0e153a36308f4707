package io.coxswain.controlplane.server;

import io.coxswain.controlplane.edge.Exchange;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// The body of an answer whose size is not known beforehand: small ones leave as a whole with their
/// length, large ones in chunks, compressed when the client takes that.
final class AnswerStream extends OutputStream {

  /// Kubernetes compresses from this size on: below it costs more time than it saves.
  static final int SMALL = 128 << 10;

  private static final int CHUNK = 64 << 10;

  private final Exchange exchange;
  private final int status;
  private final Map<String, String> headers;
  private final boolean gzip;
  private final ByteArrayOutputStream small = new ByteArrayOutputStream(1024);
  private OutputStream large = nullOutputStream();
  private boolean opened;
  private boolean closed;

  AnswerStream(Exchange exchange, int status, Map<String, String> headers, boolean gzip) {
    this.exchange = exchange;
    this.status = status;
    this.headers = new HashMap<>(headers);
    this.gzip = gzip;
  }

  static boolean acceptsGzip(Exchange exchange) {
    return exchange.header("accept-encoding").contains("gzip");
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (opened) {
      large.write(bytes, offset, length);
      return;
    }
    if (small.size() + length <= SMALL) {
      small.write(bytes, offset, length);
      return;
    }
    opened = true;
    if (gzip) {
      headers.put("content-encoding", "gzip");
      headers.put("vary", "Accept-Encoding");
    }
    exchange.open(status, headers);
    OutputStream chunks = new Chunks();
    large = gzip ? new FastGzip(chunks) : chunks;
    small.writeTo(large);
    small.reset();
    large.write(bytes, offset, length);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (!opened) {
      exchange.respond(status, headers, small.toByteArray());
      return;
    }
    large.close();
    exchange.finish();
  }

  /// Gathers pieces that are handed on without another copy.
  private final class Chunks extends OutputStream {

    private byte[] chunk = new byte[CHUNK];
    private int filled;

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int at = 0;
      while (at < length) {
        int part = Math.min(length - at, chunk.length - filled);
        System.arraycopy(bytes, offset + at, chunk, filled, part);
        filled += part;
        at += part;
        if (filled == chunk.length) {
          send();
          chunk = new byte[CHUNK];
        }
      }
    }

    private void send() throws IOException {
      exchange.write(Unpooled.wrappedBuffer(chunk, 0, filled));
      filled = 0;
    }

    @Override
    public void close() throws IOException {
      if (filled > 0) {
        send();
      }
    }
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, CHUNK);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
