package io.coxswain.kubectl.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalWireTest {

  @TempDir Path folder;

  @Test
  void aServerThatSaysNothingIsNotWaitedForForEver() throws Exception {
    Path file = folder.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(file));
      LocalWire wire = LocalWire.open(file);
      try (SocketChannel server = listener.accept()) {
        wire.patience(Duration.ofMillis(20));
        server.write(ByteBuffer.wrap(new byte[] {7}));
        assertThat(wire.in().read()).isEqualTo(7);

        assertThatThrownBy(() -> wire.in().read()).isInstanceOf(SocketTimeoutException.class);
      } finally {
        wire.close();
      }
    }
  }
}
