package io.coxswain.controlplane.stream;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Optional;

/// A person's connection as numbered channels, those of Kubernetes' `v5.channel.k8s.io`.
interface PersonStream extends AutoCloseable {

  int STDIN = 0;
  int STDOUT = 1;
  int STDERR = 2;

  /// A Status as JSON, always last.
  int ERROR = 3;

  int RESIZE = 4;

  /// Its only byte names a channel that is over.
  int CLOSE = 255;

  record Message(int channel, ByteString data) {}

  /// What the person sends next; nothing when the person has gone. Blocks.
  Optional<Message> receive() throws InterruptedException;

  /// Blocks while the person is behind.
  ///
  /// @throws IOException when the person has gone or does not read
  void send(int channel, byte[] data) throws IOException;

  @Override
  void close();
}
