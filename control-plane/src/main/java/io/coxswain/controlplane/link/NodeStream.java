package io.coxswain.controlplane.link;

import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// One stream to a node: frames both ways, in order. One thread may send while another receives.
public interface NodeStream extends AutoCloseable {

  /// Blocks while the node is behind.
  ///
  /// @throws IOException when the node has gone or does not read
  void send(int channel, byte[] data) throws IOException;

  /// The next frame; nothing when the node has ended the stream. Blocks.
  ///
  /// @throws IOException when none came in time
  Optional<Frame> receive(Duration patience) throws IOException;

  /// Ends the stream; the node sees it. Harmless when it is over already.
  @Override
  void close();
}
