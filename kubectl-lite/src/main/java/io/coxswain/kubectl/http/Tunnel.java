package io.coxswain.kubectl.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A connection that carries SPDY to the server: inside of a WebSocket, as servers have it since
/// Kubernetes 1.31, or else on the upgraded connection itself. One thread reads, one writes.
public final class Tunnel implements AutoCloseable {

  private static final String PROTOCOL = "portforward.k8s.io";

  private interface Closing {
    void close();
  }

  private interface Ping {
    void send() throws IOException;
  }

  private final InputStream in;
  private final OutputStream out;
  private final Ping ping;
  private final Closing closing;

  private Tunnel(InputStream in, OutputStream out, Ping ping, Closing closing) {
    this.in = in;
    this.out = out;
    this.ping = ping;
    this.closing = closing;
  }

  /// @throws Api.Refusal when the server does not want either way
  public static Tunnel open(Api api, String path) throws IOException {
    try {
      WebSocketFrames frames = WebSocketFrames.open(api, path, "SPDY/3.1+" + PROTOCOL);
      return new Tunnel(new Messages(frames), new Written(frames), frames::ping, frames::close);
    } catch (Api.Refusal e) {
      if (e.isNotFound() || e.status() == 401) {
        throw e;
      }
      // an old server, or one where only the old way is allowed to this user
      return plain(api, path);
    }
  }

  private static Tunnel plain(Api api, String path) throws IOException {
    List<Map.Entry<String, String>> headers = api.headers();
    headers.add(Map.entry("Connection", "Upgrade"));
    headers.add(Map.entry("Upgrade", "SPDY/3.1"));
    headers.add(Map.entry("X-Stream-Protocol-Version", PROTOCOL));
    HttpConnection connection = WebSocketFrames.upgrade(api, "POST", path, headers);
    return new Tunnel(
        connection.upgradedInput(), connection.upgradedOutput(), () -> {}, connection::close);
  }

  public InputStream in() {
    return in;
  }

  /// What is written goes out when it is flushed.
  public OutputStream out() {
    return out;
  }

  /// Keeps what lies between from forgetting a silent connection.
  public void ping() throws IOException {
    ping.send();
  }

  @Override
  public void close() {
    closing.close();
  }

  /// The messages, one after another as one stream.
  private static final class Messages extends InputStream {
    private final WebSocketFrames frames;
    private byte[] message = new byte[0];
    private int next;

    Messages(WebSocketFrames frames) {
      this.frames = frames;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (next == message.length) {
        Optional<byte[]> more = frames.read();
        if (more.isEmpty()) {
          return -1;
        }
        message = more.get();
        next = 0;
      }
      int count = Math.min(length, message.length - next);
      System.arraycopy(message, next, bytes, offset, count);
      next += count;
      return count;
    }
  }

  /// One message for what was written between two flushes.
  private static final class Written extends OutputStream {
    private final WebSocketFrames frames;
    private final java.io.ByteArrayOutputStream waiting = new java.io.ByteArrayOutputStream();

    Written(WebSocketFrames frames) {
      this.frames = frames;
    }

    @Override
    public void write(int oneByte) {
      waiting.write(oneByte);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      waiting.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      if (waiting.size() > 0) {
        frames.write(waiting.toByteArray(), waiting.size());
        waiting.reset();
      }
    }
  }
}
