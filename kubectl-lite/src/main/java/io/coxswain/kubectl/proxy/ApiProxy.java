package io.coxswain.kubectl.proxy;

import io.coxswain.kubectl.http.Api;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;

/// Passes on the requests of every connection to a socket.
public final class ApiProxy {

  private static final int MOST_CONNECTIONS = 1024;

  private final Api api;
  private final ProxyFilter filter;
  private final String prefix;
  private final Semaphore room = new Semaphore(MOST_CONNECTIONS);

  /// @param prefix what the paths of the API begin with here, from slash to slash
  public ApiProxy(Api api, ProxyFilter filter, String prefix) {
    this.api = api;
    this.filter = filter;
    this.prefix = prefix;
  }

  /// Serves until the socket is closed. Blocks.
  public void serve(ServerSocketChannel listener) throws IOException {
    while (true) {
      room.acquireUninterruptibly();
      SocketChannel client = listener.accept();
      Thread.ofVirtual().name("proxy").start(() -> carry(client));
    }
  }

  private void carry(SocketChannel client) {
    try (client;
        ProxyConnection connection =
            new ProxyConnection(
                api,
                filter,
                prefix,
                Channels.newInputStream(client),
                Channels.newOutputStream(client))) {
      connection.serve();
    } catch (IOException e) {
      // one of the two is gone
    } finally {
      room.release();
    }
  }
}
