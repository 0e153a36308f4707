package io.coxswain.scheduler;

import static io.coxswain.scheduler.Fixtures.info;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static io.coxswain.scheduler.StorageFixtures.bound;
import static io.coxswain.scheduler.StorageFixtures.claim;
import static io.coxswain.scheduler.StorageFixtures.using;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.client.ObjectKey;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.scheduler.queue.Waiting;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How a pod's waiting for its claims ends, by a clock that the test turns.
class VolumeWaitsTest {

  private final InMemoryApi api = new InMemoryApi();
  private final List<String> ends = new ArrayList<>();
  private Instant now = Instant.EPOCH;
  private final ClusterCache cache = new ClusterCache(() -> now);
  private final VolumeBinder binder = new VolumeBinder(api.client(), cache);
  private final VolumeWaits waits =
      new VolumeWaits(
          binder,
          () -> now,
          new VolumeWaits.Ends() {
            @Override
            public void bound(Waiting waiting, String node) {
              ends.add("bound to " + node);
            }

            @Override
            public void lost(Waiting waiting, String node, String why) {
              ends.add(why);
            }
          });

  @BeforeEach
  void park() {
    cache.putClaim(claim("a", "later", "1Gi"));
    PodInfo pod = PodInfo.of(using(pod("p"), "a"));
    binder.reserve(
        pod, Snapshot.of(List.of(info(node("n1")))).with(cache.snapshot().storage()), "n1");
    waits.park(new Waiting(pod, now, 1, 0), "n1");
  }

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void itEndsWithTheBinding() {
    waits.wake();
    assertThat(ends).isEmpty();
    cache.putClaim(bound(claim("a", "later", "1Gi"), "v"));
    waits.wake();
    waits.wake();
    assertThat(ends).containsExactly("bound to n1");
  }

  @Test
  void itEndsWithTheSchedulersPatience() {
    now = now.plus(Duration.ofMinutes(9));
    waits.expire();
    assertThat(ends).isEmpty();
    now = now.plus(Duration.ofMinutes(2));
    waits.expire();
    waits.expire();
    assertThat(ends).containsExactly("timed out waiting for the condition");
  }

  @Test
  void itEndsWithTheClaim() {
    cache.removeClaim(new ObjectKey("default", "a"));
    waits.wake();
    assertThat(ends).containsExactly("provisioning failed, or a claim was deleted");
  }
}
