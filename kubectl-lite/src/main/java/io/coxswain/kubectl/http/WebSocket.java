package io.coxswain.kubectl.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/// The client's side of a WebSocket (RFC 6455) with Kubernetes' channels: the first byte of each
/// message names one. One thread reads; any thread writes.
public final class WebSocket implements AutoCloseable {

  public static final int STDIN = 0;
  public static final int STDOUT = 1;
  public static final int STDERR = 2;
  public static final int ERROR = 3;
  public static final int RESIZE = 4;
  public static final int CLOSE = 255;

  private static final String PROTOCOL = "v5.channel.k8s.io";
  private static final int MOST_BYTES = 16 << 20;
  private static final int BINARY = 2;
  private static final int OP_CLOSE = 8;
  private static final int OP_PING = 9;
  private static final int OP_PONG = 10;

  /// A message of one channel.
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way through, never compared
  public record Message(int channel, byte[] data) {}

  private final HttpConnection connection;
  private final InputStream in;
  private final OutputStream out;
  private final SecureRandom random = new SecureRandom();

  private WebSocket(HttpConnection connection) {
    this.connection = connection;
    this.in = connection.upgradedInput();
    this.out = connection.upgradedOutput();
  }

  /// @throws Api.Refusal when the server does not upgrade
  public static WebSocket open(Api api, String path) throws IOException {
    HttpConnection connection = api.upgradable();
    byte[] key = new byte[16];
    new SecureRandom().nextBytes(key);
    Map<String, String> headers = new LinkedHashMap<>(api.headers());
    headers.put("Connection", "Upgrade");
    headers.put("Upgrade", "websocket");
    headers.put("Sec-WebSocket-Version", "13");
    headers.put("Sec-WebSocket-Key", Base64.getEncoder().encodeToString(key));
    headers.put("Sec-WebSocket-Protocol", PROTOCOL);
    Response response =
        connection.send("GET", api.base() + path, headers, new byte[0], Duration.ofSeconds(30));
    if (response.status() != 101) {
      try {
        throw Api.refusal("GET", path, response);
      } finally {
        connection.close();
      }
    }
    connection.neverTimeOut();
    return new WebSocket(connection);
  }

  /// The next message, or nothing when the server closed. Blocks.
  public java.util.Optional<Message> read() throws IOException {
    java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream();
    while (true) {
      int first = in.read();
      if (first < 0) {
        return java.util.Optional.empty();
      }
      int second = need();
      long length = second & 0x7f;
      if (length == 126) {
        length = ByteBuffer.wrap(bytes(2)).getShort() & 0xffff;
      } else if (length == 127) {
        length = ByteBuffer.wrap(bytes(8)).getLong();
      }
      if (length < 0 || length + whole.size() > MOST_BYTES) {
        throw new IOException("the server sent a message of more than " + MOST_BYTES + " bytes");
      }
      byte[] payload = bytes((int) length);
      int opcode = first & 0x0f;
      if (opcode == OP_CLOSE) {
        return java.util.Optional.empty();
      }
      if (opcode == OP_PING) {
        frame(OP_PONG, payload);
      } else if (opcode != OP_PONG) {
        whole.write(payload);
        if ((first & 0x80) != 0 && whole.size() > 0) {
          byte[] message = whole.toByteArray();
          return java.util.Optional.of(
              new Message(
                  message[0] & 0xff, java.util.Arrays.copyOfRange(message, 1, message.length)));
        }
      }
    }
  }

  public void write(int channel, byte[] data, int length) throws IOException {
    byte[] message = new byte[length + 1];
    message[0] = (byte) channel;
    System.arraycopy(data, 0, message, 1, length);
    frame(BINARY, message);
  }

  public void write(int channel, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(channel, bytes, bytes.length);
  }

  private synchronized void frame(int opcode, byte[] payload) throws IOException {
    out.write(0x80 | opcode);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else if (payload.length < 65536) {
      out.write(0x80 | 126);
      out.write(ByteBuffer.allocate(2).putShort((short) payload.length).array());
    } else {
      out.write(0x80 | 127);
      out.write(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    out.write(mask);
    byte[] masked = new byte[payload.length];
    for (int i = 0; i < payload.length; i++) {
      masked[i] = (byte) (payload[i] ^ mask[i % 4]);
    }
    out.write(masked);
    out.flush();
  }

  private int need() throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException("the server closed the connection in the middle of a message");
    }
    return next;
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("the server closed the connection in the middle of a message");
    }
    return bytes;
  }

  @Override
  public void close() {
    connection.close();
  }
}
