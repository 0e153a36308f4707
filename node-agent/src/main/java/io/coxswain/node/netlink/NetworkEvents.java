package io.coxswain.node.netlink;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells when what this program set up in a network namespace may have gone: a device came up or
/// was removed, an address came or went, a route of this program was removed (the multicast groups
/// of rtnetlink(7)). The kernel drops the routes of a device that goes down and says nothing of
/// them, nor does it bring them back. One thread that sleeps until the kernel speaks.
public final class NetworkEvents implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NetworkEvents.class);
  private static final int LINKS = 0x1;
  private static final int ADDRESSES = 0x10;
  private static final int ROUTES = 0x40;

  private final NetlinkSocket socket;
  private final Predicate<String> ignored;
  private final Runnable changed;
  private volatile boolean closed;

  private NetworkEvents(NetlinkSocket socket, Predicate<String> ignored, Runnable changed) {
    this.socket = socket;
    this.ignored = ignored;
    this.changed = changed;
  }

  /// Listens in the calling thread's network namespace.
  ///
  /// @param ignored names of devices that come and go without news
  /// @param changed called in this one's thread, several times for what happens at once
  public static NetworkEvents listen(Predicate<String> ignored, Runnable changed)
      throws IOException {
    NetlinkSocket socket = NetlinkSocket.listen(NetlinkSocket.ROUTE, LINKS | ADDRESSES | ROUTES);
    NetworkEvents events = new NetworkEvents(socket, ignored, changed);
    Thread _ = Thread.ofPlatform().name("network-events").daemon().start(events::run);
    return events;
  }

  private void run() {
    try (socket) {
      while (!closed) {
        List<NetlinkReply> told = socket.receive();
        // nothing: some was lost
        boolean news =
            told.isEmpty() || told.stream().anyMatch(one -> LinuxNetlink.isNews(one, ignored));
        if (news && !closed) {
          changed.run();
        }
      }
    } catch (IOException e) {
      log.warn("The kernel does not tell of devices and routes any more", e);
    }
  }

  /// Ends the thread soon.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      socket.wake();
    } catch (IOException e) {
      log.debug("Whoever listens to the kernel ends with its next word", e);
    }
  }
}
