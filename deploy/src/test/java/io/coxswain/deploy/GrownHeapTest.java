package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class GrownHeapTest {

  private static final long MEGABYTE = 1 << 20;

  private final AtomicLong size = new AtomicLong(16 * MEGABYTE);
  private final AtomicInteger collections = new AtomicInteger();
  private long needed = 17 * MEGABYTE;

  private final GrownHeap heap =
      new GrownHeap(
          size::get,
          () -> {
            collections.incrementAndGet();
            size.set(needed);
          });

  private int collectionsAt(long megabytes) {
    size.set(megabytes * MEGABYTE);
    heap.shrink();
    return collections.get();
  }

  @Test
  void aLittleMoreIsLeftAlone() {
    assertThat(collectionsAt(16)).isZero();
    assertThat(collectionsAt(18)).isZero();
  }

  @Test
  void aBurstIsCollectedOnce() {
    assertThat(collectionsAt(26)).isEqualTo(1);
    assertThat(size).hasValue(needed);
    assertThat(collectionsAt(17)).isEqualTo(1);
    assertThat(collectionsAt(19)).isEqualTo(1);
    assertThat(collectionsAt(20)).isEqualTo(2);
  }

  @Test
  void whatIsNeededIsNotCollectedAgainAndAgain() {
    needed = 40 * MEGABYTE;
    assertThat(collectionsAt(40)).isEqualTo(1);
    assertThat(collectionsAt(40)).isEqualTo(1);
    assertThat(collectionsAt(42)).isEqualTo(1);
  }
}
