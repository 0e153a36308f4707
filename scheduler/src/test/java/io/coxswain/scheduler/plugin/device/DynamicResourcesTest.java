package io.coxswain.scheduler.plugin.device;

import static io.coxswain.scheduler.Fixtures.info;
import static io.coxswain.scheduler.Fixtures.node;
import static io.coxswain.scheduler.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.scheduler.cycle.Decision;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Pods that claim devices go nowhere.
class DynamicResourcesTest {

  private final Snapshot snapshot = Snapshot.of(List.of(info(node("n"))));

  private Decision decided(Pod pod) {
    return new Placement(Plugins.standard()).decide(PodInfo.of(pod), snapshot);
  }

  @Test
  void aPodThatClaimsDevicesWaitsAndSaysWhy() {
    Pod.Builder claiming = pod("p").toBuilder();
    claiming
        .getSpecBuilder()
        .addResourceClaimsBuilder()
        .setName("gpu")
        .setResourceClaimName("mine");
    assertThat(decided(claiming.build()))
        .isEqualTo(
            new Decision.Unschedulable(
                "0/1 nodes are available: the pod claims devices, which nothing allocates in this"
                    + " version of Coxswain.",
                Set.of()));
    assertThat(decided(pod("p"))).isInstanceOf(Decision.Place.class);
  }
}
