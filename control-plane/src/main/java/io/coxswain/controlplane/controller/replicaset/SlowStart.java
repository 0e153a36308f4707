package io.coxswain.controlplane.controller.replicaset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Does something many times in batches of 1, 2, 4, …: what fails for all fails once, not a
/// thousand times, and what succeeds is soon done at once.
final class SlowStart {

  /// One of the many.
  @FunctionalInterface
  interface Step {
    void run() throws InterruptedException;
  }

  private static final int WIDEST = 32;

  private SlowStart() {}

  /// Blocks until all is done, or until the batch in which something failed is.
  ///
  /// @return the first failure
  /// @param parallel whether the steps of a batch run at once
  static Optional<RuntimeException> run(int times, boolean parallel, Step step)
      throws InterruptedException {
    int done = 0;
    int width = 1;
    while (done < times) {
      int batch = parallel ? Math.min(width, times - done) : 1;
      Optional<RuntimeException> failure = batch == 1 ? one(step) : together(batch, step);
      if (failure.isPresent()) {
        return failure;
      }
      done += batch;
      width = Math.min(WIDEST, width * 2);
    }
    return Optional.empty();
  }

  private static Optional<RuntimeException> one(Step step) throws InterruptedException {
    try {
      step.run();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  private static Optional<RuntimeException> together(int count, Step step)
      throws InterruptedException {
    List<Future<Optional<RuntimeException>>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        running.add(threads.submit(() -> one(step)));
      }
      Optional<RuntimeException> first = Optional.empty();
      for (Future<Optional<RuntimeException>> each : running) {
        Optional<RuntimeException> failure = each.get();
        first = first.or(() -> failure);
      }
      return first;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a step ended by " + e.getCause(), e);
    }
  }
}
