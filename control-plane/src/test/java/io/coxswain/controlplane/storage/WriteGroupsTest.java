package io.coxswain.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  /// What the key "?" has, whatever its writers believe.
  private static final StoredValue THERE =
      new StoredValue("?", ByteString.copyFromUtf8("there"), '?');

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
    return key.equals("?")
        ? new WriteResult.Refused(Optional.of(THERE))
        : new WriteResult.Done(key.charAt(0));
  }

  @AfterEach
  void end() {
    writers.shutdownNow();
  }

  private Future<WriteResult> write(Write write) {
    return writers.submit(() -> groups.write(new WriteGroups.Leased(write, 0)));
  }

  private static Write create(String key, int bytes) {
    return new Write.Create(key, ByteString.copyFrom(new byte[bytes]));
  }

  private static Write replace(String key, long expected) {
    return new Write.Replace(key, ByteString.copyFromUtf8("new"), expected);
  }

  private List<Future<WriteResult>> behindTheFirst(List<String> keys, int bytes) {
    return behind(
        keys.stream()
            .map(key -> key.startsWith("-") ? new Write.Remove(key, 1) : create(key, bytes))
            .toList());
  }

  private List<Future<WriteResult>> behind(List<Write> writes) {
    List<Future<WriteResult>> all = new ArrayList<>(List.of(write(create("first", 1))));
    await().atMost(SOON).until(() -> commits.size() == 1);
    for (Write write : writes) {
      all.add(write(write));
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
    List<Future<WriteResult>> all =
        behind(List.of(create("a", 10), create("b", 10), replace("a", 'a')));
    assertMade(all, "first", "a", "b", "a");
    assertThat(commits).containsExactly(List.of("first"), List.of("a", "b"), List.of("a"));
  }

  @Test
  void whoExpectsWhatIsThereNoMoreIsRefusedWithWhatIsThereWithoutATransaction() throws Exception {
    List<Future<WriteResult>> all =
        behind(
            List.of(
                replace("first", 1),
                create("first", 10),
                new Write.Remove("first", 1),
                replace("first", 'f')));
    StoredValue there = new StoredValue("first", ByteString.copyFrom(new byte[1]), 'f');
    for (Future<WriteResult> outdated : all.subList(1, 4)) {
      assertThat(outdated.get()).isEqualTo(new WriteResult.Refused(Optional.of(there)));
    }
    assertThat(all.getLast().get()).isEqualTo(made("first"));
    assertThat(commits).containsExactly(List.of("first"), List.of("first"));
  }

  @Test
  void behindARemovalTheKeyIsFree() throws Exception {
    List<Future<WriteResult>> all =
        behind(List.of(new Write.Remove("-a", 1), replace("-a", 1), create("-a", 10)));
    assertThat(all.get(2).get()).isEqualTo(new WriteResult.Refused(Optional.empty()));
    assertThat(all.get(3).get()).isEqualTo(made("-a"));
    assertThat(commits).containsExactly(List.of("first"), List.of("-a"), List.of("-a"));
  }

  @Test
  void whoIsRefusedTellsTheOthersWhatIsThere() throws Exception {
    List<Future<WriteResult>> all =
        behind(List.of(replace("?", 1), replace("?", 2), replace("?", '?')));
    assertThat(all.get(1).get()).isEqualTo(new WriteResult.Refused(Optional.of(THERE)));
    assertThat(all.get(2).get()).isEqualTo(new WriteResult.Refused(Optional.of(THERE)));
    assertThat(all.get(3).get()).isEqualTo(new WriteResult.Refused(Optional.of(THERE)));
    assertThat(commits).containsExactly(List.of("first"), List.of("?"), List.of("?"));
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
    assertMade(List.of(write(create("after", 1))), "after");
  }
}
