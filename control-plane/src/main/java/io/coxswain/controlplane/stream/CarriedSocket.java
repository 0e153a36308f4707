package io.coxswain.controlplane.stream;

import io.coxswain.client.ApiException;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.PortForwardStream;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A connection to a pod as a stream of its node, in the shape that TLS is put upon. What depends
/// on a kernel's socket, as its options, is not there.
final class CarriedSocket extends Socket {

  private final NodeConnections nodes;
  private final PodPort port;
  private volatile @Nullable NodeStream stream;
  private volatile boolean over;
  private volatile Duration patience = Relay.SILENCE;

  CarriedSocket(NodeConnections nodes, PodPort port) {
    this.nodes = nodes;
    this.port = port;
  }

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    connect(endpoint, 0);
  }

  /// @param timeout is the node's own here: it says within seconds whether the pod answers
  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    try {
      stream =
          nodes.open(
              port.node(),
              StreamRequest.newBuilder()
                  .setPortForward(
                      PortForwardStream.newBuilder()
                          .setNamespace(port.namespace())
                          .setPod(port.pod())
                          .setUid(port.uid())
                          .setAddress(port.address())
                          .setPort(port.port())));
    } catch (ApiException e) {
      ConnectException failed = new ConnectException(e.getMessage());
      failed.initCause(e);
      throw failed;
    }
  }

  private NodeStream opened() throws SocketException {
    NodeStream open = stream;
    if (open == null || over) {
      throw new SocketException(over ? "Socket closed" : "Socket is not connected");
    }
    return open;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new In(opened());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new Out(opened());
  }

  private final class In extends InputStream {

    private final NodeStream from;
    private byte[] piece = new byte[0];
    private int at;
    private boolean ended;

    In(NodeStream from) {
      this.from = from;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      while (at == piece.length) {
        if (ended || !next()) {
          return -1;
        }
      }
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, buffer, offset, count);
      at += count;
      return count;
    }

    @Override
    public int available() {
      return piece.length - at;
    }

    /// @return whether there was one more frame
    private boolean next() throws IOException {
      Optional<Frame> frame = receive();
      if (frame.isEmpty()) {
        ended = true;
        return false;
      }
      byte[] data = frame.get().getData().toByteArray();
      switch (frame.get().getChannel()) {
        case PersonStream.STDOUT -> {
          piece = data;
          at = 0;
        }
        case PersonStream.ERROR -> {
          ended = true;
          String failure = Failures.text(data);
          if (!failure.isEmpty()) {
            throw new ConnectException(failure);
          }
          return false;
        }
        default -> {}
      }
      return true;
    }

    private Optional<Frame> receive() throws IOException {
      long start = System.nanoTime();
      Duration most = patience;
      try {
        return from.receive(most);
      } catch (IOException e) {
        if (over) {
          throw new SocketException("Socket closed");
        }
        if (System.nanoTime() - start < most.toNanos()) {
          throw e;
        }
        SocketTimeoutException late = new SocketTimeoutException("Read timed out");
        late.initCause(e);
        throw late;
      }
    }

    @Override
    public void close() {
      CarriedSocket.this.close();
    }
  }

  private final class Out extends OutputStream {

    private final NodeStream to;

    Out(NodeStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      to.send(PersonStream.STDIN, new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] data, int offset, int length) throws IOException {
      if (length > 0) {
        to.send(PersonStream.STDIN, Arrays.copyOfRange(data, offset, offset + length));
      }
    }

    @Override
    public void close() {
      CarriedSocket.this.close();
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    opened().send(PersonStream.CLOSE, new byte[] {(byte) PersonStream.STDIN});
  }

  @Override
  public void setSoTimeout(int millis) {
    patience = millis == 0 ? Relay.SILENCE : Duration.ofMillis(millis);
  }

  @Override
  public int getSoTimeout() {
    return patience.equals(Relay.SILENCE) ? 0 : Math.toIntExact(patience.toMillis());
  }

  /// Nothing is held back on the way.
  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public boolean isConnected() {
    return stream != null;
  }

  @Override
  public boolean isClosed() {
    return over;
  }

  @Override
  public @Nullable InetAddress getInetAddress() {
    return isConnected() ? InetAddress.ofLiteral(port.address()) : null;
  }

  @Override
  public int getPort() {
    return isConnected() ? port.port() : 0;
  }

  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    return isConnected() ? new InetSocketAddress(port.address(), port.port()) : null;
  }

  @Override
  public void close() {
    over = true;
    NodeStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
