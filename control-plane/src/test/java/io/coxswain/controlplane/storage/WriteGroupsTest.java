package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteGroupsTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch answered = new CountDownLatch(1);
  private final List<List<String>> commits = new CopyOnWriteArrayList<>();
  private final WriteGroups groups = new WriteGroups(this::commit);
  private OptionalLong answer = OptionalLong.of(5);

  /// The first is held until the test has it answered.
  private OptionalLong commit(List<Write> group) {
    commits.add(group.stream().map(Write::key).toList());
    try {
      assertThat(answered.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (group.getFirst().key().equals("fails")) {
      throw new StoreException.Unavailable("no answer", null);
    }
    return answer;
  }

  @AfterEach
  void end() {
    writers.shutdownNow();
  }

  private Future<OptionalLong> write(String key, int bytes) {
    return writers.submit(() ->
        groups.write(
            new Write.Create(key, ByteString.copyFrom(new byte[bytes]), Duration.ofHours(1))));
  }

  private List<Future<OptionalLong>> behindTheFirst(List<String> keys, int bytes) {
    List<Future<OptionalLong>> all = new ArrayList<>(List.of(write("first", 1)));
    await().atMost(SOON).until(() -> commits.size() == 1);
    for (String key : keys) {
      all.add(write(key, bytes));
      int waiting = all.size() - 1;
      await().atMost(SOON).until(() -> groups.waiting() == waiting);
    }
    answered.countDown();
    return all;
  }

  @Test
  void whatComesWhileOneIsUnderWayGoesTogetherAfterIt() throws Exception {
    for (Future<OptionalLong> one : behindTheFirst(List.of("a", "b", "c"), 10)) {
      assertThat(one.get()).hasValue(5);
    }
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b", "c"));
  }

  @Test
  void aKeyIsInAGroupOnce() throws Exception {
    for (Future<OptionalLong> one : behindTheFirst(List.of("a", "b", "a"), 10)) {
      assertThat(one.get()).hasValue(5);
    }
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b"), List.of("a"));
  }

  @Test
  void aGroupIsBounded() throws Exception {
    for (Future<OptionalLong> one : behindTheFirst(List.of("a", "b", "c"), 120 * 1024)) {
      assertThat(one.get()).hasValue(5);
    }
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b"), List.of("c"));
  }

  @Test
  void everybodyInAGroupHearsThatItWasRefused() throws Exception {
    answer = OptionalLong.empty();
    for (Future<OptionalLong> one : behindTheFirst(List.of("a", "b"), 10)) {
      assertThat(one.get()).isEmpty();
    }
  }

  @Test
  void everybodyInAGroupHearsThatItFailedAndTheNextGoesOn() throws Exception {
    List<Future<OptionalLong>> all = behindTheFirst(List.of("fails", "b"), 10);
    assertThat(all.get(0).get()).hasValue(5);
    for (Future<OptionalLong> failed : all.subList(1, 3)) {
      assertThat(failed)
          .failsWithin(SOON)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(StoreException.Unavailable.class);
    }
    assertThat(write("after", 1).get()).hasValue(5);
  }
}
