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
  private boolean quiet = true;

  private final GrownHeap heap =
      new GrownHeap(
          size::get,
          () -> quiet,
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

  @Test
  void whoHasMuchToDoIsNotStopped() {
    quiet = false;
    assertThat(collectionsAt(100)).isZero();
    quiet = true;
    assertThat(collectionsAt(100)).isEqualTo(1);
  }

  @Test
  void growthIsMeasuredByWhatIsNeeded() {
    needed = 80 * MEGABYTE;
    assertThat(collectionsAt(120)).isEqualTo(1);
    assertThat(collectionsAt(89)).isEqualTo(1);
    assertThat(collectionsAt(90)).isEqualTo(2);
  }

  @Test
  void aLargeHeapIsLeftToItself() {
    assertThat(collectionsAt(401)).isZero();
    assertThat(collectionsAt(400)).isEqualTo(1);
  }

  @Test
  void garbageIsBoundedWhateverIsGoingOn() {
    quiet = false;
    needed = 500 * MEGABYTE;
    assertThat(boundAt(288)).isZero();
    assertThat(boundAt(289)).isEqualTo(1);
    assertThat(boundAt(1256)).isEqualTo(1);
    assertThat(boundAt(1257)).isEqualTo(2);
  }

  private int boundAt(long megabytes) {
    size.set(megabytes * MEGABYTE);
    heap.bound();
    return collections.get();
  }
}
