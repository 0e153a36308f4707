package io.coxswain.client.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Steps that do not need each other, done at the same time.
public final class Together {

  /// May block and be interrupted.
  @FunctionalInterface
  public interface Step {
    void run() throws InterruptedException;
  }

  private Together() {}

  /// Runs each step on a virtual thread of its own. Blocks until all have ended, also when one
  /// failed.
  ///
  /// @throws RuntimeException the failure of the first step, in the order given, that failed; those
  ///   of others are suppressed in it
  /// @throws InterruptedException when the caller is interrupted; the steps are, too
  public static void run(Collection<? extends Step> steps) throws InterruptedException {
    // steps may share one, which cannot be suppressed in itself
    SequencedSet<RuntimeException> failures = new LinkedHashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (Step step : steps) {
        running.add(
            threads.submit(() -> {
              step.run();
              return null;
            }));
      }
      try {
        for (Future<?> one : running) {
          await(one, failures);
        }
      } catch (InterruptedException e) {
        List<Runnable> _ = threads.shutdownNow();
        throw e;
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  private static void await(Future<?> step, Collection<RuntimeException> failures)
      throws InterruptedException {
    try {
      var _ = step.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> failures.add(failure);
        case Error error -> throw error;
        case null, default ->
            failures.add(new IllegalStateException("a step ended by " + e.getCause(), e));
      }
    }
  }
}
