package io.coxswain.node.stream;

import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.util.Optional;

/// One stream to whoever asked for it: frames both ways, in order. One thread may send while
/// another receives.
interface Carrier extends AutoCloseable {

  int STDIN = 0;
  int STDOUT = 1;
  int STDERR = 2;
  int ERROR = 3;
  int RESIZE = 4;
  int CLOSE = 255;

  /// Blocks while the other side is behind.
  ///
  /// @throws IOException when nobody reads any more
  void send(int channel, byte[] data, int length) throws IOException, InterruptedException;

  /// The next frame; nothing when the other side has ended. Blocks.
  Optional<Frame> receive() throws InterruptedException;

  default void send(int channel, byte[] data) throws IOException, InterruptedException {
    send(channel, data, data.length);
  }

  /// Ends the stream.
  @Override
  void close();
}
