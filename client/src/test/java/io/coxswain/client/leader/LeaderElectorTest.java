package io.coxswain.client.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.client.ApiError;
import io.coxswain.client.ListOptions;
import io.coxswain.client.testing.InMemoryApi;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderElectorTest {

  private final InMemoryApi api = new InMemoryApi();
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> heard = new ArrayList<>();
  private final LeaderElector a = candidate("a");
  private final LeaderElector b = candidate("b");

  @Test
  void oneLeadsUntilItStopsRenewing() {
    assertThat(a.tryOnce()).isTrue();
    assertThat(b.tryOnce()).isFalse();
    pass(10);
    assertThat(a.tryOnce()).isTrue();
    assertThat(b.tryOnce()).isFalse();
    pass(14);
    assertThat(b.tryOnce()).isFalse();
    assertThat(a.leading()).as("gave up before another may begin").isFalse();
    pass(2);
    assertThat(b.tryOnce()).isTrue();
    assertThat(b.term()).isEqualTo(1);
    assertThat(a.tryOnce()).isFalse();
    assertThat(heard).containsExactly("a leads in 0", "b leads in 1", "a lost");
  }

  @Test
  void aLeaderThatCannotRenewGivesUpBeforeItsLeaseEnds() {
    assertThat(a.tryOnce()).isTrue();
    api.failing(call -> Optional.of(new ApiError.Unavailable("down")));
    pass(9);
    assertThat(a.tryOnce()).isTrue();
    pass(1);
    assertThat(a.tryOnce()).isFalse();
    assertThat(heard).containsExactly("a leads in 0", "a lost");
  }

  @Test
  void aLeaderThatClosesLetsTheNextBeginAtOnce() {
    assertThat(a.tryOnce()).isTrue();
    assertThat(b.tryOnce()).isFalse();
    a.close();
    assertThat(b.tryOnce()).isTrue();
    assertThat(heard).containsExactly("a leads in 0", "a lost", "b leads in 1");
  }

  @Test
  void aRenewalIsOneWriteAndNoRead() {
    assertThat(a.tryOnce()).isTrue();
    List<String> verbs = new ArrayList<>();
    api.failing(call -> {
      verbs.add(call.verb().toString());
      return Optional.empty();
    });

    pass(3);
    assertThat(a.tryOnce()).isTrue();

    assertThat(verbs).hasSize(1);
  }

  @Test
  void aLeaderLooksAgainWhenSomebodyElseWroteItsLease() {
    assertThat(a.tryOnce()).isTrue();
    var leases = api.client().resources(Lease.class);
    var lease = leases.list(ListOptions.ALL).items().getFirst();
    var touched = lease.toBuilder();
    touched.getMetadataBuilder().putLabels("seen", "yes");
    Lease _ = leases.update(touched.build());

    pass(3);
    assertThat(a.tryOnce()).isTrue();
    assertThat(heard).containsExactly("a leads in 0");
    assertThat(leases.list(ListOptions.ALL).items().getFirst().getMetadata().getLabelsMap())
        .containsKey("seen");
  }

  @Test
  void whetherItsTimeIsOverIsAskedWhenThatCanBe() {
    assertThat(a.untilOverdue()).as("before it leads").isEqualTo(Duration.ofSeconds(10));
    assertThat(a.tryOnce()).isTrue();
    pass(3);
    assertThat(a.untilOverdue()).isEqualTo(Duration.ofSeconds(7));
    pass(7);
    assertThat(a.untilOverdue()).as("while it gives up").isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void whoHasNoRivalRenewsRarelyAndHoldsLonger() {
    LeaderElection usual = LeaderElection.of("kube-system", "test", "a");
    assertThat(usual.renewPeriod()).isEqualTo(Duration.ofSeconds(5));
    assertThat(usual.unrivalled().renewPeriod()).isEqualTo(Duration.ofSeconds(20));
    assertThat(usual.unrivalled().leaseDuration()).isEqualTo(Duration.ofSeconds(60));
    assertThat(usual.unrivalled().identity()).isEqualTo("a");
  }

  private LeaderElector candidate(String name) {
    return new LeaderElector(
        api.client(),
        LeaderElection.of("kube-system", "test", name),
        new Leadership() {
          @Override
          public void gained(long term) {
            heard.add(name + " leads in " + term);
          }

          @Override
          public void lost() {
            heard.add(name + " lost");
          }
        },
        () -> Instant.EPOCH.plusNanos(nanos.get()),
        nanos::get);
  }

  private void pass(int seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }
}
