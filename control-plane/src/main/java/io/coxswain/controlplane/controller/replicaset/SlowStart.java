package io.coxswain.controlplane.controller.replicaset;

import io.coxswain.client.lifecycle.Together;
import java.util.Collections;
import java.util.Optional;

/// Does something many times in batches of 1, 2, 4, …: what fails for all fails once, not a
/// thousand times, and what succeeds is soon done at once.
final class SlowStart {

  private static final int WIDEST = 32;

  private SlowStart() {}

  /// Blocks until all is done, or until the batch in which something failed is.
  ///
  /// @return the first failure
  /// @param parallel whether the steps of a batch run at once
  static Optional<RuntimeException> run(int times, boolean parallel, Together.Step step)
      throws InterruptedException {
    int done = 0;
    int width = 1;
    while (done < times) {
      int batch = parallel ? Math.min(width, times - done) : 1;
      Optional<RuntimeException> failure = together(batch, step);
      if (failure.isPresent()) {
        return failure;
      }
      done += batch;
      width = Math.min(WIDEST, width * 2);
    }
    return Optional.empty();
  }

  private static Optional<RuntimeException> together(int count, Together.Step step)
      throws InterruptedException {
    try {
      if (count == 1) {
        step.run();
      } else {
        Together.run(Collections.nCopies(count, step));
      }
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }
}
