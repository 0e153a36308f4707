package io.coxswain.node.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeyedLocksTest {

  private final KeyedLocks<String> locks = new KeyedLocks<>();

  @Test
  void oneAtATimeHasAThingAndNobodyWaitsForAnother() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    try (KeyedLocks.Held _ = locks.hold("other")) {
      for (int i = 0; i < 20; i++) {
        threads.add(
            Thread.startVirtualThread(() -> {
              try (KeyedLocks.Held _ = locks.hold("one")) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Thread.sleep(1);
                inside.decrementAndGet();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
      }
      for (Thread thread : threads) {
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
      }
      assertThat(locks.size()).isEqualTo(1);
    }
    assertThat(most).hasValue(1);
    assertThat(locks.size()).isZero();
  }

  @Test
  void whoGivesUpLeavesNothing() throws Exception {
    Thread waiting;
    try (KeyedLocks.Held _ = locks.hold("one")) {
      waiting =
          Thread.startVirtualThread(() -> {
            try (KeyedLocks.Held _ = locks.hold("one")) {
              Thread.sleep(1);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      Thread one = waiting;
      await().until(() -> one.getState() == Thread.State.WAITING);
      waiting.interrupt();
      assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
      assertThat(locks.size()).isEqualTo(1);
    }
    assertThat(locks.size()).isZero();
  }
}
