package io.coxswain.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/// When the events of numbered pods came in on one watch. Events are lines; of each only the first
/// mention of a name with the prefix is looked at.
final class Arrivals implements LoadClient.Receiver {

  private final byte[] prefix;
  private final long[] at;
  private final AtomicLong left;

  /// How much of the prefix was just read; once it was all of it, digits follow.
  private int matched;

  private int number;
  private boolean found;

  /// @param prefix of what the number stands behind
  /// @param left counted down by one for each event that was waited for
  Arrivals(String prefix, int pods, AtomicLong left) {
    this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
    this.at = new long[pods];
    this.left = left;
  }

  /// In nanoseconds, as `System.nanoTime()` tells them.
  long at(int pod) {
    return at[pod];
  }

  @Override
  public void received(ByteBuf data) {
    byte[] bytes = new byte[data.readableBytes()];
    data.readBytes(bytes);
    int i = 0;
    while (i < bytes.length) {
      if (found) {
        i = afterNewline(bytes, i);
      } else {
        read(bytes[i++]);
      }
    }
  }

  private int afterNewline(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        found = false;
        return i + 1;
      }
    }
    return bytes.length;
  }

  private void read(byte one) {
    if (matched == prefix.length) {
      if (one >= '0' && one <= '9') {
        number = number * 10 + one - '0';
        return;
      }
      arrived();
      matched = 0;
      number = 0;
      found = true;
    } else if (one == prefix[matched]) {
      matched++;
    } else {
      matched = one == prefix[0] ? 1 : 0;
    }
  }

  private void arrived() {
    if (number < at.length && at[number] == 0) {
      at[number] = System.nanoTime();
      left.decrementAndGet();
    }
  }

  @Override
  public String toString() {
    return "missing " + Arrays.stream(at).filter(time -> time == 0).count();
  }
}
