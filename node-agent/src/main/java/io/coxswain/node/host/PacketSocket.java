package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Path;

/// A connection to a Unix socket of sequenced packets (unix(7)), which the JDK does not know.
/// Reading blocks its thread, which must be a platform thread.
public final class PacketSocket implements AutoCloseable {

  private final Descriptor descriptor;

  private PacketSocket(int number) {
    this.descriptor = new Descriptor(number);
  }

  /// @param path of at most 107 bytes
  public static PacketSocket connect(Path path) throws IOException {
    return new PacketSocket(Libc.connectPackets(path.toString()));
  }

  /// One packet, cut to the buffer.
  ///
  /// @return its length; 0 when the other side has ended
  public int read(byte[] buffer) throws IOException {
    return descriptor.use(number -> Libc.read(number, buffer));
  }

  public void write(byte[] data) throws IOException {
    int _ = descriptor.use(number -> Libc.writeAll(number, data));
  }

  /// Ends both directions, and with that a blocked read.
  public void shutdown() throws IOException {
    int _ = descriptor.use(Libc::shutdown);
  }

  @Override
  public void close() throws IOException {
    shutdown();
    descriptor.close();
  }
}
