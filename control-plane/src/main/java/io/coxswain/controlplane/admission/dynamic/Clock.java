package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.controlplane.cel.Compiled;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/// Bounds what all expressions of one policy may take together for one request.
final class Clock {

  private static final Duration BUDGET = Duration.ofSeconds(2);

  private final LongSupplier nanoTime;
  private final long end;

  Clock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + BUDGET.toNanos();
  }

  /// @throws Compiled.FailedException when there is no value, or no time left to compute one
  Object value(Compiled expression, Map<String, Object> variables) throws Compiled.FailedException {
    if (nanoTime.getAsLong() - end > 0) {
      throw Compiled.FailedException.exhausted();
    }
    return expression.value(variables);
  }
}
