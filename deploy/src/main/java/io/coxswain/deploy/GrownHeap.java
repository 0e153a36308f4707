package io.coxswain.deploy;

import java.util.function.LongSupplier;

/// Collects all garbage after a burst of work. What a burst leaves behind among what is old stays
/// there until that part of the heap is full, and the JVM gives memory back only when it has
/// collected all: in an agent that has nothing more to do, hours later.
///
/// For small heaps only, where collecting all takes less than a tenth of a second. Not safe for use
/// by many threads.
final class GrownHeap {

  /// The largest heap for which this is worth the pause.
  private static final long SMALL_BYTES = 200L << 20;

  /// What is given back is worth a collection from here on.
  private static final long WORTH_BYTES = 3L << 20;

  private final LongSupplier size;
  private final Runnable collect;
  private long kept;

  /// @param size of the heap, with what is free in it
  GrownHeap(LongSupplier size, Runnable collect) {
    this.size = size;
    this.collect = collect;
    this.kept = size.getAsLong();
  }

  /// That of this process.
  static GrownHeap own() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() > SMALL_BYTES
        ? new GrownHeap(() -> 0, () -> {})
        : new GrownHeap(runtime::totalMemory, System::gc);
  }

  /// Collects if the heap has grown much since the last time.
  void shrink() {
    if (size.getAsLong() - kept >= WORTH_BYTES) {
      collect.run();
      kept = size.getAsLong();
    }
  }
}
