package io.coxswain.controlplane.registry;

import java.util.random.RandomGenerator;

/// Makes what is new unique.
final class Names {

  /// Without vowels and what looks alike, so that no words come out.
  private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

  private static final int SUFFIX = 5;
  private static final int LONGEST = 63;

  private final RandomGenerator random;

  Names(RandomGenerator random) {
    this.random = random;
  }

  /// A name that begins so.
  String generate(String prefix) {
    String base = prefix.substring(0, Math.min(prefix.length(), LONGEST - SUFFIX));
    StringBuilder name = new StringBuilder(base);
    for (int i = 0; i < SUFFIX; i++) {
      name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return name.toString();
  }

  /// A random UUID, version 4.
  String uid() {
    long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new java.util.UUID(high, low).toString();
  }
}
