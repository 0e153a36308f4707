package io.coxswain.kubectl.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// A WebSocket with Kubernetes' channels: the first byte of each message names one. One thread
/// reads; any thread writes.
public final class WebSocket implements AutoCloseable {

  public static final int STDIN = 0;
  public static final int STDOUT = 1;
  public static final int STDERR = 2;
  public static final int ERROR = 3;
  public static final int RESIZE = 4;
  public static final int CLOSE = 255;

  private static final String PROTOCOL = "v5.channel.k8s.io";

  /// A message of one channel.
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way through, never compared
  public record Message(int channel, byte[] data) {}

  private final WebSocketFrames frames;

  private WebSocket(WebSocketFrames frames) {
    this.frames = frames;
  }

  /// @throws Api.Refusal when the server does not upgrade
  public static WebSocket open(Api api, String path) throws IOException {
    return new WebSocket(WebSocketFrames.open(api, path, PROTOCOL));
  }

  /// The next message, or nothing when the server closed. Blocks.
  public Optional<Message> read() throws IOException {
    return frames
        .read()
        .map(message ->
            new Message(message[0] & 0xff, Arrays.copyOfRange(message, 1, message.length)));
  }

  public void write(int channel, byte[] data, int length) throws IOException {
    byte[] message = new byte[length + 1];
    message[0] = (byte) channel;
    System.arraycopy(data, 0, message, 1, length);
    frames.write(message, message.length);
  }

  public void write(int channel, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(channel, bytes, bytes.length);
  }

  @Override
  public void close() {
    frames.close();
  }
}
