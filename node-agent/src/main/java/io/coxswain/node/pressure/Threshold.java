package io.coxswain.node.pressure;

import io.coxswain.client.codec.Quantities;
import java.time.Duration;
import java.util.Optional;

/// When a node is short of something.
///
/// @param least what has to be available
/// @param grace how long it may lack before pods are ended; zero for a hard threshold
/// @param reclaim how much more than `least` must be available again before it is good; nothing for
///   no more
public record Threshold(Signal signal, Amount least, Duration grace, Optional<Amount> reclaim) {

  /// So much, or a share of all.
  public sealed interface Amount {

    /// @param units bytes, inodes or process numbers
    record Units(long units) implements Amount {
      @Override
      public long of(long capacity) {
        return units;
      }
    }

    /// @param share from 0 to 1
    record Share(double share) implements Amount {
      @Override
      public long of(long capacity) {
        return (long) (capacity * share);
      }
    }

    long of(long capacity);

    /// As `10%`, `100Mi` or `5000`.
    ///
    /// @throws IllegalArgumentException saying what is wrong with it
    static Amount parse(String text) {
      if (!text.endsWith("%")) {
        long units = Quantities.whole(Quantities.of(text));
        if (units < 0) {
          throw new IllegalArgumentException("\"%s\" is negative".formatted(text));
        }
        return new Units(units);
      }
      double share;
      try {
        share = Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("\"%s\" is no share, as 10%%".formatted(text), e);
      }
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("\"%s\" is not between 0%% and 100%%".formatted(text));
      }
      return new Share(share);
    }
  }

  boolean isHard() {
    return grace.isZero();
  }

  /// @param reclaimed whether it also counts as met until the minimum is reclaimed
  boolean isMet(Signal.Observed seen, boolean reclaimed) {
    long wanted = least.of(seen.capacity());
    if (reclaimed) {
      wanted += reclaim.map(amount -> amount.of(seen.capacity())).orElse(0L);
    }
    return seen.available() < wanted;
  }
}
