package io.coxswain.node.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says its name, and who it thinks is asking, to everybody who connects; closes then. In whatever
/// namespace its socket was opened.
final class EchoServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EchoServer.class);

  private final ServerSocket socket;
  private final String name;

  EchoServer(ServerSocket socket, String name) {
    this.socket = socket;
    this.name = name;
    Thread.ofPlatform().daemon().name("echo-" + name).start(this::serve);
  }

  static ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), port), 512);
    return socket;
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket caller = socket.accept()) {
        String said = name + " " + caller.getInetAddress().getHostAddress() + "\n";
        caller.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          LOG.warn("{} could not answer one", name, e);
        }
      }
    }
  }

  /// What the server at that address says, or `refused: ...` / `timeout`.
  static String ask(String address, int port) {
    return ask(InetAddress.ofLiteral(address), port);
  }

  static String ask(InetAddress address, int port) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(2000);
      socket.connect(new InetSocketAddress(address, port), 2000);
      String said =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      return said.isEmpty() ? "nothing" : said;
    } catch (SocketTimeoutException e) {
      return "timeout: " + e.getMessage();
    } catch (IOException e) {
      return "refused: " + e.getMessage();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
