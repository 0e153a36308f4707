package io.coxswain.node.stream;

import com.google.protobuf.ByteString;
import io.coxswain.rpc.v1.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/// Remembers what was sent, channel by channel, and gives what the test typed.
final class FakeCarrier implements Carrier {

  private final Map<Integer, ByteArrayOutputStream> sent = new ConcurrentHashMap<>();
  private final BlockingQueue<Optional<Frame>> typed = new LinkedBlockingQueue<>();
  private volatile boolean closed;

  FakeCarrier type(int channel, String text) {
    typed.add(
        Optional.of(
            Frame.newBuilder().setChannel(channel).setData(ByteString.copyFromUtf8(text)).build()));
    return this;
  }

  void leave() {
    typed.add(Optional.empty());
  }

  String text(int channel) {
    ByteArrayOutputStream bytes = sent.get(channel);
    if (bytes == null) {
      return "";
    }
    synchronized (bytes) {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  @Override
  public void send(int channel, byte[] data, int length) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    ByteArrayOutputStream bytes = sent.computeIfAbsent(channel, _ -> new ByteArrayOutputStream());
    synchronized (bytes) {
      bytes.write(data, 0, length);
    }
  }

  @Override
  public Optional<Frame> receive() throws InterruptedException {
    return typed.take();
  }

  @Override
  public void close() {
    closed = true;
  }
}
