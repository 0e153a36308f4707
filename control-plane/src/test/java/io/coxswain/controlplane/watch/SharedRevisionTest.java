package io.coxswain.controlplane.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.controlplane.storage.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Many who ask for the store's revision at once.
final class SharedRevisionTest {

  private final AtomicInteger asked = new AtomicInteger();
  private final BlockingQueue<Long> answers = new LinkedBlockingQueue<>();
  private final SharedRevision shared = new SharedRevision(this::answer);

  /// A negative answer is a failure.
  private long answer() {
    asked.incrementAndGet();
    try {
      Long answer = answers.poll(10, TimeUnit.SECONDS);
      if (answer == null || answer < 0) {
        throw new StoreException.Unavailable("down", null);
      }
      return answer;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private CompletableFuture<Long> ask() {
    CompletableFuture<Long> told = new CompletableFuture<>();
    Thread thread =
        Thread.startVirtualThread(() -> {
          try {
            told.complete(shared.revision());
          } catch (RuntimeException e) {
            told.completeExceptionally(e);
          }
        });
    // until it waits, for an answer or for its turn
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() ->
            thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
    return told;
  }

  @Test
  void whoAsksWhileAQuestionIsUnderWayGetsTheAnswerToTheNext() {
    CompletableFuture<Long> first = ask();
    List<CompletableFuture<Long>> later = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      later.add(ask());
    }
    answers.add(1L);
    answers.add(2L);

    assertThat(first.join()).isEqualTo(1);
    assertThat(later).allSatisfy(told -> assertThat(told.join()).isEqualTo(2));
    assertThat(asked).hasValue(2);
  }

  @Test
  void anotherOnesFailureIsNotOnesOwn() {
    CompletableFuture<Long> first = ask();
    CompletableFuture<Long> second = ask();
    CompletableFuture<Long> third = ask();
    answers.addAll(List.of(1L, -1L, 3L));

    assertThat(first.join()).isEqualTo(1);
    assertThatThrownBy(second::join).hasCauseInstanceOf(StoreException.Unavailable.class);
    assertThat(third.join()).isEqualTo(3);
  }

  @Test
  void aFailureBlocksNobody() {
    answers.addAll(List.of(-1L, 2L));

    assertThatThrownBy(shared::revision).isInstanceOf(StoreException.Unavailable.class);
    assertThat(shared.revision()).isEqualTo(2);
  }
}
