package io.coxswain.controlplane.hostile;

import java.util.List;
import java.util.SplittableRandom;

/// Seeded dice. The same seed and number give the same request.
final class Chance {

  private final SplittableRandom random;

  Chance(long seed, long number) {
    random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
  }

  /// From 0 up to `bound`, which is left out.
  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean percent(int percent) {
    return random.nextInt(100) < percent;
  }

  <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  long number() {
    return random.nextLong();
  }
}
