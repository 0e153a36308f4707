package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Optional;

/// A connection to a port of the pod, from inside its network namespace: at localhost, or at one of
/// its own addresses, where what is meant for the pod alone does not listen.
final class PortForwards {

  private static final InetAddress LOCALHOST = InetAddress.ofLiteral("127.0.0.1");
  private static final int CONNECT_MILLIS = 5000;
  private static final int BUFFER_BYTES = 16 << 10;

  private final PodRuntime runtime;
  private final Namespaces namespaces;

  PortForwards(PodRuntime runtime, Namespaces namespaces) {
    this.runtime = runtime;
    this.namespaces = namespaces;
  }

  /// Blocks until one side has ended.
  ///
  /// @param address of the pod; empty for localhost
  void run(Pod pod, String address, int port, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException, StreamRefused {
    try (Socket socket = connect(pod, address, port)) {
      tasks.fork("to-pod", () -> toPod(carrier, socket));
      byte[] buffer = new byte[BUFFER_BYTES];
      InputStream in = socket.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        carrier.send(Carrier.STDOUT, buffer, n);
      }
    }
  }

  private Socket connect(Pod pod, String address, int port)
      throws StreamRefused, InterruptedException {
    InetAddress host = address.isEmpty() ? LOCALHOST : InetAddress.ofLiteral(address);
    try {
      if (pod.getSpec().getHostNetwork()) {
        return connect(host, port);
      }
      Path namespace = runtime.networkNamespace(pod.getMetadata().getUid());
      return namespaces.inNetwork(namespace, () -> connect(host, port));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw StreamRefused.internal(
          "cannot connect to port %d of pod \"%s\": %s"
              .formatted(port, pod.getMetadata().getName(), e.getMessage()));
    }
  }

  private static Socket connect(InetAddress host, int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      // Only what the pod is: its namespace may have routes to much else.
      if (!socket.getLocalAddress().equals(host)) {
        throw new IOException(host.getHostAddress() + " is not one of its addresses");
      }
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static void toPod(Carrier carrier, Socket socket)
      throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    while (true) {
      Optional<Frame> frame = carrier.receive();
      if (frame.isEmpty()) {
        socket.close();
        return;
      }
      if (frame.get().getChannel() == Carrier.STDIN) {
        frame.get().getData().writeTo(out);
        out.flush();
      } else if (frame.get().getChannel() == Carrier.CLOSE) {
        socket.shutdownOutput();
      }
    }
  }
}
