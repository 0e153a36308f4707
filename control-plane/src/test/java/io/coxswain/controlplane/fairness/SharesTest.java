package io.coxswain.controlplane.fairness;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.fairness.Shares.Claim;
import io.coxswain.controlplane.fairness.Shares.Demand;
import io.coxswain.controlplane.fairness.Shares.Limits;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharesTest {

  /// Of the levels that every cluster has: shares, and what of it is lent.
  private static final List<Claim> STANDARD =
      List.of(
          new Claim(30, 33, -1),
          new Claim(40, 25, -1),
          new Claim(10, 0, -1),
          new Claim(40, 50, -1),
          new Claim(100, 90, -1),
          new Claim(20, 50, -1),
          new Claim(5, 0, -1));

  @Test
  void theStandardLevelsHaveWhatTheyHaveInKubernetes() {
    List<Limits> limits = Shares.limits(600, STANDARD);
    assertThat(limits.stream().map(Limits::nominal)).containsExactly(74, 98, 25, 98, 245, 49, 13);
    assertThat(limits.stream().map(Limits::least)).containsExactly(50, 73, 25, 49, 24, 24, 13);
    assertThat(limits.stream().map(Limits::most)).containsOnly(600);
  }

  @Test
  void whoNeedsMuchBorrowsWhatOthersLend() {
    List<Limits> limits = Shares.limits(600, STANDARD);
    Demand none = new Demand(0, 0);
    int[] current =
        Shares.current(
            600, limits, List.of(none, none, none, none, none, new Demand(500, 500), none));
    assertThat(current[5]).isGreaterThan(300);
    for (int i = 0; i < current.length; i++) {
      assertThat(current[i]).isGreaterThanOrEqualTo(limits.get(i).least());
    }
    assertThat(Arrays.stream(current).sum()).isBetween(597, 603);
  }

  @Test
  void whatALevelNeedsItselfItDoesNotLend() {
    List<Limits> limits = Shares.limits(600, STANDARD);
    Demand much = new Demand(1000, 1000);
    int[] current = Shares.current(600, limits, List.of(much, much, much, much, much, much, much));
    for (int i = 0; i < current.length; i++) {
      assertThat(current[i]).isEqualTo(limits.get(i).nominal());
    }
  }

  @Test
  void aLimitOnBorrowingHolds() {
    List<Claim> claims = List.of(new Claim(50, 90, -1), new Claim(50, 0, 20));
    List<Limits> limits = Shares.limits(100, claims);
    int[] current = Shares.current(100, limits, List.of(new Demand(0, 0), new Demand(90, 90)));
    assertThat(limits.get(1).most()).isEqualTo(60);
    assertThat(current[1]).isEqualTo(60);
  }
}
