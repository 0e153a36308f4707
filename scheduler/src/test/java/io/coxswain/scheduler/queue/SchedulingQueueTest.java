package io.coxswain.scheduler.queue;

import static io.coxswain.scheduler.Fixtures.labelled;
import static io.coxswain.scheduler.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.queue.SchedulingQueue.Part;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {

  private static final Set<ClusterEvent> ROOM = Set.of(ClusterEvent.POD_GONE);

  private final AtomicLong seconds = new AtomicLong();
  private final SchedulingQueue queue =
      new SchedulingQueue(() -> Instant.ofEpochSecond(seconds.get()), RandomGenerator.getDefault());

  @Test
  void higherPriorityFirstThenOlder() {
    queue.put(pod("old"));
    pass(1);
    queue.put(pod("young"));
    queue.put(urgent("urgent", 100));
    assertThat(next()).isEqualTo("urgent");
    assertThat(next()).isEqualTo("old");
    assertThat(next()).isEqualTo("young");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void onePodIsHandedOutOnceUntilItComesBack() {
    queue.put(pod("a"));
    Waiting a = queue.poll().orElseThrow();
    queue.put(pod("a"));
    assertThat(queue.poll()).isEmpty();
    queue.failed(a);
    assertThat(queue.size(Part.BACKOFF)).isEqualTo(1);
    assertThat(queue.poll()).isEmpty();
    pass(1);
    assertThat(queue.poll().orElseThrow().attempts()).isEqualTo(2);
  }

  @Test
  void sleepsUntilSomethingThatHelps() {
    queue.put(pod("a"));
    queue.unschedulable(queue.poll().orElseThrow(), ROOM);
    pass(60);
    queue.happened(Set.of(ClusterEvent.NODE_LABELS));
    assertThat(queue.poll()).isEmpty();
    queue.happened(ROOM);
    assertThat(next()).isEqualTo("a");
  }

  @Test
  void whatHelpedDuringTheDecisionIsNotMissed() {
    queue.put(pod("a"));
    Waiting a = queue.poll().orElseThrow();
    queue.happened(ROOM);
    queue.unschedulable(a, ROOM);
    assertThat(queue.size(Part.UNSCHEDULABLE)).isZero();
    pass(1);
    assertThat(next()).isEqualTo("a");
  }

  @Test
  void isLookedAtAgainInTheEndWithoutAnyEvent() {
    queue.put(pod("a"));
    queue.unschedulable(queue.poll().orElseThrow(), ROOM);
    pass(299);
    assertThat(queue.poll()).isEmpty();
    pass(1);
    assertThat(next()).isEqualTo("a");
  }

  @Test
  void aChangeOfWhatItAsksForWakesAPodAndAStatusDoesNot() {
    queue.put(pod("a"));
    queue.unschedulable(queue.poll().orElseThrow(), ROOM);
    Pod.Builder status = pod("a").toBuilder();
    status.getStatusBuilder().setMessage("x");
    queue.put(status.build());
    assertThat(queue.poll()).isEmpty();
    queue.put(labelled(pod("a"), "x=y"));
    assertThat(next()).isEqualTo("a");
  }

  @Test
  void gatedPodsWaitForTheirGates() {
    Pod.Builder gated = pod("a").toBuilder();
    gated.getSpecBuilder().addSchedulingGatesBuilder().setName("quota");
    queue.put(gated.build());
    assertThat(queue.size(Part.GATED)).isEqualTo(1);
    assertThat(queue.poll()).isEmpty();
    queue.put(pod("a"));
    assertThat(next()).isEqualTo("a");
  }

  @Test
  void aPodThatIsGoneIsForgottenWhereverItIs() {
    queue.put(pod("a"));
    queue.put(pod("b"));
    queue.remove("uid-of-a");
    Waiting b = queue.poll().orElseThrow();
    queue.remove("uid-of-b");
    queue.failed(b);
    pass(100);
    assertThat(queue.poll()).isEmpty();
  }

  private String next() {
    return queue.poll().orElseThrow().pod().name();
  }

  private void pass(int more) {
    seconds.addAndGet(more);
  }

  private static Pod urgent(String name, int priority) {
    Pod.Builder pod = pod(name).toBuilder();
    pod.getSpecBuilder().setPriority(priority);
    return pod.build();
  }
}
