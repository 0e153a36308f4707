package io.coxswain.kubectl.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Puts a Unix domain socket before a [FakeServer], which the JDK's server cannot listen on.
public final class SocketRelay implements AutoCloseable {

  private final ServerSocketChannel listener;
  private final int port;
  private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
  private final Thread accepting;

  private SocketRelay(ServerSocketChannel listener, int port) {
    this.listener = listener;
    this.port = port;
    this.accepting = Thread.ofVirtual().start(this::accept);
  }

  public static SocketRelay start(Path file, FakeServer server) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(file));
    return new SocketRelay(listener, server.port());
  }

  /// How often somebody connected.
  public int connections() {
    return open.size();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = listener.accept();
        open.add(client);
        SocketChannel server =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().start(() -> pump(client, server));
        Thread.ofVirtual().start(() -> pump(server, client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void pump(SocketChannel from, SocketChannel to) {
    try (from;
        to) {
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // one of the two is gone, and so the other goes
    }
  }

  /// Nobody connects any more when this returns: the kernel's socket lives as long as a thread
  /// waits in it.
  @Override
  public void close() throws IOException {
    listener.close();
    try {
      accepting.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SocketChannel each : open) {
      each.close();
    }
  }
}
