package io.coxswain.client.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TogetherTest {

  @Test
  void stepsMeetEachOther() throws Exception {
    CyclicBarrier all = new CyclicBarrier(3);
    AtomicInteger met = new AtomicInteger();
    Together.Step step =
        () -> {
          try {
            int _ = all.await(20, TimeUnit.SECONDS);
          } catch (BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException(e);
          }
          int _ = met.incrementAndGet();
        };

    Together.run(List.of(step, step, step));

    assertThat(met).hasValue(3);
  }

  @Test
  void nothingToDoIsDone() throws Exception {
    Together.run(List.of());
  }

  @Test
  void theOthersEndBeforeAFailureIsTold() {
    AtomicBoolean ended = new AtomicBoolean();
    CountDownLatch failed = new CountDownLatch(1);
    Together.Step failing =
        () -> {
          failed.countDown();
          throw new IllegalArgumentException("first");
        };
    Together.Step slow =
        () -> {
          failed.await();
          Thread.sleep(50);
          ended.set(true);
          throw new IllegalStateException("second");
        };

    assertThatThrownBy(() -> Together.run(List.of(failing, slow)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("first")
        .satisfies(e ->
            assertThat(e.getSuppressed()).extracting(Throwable::getMessage).contains("second"));
    assertThat(ended).isTrue();
  }

  @Test
  void aFailureThatStepsShareIsToldAsItIs() {
    IllegalStateException shared = new IllegalStateException("shared");
    Together.Step step =
        () -> {
          throw shared;
        };

    assertThatThrownBy(() -> Together.run(List.of(step, step))).isSameAs(shared);
  }

  @Test
  void whoIsInterruptedInterruptsTheSteps() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicBoolean told = new AtomicBoolean();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Together.run(
                    List.of(() -> {
                      began.countDown();
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                      }
                    }));
              } catch (InterruptedException e) {
                told.set(true);
              }
            });
    began.await();

    caller.interrupt();

    assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    assertThat(interrupted.getCount()).isZero();
    assertThat(told).isTrue();
  }
}
