package io.coxswain.kubectl.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The client's side of a WebSocket (RFC 6455): messages of bytes. One thread reads; any thread
/// writes.
final class WebSocketFrames implements AutoCloseable {

  private static final int MOST_BYTES = 16 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int OP_BINARY = 2;
  private static final int OP_CLOSE = 8;
  private static final int OP_PING = 9;
  private static final int OP_PONG = 10;
  private static final byte[] NORMAL_END = {0x03, (byte) 0xe8}; // 1000

  private final HttpConnection connection;
  private final InputStream in;
  private final OutputStream out;
  private final SecureRandom random = new SecureRandom();

  private WebSocketFrames(HttpConnection connection) {
    this.connection = connection;
    this.in = connection.upgradedInput();
    this.out = connection.upgradedOutput();
  }

  /// @param protocol what the messages mean, as the server knows it
  /// @throws Api.Refusal when the server does not upgrade
  static WebSocketFrames open(Api api, String path, String protocol) throws IOException {
    byte[] key = new byte[16];
    new SecureRandom().nextBytes(key);
    List<Map.Entry<String, String>> headers = api.headers();
    headers.add(Map.entry("Connection", "Upgrade"));
    headers.add(Map.entry("Upgrade", "websocket"));
    headers.add(Map.entry("Sec-WebSocket-Version", "13"));
    headers.add(Map.entry("Sec-WebSocket-Key", Base64.getEncoder().encodeToString(key)));
    headers.add(Map.entry("Sec-WebSocket-Protocol", protocol));
    return new WebSocketFrames(upgrade(api, "GET", path, headers));
  }

  /// A connection whose protocol the server changed as the headers ask.
  static HttpConnection upgrade(
      Api api, String method, String path, List<Map.Entry<String, String>> headers)
      throws IOException {
    HttpConnection connection = api.upgradable();
    Response response = connection.send(method, api.base() + path, headers, new byte[0], PATIENCE);
    if (response.status() != 101) {
      try {
        throw Api.refusal(method, path, response);
      } finally {
        connection.close();
      }
    }
    connection.neverTimeOut();
    return connection;
  }

  /// The next message that is not empty, or nothing when the server closed. Blocks.
  Optional<byte[]> read() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (true) {
      int first = in.read();
      if (first < 0) {
        return Optional.empty();
      }
      byte[] payload = payload(whole.size());
      int opcode = first & 0x0f;
      if (opcode == OP_CLOSE) {
        return Optional.empty();
      }
      if (opcode == OP_PING) {
        frame(OP_PONG, payload, payload.length);
      } else if (opcode != OP_PONG) {
        whole.write(payload);
        if ((first & 0x80) != 0 && whole.size() > 0) {
          return Optional.of(whole.toByteArray());
        }
      }
    }
  }

  private byte[] payload(int before) throws IOException {
    int second = in.read();
    if (second < 0) {
      throw ended();
    }
    long length = second & 0x7f;
    if (length == 126) {
      length = ByteBuffer.wrap(bytes(2)).getShort() & 0xffff;
    } else if (length == 127) {
      length = ByteBuffer.wrap(bytes(8)).getLong();
    }
    if (length < 0 || length + before > MOST_BYTES) {
      throw new IOException("the server sent a message of more than " + MOST_BYTES + " bytes");
    }
    return bytes((int) length);
  }

  void write(byte[] message, int length) throws IOException {
    frame(OP_BINARY, message, length);
  }

  /// Keeps what lies between from forgetting the connection.
  void ping() throws IOException {
    frame(OP_PING, new byte[0], 0);
  }

  private synchronized void frame(int opcode, byte[] payload, int length) throws IOException {
    out.write(0x80 | opcode);
    if (length < 126) {
      out.write(0x80 | length);
    } else if (length < 65536) {
      out.write(0x80 | 126);
      out.write(ByteBuffer.allocate(2).putShort((short) length).array());
    } else {
      out.write(0x80 | 127);
      out.write(ByteBuffer.allocate(8).putLong(length).array());
    }
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    out.write(mask);
    byte[] masked = new byte[length];
    for (int i = 0; i < length; i++) {
      masked[i] = (byte) (payload[i] ^ mask[i % 4]);
    }
    out.write(masked);
    out.flush();
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw ended();
    }
    return bytes;
  }

  private static EOFException ended() {
    return new EOFException("the server closed the connection in the middle of a message");
  }

  @Override
  public void close() {
    try {
      frame(OP_CLOSE, NORMAL_END, NORMAL_END.length);
    } catch (IOException e) {
      // it is closed already
    }
    connection.close();
  }
}
