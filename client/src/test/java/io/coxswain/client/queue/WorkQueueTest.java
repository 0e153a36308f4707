package io.coxswain.client.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WorkQueueTest {

  private final AtomicLong nanos = new AtomicLong(-5);
  private final WorkQueue<String> queue =
      new WorkQueue<>(
          new Backoff(Duration.ofMillis(10), Duration.ofMillis(80), 0),
          nanos::get,
          RandomGenerator.getDefault());

  @Test
  void aKeyAddedTwiceIsHandedOutOnce() {
    queue.add("a");
    queue.add("b");
    queue.add("a");
    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.poll()).contains("a");
    assertThat(queue.poll()).contains("b");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void aKeyAddedWhileHeldComesBackAfterDone() {
    queue.add("a");
    assertThat(queue.poll()).contains("a");
    queue.add("a");
    queue.add("a");
    assertThat(queue.poll()).isEmpty();
    queue.done("a");
    assertThat(queue.poll()).contains("a");
    queue.done("a");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void aKeyThatRestsComesOnceWhenTheRestIsOver() {
    queue.add("a");
    assertThat(queue.poll()).contains("a");
    queue.done("a", Duration.ofMillis(30));
    queue.add("a");
    queue.addAfter("a", Duration.ofMillis(10));
    queue.add("b");
    assertThat(queue.poll()).contains("b");
    advance(20);
    assertThat(queue.poll()).isEmpty();
    assertThat(queue.untilNextDue()).contains(Duration.ofMillis(10));
    advance(10);
    assertThat(queue.poll()).contains("a");
    queue.done("a");
    advance(1000);
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void aRestWithoutNewsEndsQuietly() {
    queue.add("a");
    assertThat(queue.poll()).contains("a");
    queue.done("a", Duration.ofMillis(30));
    advance(30);
    assertThat(queue.poll()).isEmpty();
    assertThat(queue.untilNextDue()).isEmpty();
    queue.add("a");
    assertThat(queue.poll()).contains("a");
  }

  @Test
  void delayedKeysComeWhenDueAndTheEarlierTimeWins() {
    queue.addAfter("a", Duration.ofMillis(50));
    queue.addAfter("b", Duration.ofMillis(20));
    queue.addAfter("a", Duration.ofMillis(10));
    queue.addAfter("a", Duration.ofMillis(90));
    assertThat(queue.poll()).isEmpty();
    assertThat(queue.untilNextDue()).contains(Duration.ofMillis(10));
    advance(10);
    assertThat(queue.poll()).contains("a");
    advance(10);
    assertThat(queue.poll()).contains("b");
    advance(1000);
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void failuresDelayEachKeyByItselfAndAreForgotten() {
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      queue.addRateLimited("a");
      delays.add(queue.untilNextDue().orElseThrow().toMillis());
      advance(100);
      assertThat(queue.poll()).contains("a");
      queue.done("a");
    }
    assertThat(delays).containsExactly(10L, 20L, 40L, 80L, 80L);
    assertThat(queue.failures("b")).isZero();
    queue.forget("a");
    queue.addRateLimited("a");
    assertThat(queue.untilNextDue()).contains(Duration.ofMillis(10));
  }

  @Test
  void closingEndsWaitingTakers() throws InterruptedException {
    WorkQueue<String> real = new WorkQueue<>();
    List<Optional<String>> taken = new ArrayList<>();
    Thread taker =
        Thread.ofVirtual()
            .start(() -> {
              try {
                taken.add(real.take());
                real.done("a");
                taken.add(real.take());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    real.addAfter("a", Duration.ofMillis(5));
    org.awaitility.Awaitility.await().until(() -> taken.size() == 1);
    real.close();
    assertThat(taker.join(Duration.ofSeconds(10))).isTrue();
    assertThat(taken).containsExactly(Optional.of("a"), Optional.empty());
    real.add("late");
    assertThat(real.size()).isZero();
  }

  private void advance(long millis) {
    nanos.addAndGet(Duration.ofMillis(millis).toNanos());
  }
}
