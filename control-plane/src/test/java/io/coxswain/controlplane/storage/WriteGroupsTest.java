package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  /// The first is held until the test has it answered.
  private List<WriteResult> commit(List<WriteGroups.Leased> group) {
    List<String> keys = group.stream().map(one -> one.write().key()).toList();
    commits.add(keys);
    try {
      assertThat(answered.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (keys.getFirst().equals("fails")) {
      throw new StoreException.Unavailable("no answer", null);
    }
    return keys.stream().map(WriteGroupsTest::made).toList();
  }

  private static WriteResult made(String key) {
    return new WriteResult.Done(key.charAt(0));
  }

  @AfterEach
  void end() {
    writers.shutdownNow();
  }

  private Future<WriteResult> write(Write write) {
    return writers.submit(() -> groups.write(new WriteGroups.Leased(write, 0)));
  }

  private Future<WriteResult> write(String key, int bytes) {
    return write(
        key.startsWith("-")
            ? new Write.Remove(key, 1)
            : new Write.Create(key, ByteString.copyFrom(new byte[bytes])));
  }

  private List<Future<WriteResult>> behindTheFirst(List<String> keys, int bytes) {
    List<Future<WriteResult>> all = new ArrayList<>(List.of(write("first", 1)));
    await().atMost(SOON).until(() -> commits.size() == 1);
    for (String key : keys) {
      all.add(write(key, bytes));
      int waiting = all.size() - 1;
      await().atMost(SOON).until(() -> groups.waiting() == waiting);
    }
    answered.countDown();
    return all;
  }

  private static void assertMade(List<Future<WriteResult>> all, String... keys) throws Exception {
    for (int i = 0; i < keys.length; i++) {
      assertThat(all.get(i).get()).isEqualTo(made(keys[i]));
    }
  }

  @Test
  void whatComesWhileOneIsUnderWayGoesTogetherAfterIt() throws Exception {
    assertMade(behindTheFirst(List.of("a", "b", "c"), 10), "first", "a", "b", "c");
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b", "c"));
  }

  @Test
  void aKeyIsInAGroupOnce() throws Exception {
    assertMade(behindTheFirst(List.of("a", "b", "a"), 10), "first", "a", "b", "a");
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b"), List.of("a"));
  }

  @Test
  void aGroupIsBounded() throws Exception {
    assertMade(behindTheFirst(List.of("a", "b", "c"), 120 * 1024), "first", "a", "b", "c");
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b"), List.of("c"));
  }

  @Test
  void removalsAreTheLastOfAGroupAndEachHearsOfItsOwn() throws Exception {
    assertMade(behindTheFirst(List.of("-a", "b", "-c", "d"), 10), "first", "-a", "b", "-c", "d");
    assertThat(commits).containsExactly(List.of("first"), List.of("b", "d", "-a", "-c"));
  }

  @Test
  void everybodyInAGroupHearsThatItFailedAndTheNextGoesOn() throws Exception {
    List<Future<WriteResult>> all = behindTheFirst(List.of("fails", "b"), 10);
    assertMade(all, "first");
    for (Future<WriteResult> failed : all.subList(1, 3)) {
      assertThat(failed)
          .failsWithin(SOON)
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(StoreException.Unavailable.class);
    }
    assertMade(List.of(write("after", 1)), "after");
  }
}
