package io.coxswain.deploy;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Collects all garbage after a burst of work. What a burst leaves behind among what is old stays
/// there until that part of the heap is full, and the JVM gives memory back only when it has
/// collected all: in an agent that has nothing more to do, hours later.
///
/// All threads stand still for it: some milliseconds for each ten megabytes that are used. So it is
/// for heaps that are not large, and for a server in minutes with little to do.
///
/// A heap that may grow large is held to what is needed, too: the JVM lets garbage among what is
/// old take all that the heap may have before it collects. Not safe for use by many threads.
final class GrownHeap {

  /// From here on the pause is not worth what is given back.
  private static final long LARGE_BYTES = 400L << 20;

  /// A program that can grow no further waits for nothing: collecting all takes it less than a
  /// tenth of a second.
  private static final long SMALL_BYTES = 200L << 20;

  /// What is given back is worth a collection from here on, and from a part of the heap on.
  private static final long WORTH_BYTES = 3L << 20;

  private static final int WORTH_PART = 8;

  /// So much garbage may be there, besides as much as what is needed.
  private static final long ROOM_BYTES = 256L << 20;

  private final LongSupplier size;
  private final BooleanSupplier quiet;
  private final Runnable collect;
  private long kept;

  /// @param size of the heap, with what is free in it
  /// @param quiet whether there was little to do since it was asked last
  GrownHeap(LongSupplier size, BooleanSupplier quiet, Runnable collect) {
    this.size = size;
    this.quiet = quiet;
    this.collect = collect;
    this.kept = size.getAsLong();
  }

  /// That of this process.
  static GrownHeap own() {
    Runtime runtime = Runtime.getRuntime();
    return new GrownHeap(
        runtime::totalMemory,
        runtime.maxMemory() > SMALL_BYTES ? new LittleWork()::seen : () -> true,
        System::gc);
  }

  /// Collects if the heap has grown much since the last time.
  void shrink() {
    boolean rests = quiet.getAsBoolean();
    long now = size.getAsLong();
    if (rests && now <= LARGE_BYTES && now - kept >= Math.max(WORTH_BYTES, kept / WORTH_PART)) {
      collect.run();
      kept = size.getAsLong();
    }
  }

  /// Collects if most of the heap must be garbage, whatever is going on.
  void bound() {
    if (size.getAsLong() > 2 * kept + ROOM_BYTES) {
      collect.run();
      kept = size.getAsLong();
    }
  }

  /// Less than a tenth of one processor since it was asked last.
  private static final class LittleWork {

    private static final int PART = 10;

    private final ProcessHandle process = ProcessHandle.current();
    private long askedNanos = System.nanoTime();
    private long usedNanos = used();

    boolean seen() {
      long now = System.nanoTime();
      long usedNow = used();
      boolean little = (usedNow - usedNanos) * PART < now - askedNanos;
      askedNanos = now;
      usedNanos = usedNow;
      return little;
    }

    private long used() {
      return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }
  }
}
