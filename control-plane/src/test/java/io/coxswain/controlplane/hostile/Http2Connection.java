package io.coxswain.controlplane.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;

/// Requests one after another on an HTTP/2 connection, each as its bytes are: a client library
/// would refuse to send most of them. Blocks, as [RawConnection] does.
final class Http2Connection implements Wire {

  /// In place of a header: the code with which the server gave up, RFC 9113, 7.
  static final String RESET = ":reset";

  private static final int WINDOW = 65_535;
  private static final int OURS = 1 << 30;

  private final SSLSocket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder =
      new DefaultHttp2HeadersDecoder(false, 1 << 20, -1);
  private int stream = -1;
  private int room = WINDOW;
  private int streamWindow = WINDOW;
  private int streamRoom;

  @SuppressWarnings("ArrayRecordComponent") // nobody compares frames
  private record Frame(int type, int flags, int stream, byte[] payload) {}

  Http2Connection(Target target) throws IOException {
    socket = target.connectHttp2();
    socket.setSoTimeout(RawConnection.PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 32 << 10));
    send(Http2Frames.PREFACE);
    send(Http2Frames.settings(2, 0, 4, OURS));
    send(Http2Frames.frame(Http2Frames.WINDOW_UPDATE, 0, 0, Http2Frames.number(OURS)));
  }

  private void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  @Override
  public Answer exchange(HostileRequest request) throws IOException {
    stream += 2;
    streamRoom = streamWindow;
    try {
      byte[] body = request.body();
      for (byte[] frame :
          Http2Frames.headers(stream, Http2Frames.block(headers(request)), body.length == 0)) {
        send(frame);
      }
      Collected collected = new Collected(request);
      sendBody(body, collected);
      while (!collected.complete()) {
        take(read(), collected);
      }
      if (request.stream()) {
        send(Http2Frames.frame(Http2Frames.RST_STREAM, 0, stream, Http2Frames.number(8)));
      }
      return collected.answer();
    } catch (SocketException e) {
      throw new EOFException("closed by the server: " + e.getMessage());
    }
  }

  @Override
  public boolean again(HostileRequest request, Answer answer) {
    return answer.status() != 0;
  }

  private static List<Map.Entry<String, String>> headers(HostileRequest request) {
    List<Map.Entry<String, String>> headers =
        new ArrayList<>(Http2Frames.request(request.method(), request.target()));
    for (String line : request.headers()) {
      int colon = line.indexOf(": ");
      headers.add(
          Map.entry(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2)));
    }
    return headers;
  }

  private void sendBody(byte[] body, Collected collected) throws IOException {
    int at = 0;
    while (at < body.length) {
      int length = Math.min(Http2Frames.LARGEST, body.length - at);
      while (Math.min(room, streamRoom) < length) {
        if (collected.complete()) {
          return; // it does not want the rest
        }
        take(read(), collected);
      }
      byte[] part = Arrays.copyOfRange(body, at, at + length);
      at += length;
      room -= length;
      streamRoom -= length;
      int flags = at == body.length ? Http2Frames.END_STREAM : 0;
      send(Http2Frames.frame(Http2Frames.DATA, flags, stream, part));
    }
  }

  private Frame read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int of = in.readInt() & Integer.MAX_VALUE;
    byte[] payload = in.readNBytes(length);
    return new Frame(type, flags, of, payload);
  }

  private void take(Frame frame, Collected into) throws IOException {
    switch (frame.type()) {
      case Http2Frames.SETTINGS -> settings(frame);
      case Http2Frames.PING -> {
        if ((frame.flags() & Http2Frames.ACK) == 0) {
          send(Http2Frames.frame(Http2Frames.PING, Http2Frames.ACK, 0, frame.payload()));
        }
      }
      case Http2Frames.WINDOW_UPDATE -> {
        int more = java.nio.ByteBuffer.wrap(frame.payload()).getInt();
        if (frame.stream() == 0) {
          room += more;
        } else if (frame.stream() == stream) {
          streamRoom += more;
        }
      }
      case Http2Frames.GOAWAY ->
          throw new EOFException(
              "the server says goodbye: "
                  + new String(
                      frame.payload(),
                      8,
                      frame.payload().length - 8,
                      java.nio.charset.StandardCharsets.UTF_8));
      case Http2Frames.DATA -> {
        int length = frame.payload().length;
        if (length > 0) {
          send(Http2Frames.frame(Http2Frames.WINDOW_UPDATE, 0, 0, Http2Frames.number(length)));
        }
        into.take(frame);
      }
      default -> into.take(frame);
    }
  }

  private void settings(Frame frame) throws IOException {
    if ((frame.flags() & Http2Frames.ACK) != 0) {
      return;
    }
    java.nio.ByteBuffer values = java.nio.ByteBuffer.wrap(frame.payload());
    while (values.remaining() >= 6) {
      int what = values.getShort();
      int value = values.getInt();
      if (what == 4) {
        streamRoom += value - streamWindow;
        streamWindow = value;
      }
    }
    send(Http2Frames.frame(Http2Frames.SETTINGS, Http2Frames.ACK, 0, new byte[0]));
  }

  /// An answer while it comes.
  private final class Collected {

    private final HostileRequest request;
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Map<String, String> headers = new HashMap<>();
    private int status;
    private boolean complete;

    private Collected(HostileRequest request) {
      this.request = request;
    }

    boolean complete() {
      return complete;
    }

    Answer answer() {
      return new Answer(status, headers, body.toByteArray());
    }

    void take(Frame frame) throws IOException {
      if (frame.type() == Http2Frames.HEADERS || frame.type() == Http2Frames.CONTINUATION) {
        block.writeBytes(frame.payload());
        if ((frame.flags() & Http2Frames.END_HEADERS) != 0) {
          head(frame.stream());
        }
      }
      if (frame.stream() != stream) {
        return; // of a watch that was left
      }
      switch (frame.type()) {
        case Http2Frames.DATA -> body.writeBytes(frame.payload());
        case Http2Frames.RST_STREAM -> {
          headers.put(RESET, java.nio.ByteBuffer.wrap(frame.payload()).getInt() + "");
          complete = true;
        }
        default -> {}
      }
      boolean ends = frame.type() <= Http2Frames.HEADERS;
      complete |= ends && (frame.flags() & Http2Frames.END_STREAM) != 0;
      complete |= status >= 200 && request.endsWithHead(status);
    }

    /// Every block is decoded, for the next ones build on it.
    private void head(int of) throws IOException {
      ByteBuf bytes = Unpooled.wrappedBuffer(block.toByteArray());
      block.reset();
      try {
        Http2Headers decoded = decoder.decodeHeaders(of, bytes);
        if (of == stream && decoded.status() != null) {
          status = Integer.parseInt(decoded.status().toString());
          decoded.forEach(
              header -> headers.put(header.getKey().toString(), header.getValue().toString()));
        }
      } catch (Http2Exception e) {
        throw new IOException("headers that are none", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
