package io.coxswain.client.controller;

import java.time.Duration;

/// How much of the time one key may be worked on.
public enum Pace {
  /// As soon as something changed.
  AT_ONCE {
    @Override
    Duration rest(Duration spent) {
      return Duration.ZERO;
    }
  },

  /// For work that reads many objects whenever one of them changed: a key whose work took long
  /// rests three times as long, a second at most, and what changes meanwhile is looked at together.
  /// Work that is quickly done does not rest.
  SPARING {
    @Override
    Duration rest(Duration spent) {
      if (spent.compareTo(QUICK) <= 0) {
        return Duration.ZERO;
      }
      Duration rest = spent.multipliedBy(3);
      return rest.compareTo(LONGEST) < 0 ? rest : LONGEST;
    }
  };

  private static final Duration QUICK = Duration.ofMillis(20);
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /// How long to leave a key alone that took this long.
  abstract Duration rest(Duration spent);
}
