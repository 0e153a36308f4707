package io.coxswain.controlplane.stream;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waits for what an event loop does in its own time.
final class Upgrades {

  private static final long SECONDS = 30;

  private Upgrades() {}

  static <T> T await(CompletableFuture<T> result) throws IOException, InterruptedException {
    try {
      return result.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the connection could not be upgraded", e);
    } catch (TimeoutException e) {
      throw new IOException("the client did not open its streams within " + SECONDS + " s", e);
    }
  }
}
