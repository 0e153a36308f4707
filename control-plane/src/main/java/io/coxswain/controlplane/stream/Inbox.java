package io.coxswain.controlplane.stream;

import io.netty.channel.Channel;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// What came in on a connection and nobody has taken yet. While there is much of it, the connection
/// is not read.
final class Inbox<T> {

  private static final int FULL = 64;
  private static final int LOW = 16;

  private record Entry<T>(Optional<T> item) {}

  private final Channel channel;
  private final AtomicInteger waiting;
  private final LinkedBlockingQueue<Entry<T>> entries = new LinkedBlockingQueue<>();

  Inbox(Channel channel) {
    this(channel, new AtomicInteger());
  }

  /// @param waiting counts over all inboxes of the connection
  Inbox(Channel channel, AtomicInteger waiting) {
    this.channel = channel;
    this.waiting = waiting;
  }

  /// Runs on the event loop.
  void add(T item) {
    entries.add(new Entry<>(Optional.of(item)));
    if (waiting.incrementAndGet() > FULL) {
      channel.config().setAutoRead(false);
    }
  }

  /// Nothing more comes.
  void end() {
    entries.add(new Entry<>(Optional.empty()));
  }

  /// The next item; nothing when the connection is over. Blocks.
  Optional<T> take() throws InterruptedException {
    Entry<T> entry = entries.take();
    if (entry.item().isEmpty()) {
      end(); // for whoever asks again
      return Optional.empty();
    }
    if (waiting.decrementAndGet() <= LOW && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
    return entry.item();
  }
}
