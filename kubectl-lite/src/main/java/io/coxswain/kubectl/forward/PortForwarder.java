package io.coxswain.kubectl.forward;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.http.Tunnel;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// Listens on local ports and carries each connection to the pod, by two streams: one for its
/// bytes, one on which the server says what went wrong.
public final class PortForwarder implements AutoCloseable {

  private static final Duration SILENCE = Duration.ofSeconds(10);
  private static final int MOST_CONNECTIONS = 256;

  private final SpdySession session;
  private final PrintStream out;
  private final PrintStream err;
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Semaphore room = new Semaphore(MOST_CONNECTIONS);

  public PortForwarder(Tunnel tunnel, PrintStream out, PrintStream err) {
    this.session = SpdySession.on(tunnel);
    this.out = out;
    this.err = err;
  }

  /// Opens every port that can be opened, and says so.
  ///
  /// @param addresses IP addresses, or `localhost` for both of its addresses
  /// @throws Failure when not a single one can be
  public void listen(List<String> addresses, List<ForwardedPort> ports) {
    List<ListenAddress> parsed = ListenAddress.parse(addresses);
    boolean any = false;
    for (ForwardedPort port : ports) {
      String problem = listen(parsed, port);
      any |= problem.isEmpty();
      if (!problem.isEmpty()) {
        err.println("Unable to listen on port " + port.local() + ": " + problem);
      }
    }
    if (!any) {
      StringBuilder all = new StringBuilder();
      ports.forEach(port -> all.append(all.isEmpty() ? "" : " ").append(port));
      throw new Failure("error: unable to listen on any of the requested ports: [" + all + "]");
    }
  }

  /// @return what is wrong; empty when it listens
  private String listen(List<ListenAddress> addresses, ForwardedPort port) {
    List<String> problems = new ArrayList<>();
    boolean severe = false;
    boolean needed = false;
    boolean half = false;
    int local = port.local();
    for (ListenAddress address : addresses) {
      try {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(address.address(), local));
        listeners.add(socket);
        // a free port that the first address got is the others', too
        local = socket.getLocalPort();
        ForwardedPort forwarded = new ForwardedPort(local, port.remote());
        out.println("Forwarding from " + address.with(local) + " -> " + port.remote());
        out.flush();
        Thread.ofVirtual().name("port-forward").start(() -> accept(socket, forwarded));
        half |= address.oneOfTwo();
      } catch (IOException e) {
        needed |= address.oneOfTwo();
        severe |= !address.oneOfTwo();
        problems.add(
            "unable to create listener: Error listen tcp"
                + (address.with(0).startsWith("[") ? "6 " : "4 ")
                + address.with(local)
                + ": bind: "
                + String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT));
      }
    }
    return severe || (needed && !half)
        ? "Listeners failed to create with the following errors: ["
            + String.join(" ", problems)
            + "]"
        : "";
  }

  private void accept(ServerSocket listener, ForwardedPort port) {
    try {
      while (true) {
        Socket connection = listener.accept();
        if (!room.tryAcquire()) {
          err.println("error: more than " + MOST_CONNECTIONS + " connections: one is refused");
          connection.close();
          continue;
        }
        Thread.ofVirtual().name("port-forward").start(() -> carry(connection, port));
      }
    } catch (IOException e) {
      // the listener was closed
    }
  }

  private void carry(Socket connection, ForwardedPort port) {
    synchronized (out) {
      out.println("Handling connection for " + port.local());
      out.flush();
    }
    try (connection) {
      String problem = exchange(connection, port);
      if (!problem.isEmpty()) {
        err.println(
            "error: an error occurred forwarding "
                + port.local()
                + " -> "
                + port.remote()
                + ": "
                + problem);
      }
    } catch (IOException e) {
      err.println(
          "error: the connection for port "
              + port.local()
              + " -> "
              + port.remote()
              + " broke off: "
              + e.getMessage());
    } finally {
      room.release();
    }
  }

  /// @return what the server said; empty when all went well
  private String exchange(Socket connection, ForwardedPort port) throws IOException {
    String request = Integer.toString(requests.getAndIncrement());
    String remote = Integer.toString(port.remote());
    SpdyStream errors =
        session.open(Map.of("streamtype", "error", "port", remote, "requestid", request));
    try {
      errors.finish();
      SpdyStream data =
          session.open(Map.of("streamtype", "data", "port", remote, "requestid", request));
      try {
        Thread.ofVirtual().name("port-forward-up").start(() -> up(connection, data));
        down(connection, data);
      } finally {
        data.reset();
      }
      return new String(errors.takeAll(), StandardCharsets.UTF_8).strip();
    } finally {
      errors.reset();
    }
  }

  /// From here to the pod. Who ends only this direction still gets the answer.
  private static void up(Socket connection, SpdyStream data) {
    byte[] buffer = new byte[16 * 1024];
    try {
      var in = connection.getInputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        data.write(buffer, count);
      }
      data.finish();
    } catch (IOException e) {
      data.breakOff("closed here");
    }
  }

  private static void down(Socket connection, SpdyStream data) throws IOException {
    var to = connection.getOutputStream();
    while (true) {
      Optional<byte[]> next;
      try {
        next = data.take();
      } catch (IOException e) {
        return; // the error stream says why, or nobody listens here any more
      }
      if (next.isEmpty()) {
        return;
      }
      try {
        to.write(next.get());
      } catch (IOException e) {
        return; // who asked has gone
      }
    }
  }

  /// Blocks as long as the server keeps the connection.
  public void awaitEnd() {
    try {
      while (!session.awaitEnd(SILENCE)) {
        session.ping();
      }
    } catch (IOException e) {
      // a connection that cannot be written is over
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    for (ServerSocket listener : listeners) {
      try {
        listener.close();
      } catch (IOException e) {
        // nothing more is expected of it
      }
    }
    session.close();
  }
}
