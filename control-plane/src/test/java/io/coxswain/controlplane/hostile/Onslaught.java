package io.coxswain.controlplane.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.stream.Stream;

/// A connection of its own that is misused: what comes back does not matter, only that the server
/// and everybody else are as before. Ends by itself within a few seconds.
///
/// @param name for who wants to know what broke
record Onslaught(String name, Act act, Chance chance) implements Attack {

  /// What is done.
  interface Act {

    /// @param lingering takes connections that are to stay open for a while
    /// @throws IOException when the server ends it, as it may
    void on(Target target, Chance chance, Lingering lingering) throws IOException;
  }

  /// One kind of onslaught.
  record Kind(String name, Act act) {}

  private static final List<Kind> KINDS =
      Stream.of(
              TlsRubbish.KINDS,
              Http1Floods.KINDS,
              Http2Abuse.KINDS,
              Http2Floods.KINDS,
              WebSocketRubbish.KINDS)
          .flatMap(List::stream)
          .toList();

  private static final int QUIET_MILLIS = 200;
  private static final int MOST_READ = 4 << 20;

  static List<Kind> kinds() {
    return KINDS;
  }

  static Onslaught random(Chance chance) {
    Kind kind = chance.of(KINDS);
    return new Onslaught(kind.name(), kind.act(), chance);
  }

  void run(Target target, Lingering lingering) throws IOException {
    act.on(target, chance, lingering);
  }

  /// Reads what comes, until nothing does for a moment.
  static void drain(Socket socket) throws IOException {
    socket.setSoTimeout(QUIET_MILLIS);
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[16 << 10];
    long left = MOST_READ;
    try {
      while (left > 0) {
        int read = in.read(buffer);
        if (read < 0) {
          return;
        }
        left -= read;
      }
    } catch (SocketTimeoutException quiet) {
      // nothing more
    }
  }

  @Override
  public String toString() {
    return "onslaught " + name;
  }
}
