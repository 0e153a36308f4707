package io.coxswain.node.image;

import java.time.Duration;

/// When images that no container uses go.
///
/// @param high share of the disk, from 0 to 1, above which the longest unused go
/// @param low share of the disk at which that ends
/// @param minimumAge one that was used since is kept: its container may be about to start
/// @param maximumAge one that was not used for so long goes however empty the disk is; zero for
///   never
public record CollectOptions(double high, double low, Duration minimumAge, Duration maximumAge) {

  /// The kubelet's.
  public static final CollectOptions DEFAULT =
      new CollectOptions(0.85, 0.80, Duration.ofMinutes(2), Duration.ZERO);

  public CollectOptions {
    if (!(0 <= low && low <= high && high <= 1)) {
      throw new IllegalArgumentException("not 0 <= %s <= %s <= 1".formatted(low, high));
    }
  }
}
