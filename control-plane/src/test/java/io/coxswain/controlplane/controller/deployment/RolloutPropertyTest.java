package io.coxswain.controlplane.controller.deployment;

import static io.coxswain.controlplane.controller.framework.Samples.deployment;
import static io.coxswain.controlplane.controller.framework.Samples.recreate;
import static io.coxswain.controlplane.controller.framework.Samples.rolling;
import static io.coxswain.controlplane.controller.framework.Samples.template;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apps.v1.Deployment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the order of events, a rollout stays within its bounds and ends.
class RolloutPropertyTest {

  private static final int STEPS = 20_000;
  private static final int SEEDS = 60;

  record Strategy(int replicas, String surge, String unavailable) {}

  static List<Strategy> strategies() {
    return List.of(
        new Strategy(4, "25%", "25%"),
        new Strategy(4, "1", "0"),
        new Strategy(4, "0", "1"),
        new Strategy(1, "25%", "25%"),
        new Strategy(3, "0", "0"),
        new Strategy(10, "30%", "20%"),
        new Strategy(7, "100%", "0"),
        new Strategy(5, "0", "100%"));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void staysWithinItsBoundsAndEnds(Strategy strategy) {
    for (long seed = 0; seed < SEEDS; seed++) {
      String run = "seed " + seed;
      RolloutSimulation world = new RolloutSimulation(start(strategy), seed);
      assertThat(world.settle(STEPS, () -> {})).as("%s first rollout", run).isTrue();

      world.template(template("two"));
      assertThat(world.settle(STEPS, bounds(world, run))).as("%s second rollout", run).isTrue();

      // Half way to the third version, back to the first.
      world.template(template("three"));
      Random random = new Random(seed);
      for (int i = random.nextInt(60); i > 0; i--) {
        world.step();
        bounds(world, run).run();
      }
      world.template(template("one"));
      assertThat(world.settle(STEPS, bounds(world, run))).as("%s rollback", run).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aBrokenVersionNeverTakesTheOldOneDown(Strategy strategy) {
    for (long seed = 0; seed < SEEDS / 4; seed++) {
      String run = "seed " + seed;
      RolloutSimulation world = new RolloutSimulation(start(strategy), seed);
      assertThat(world.settle(STEPS, () -> {})).as(run).isTrue();
      world.breakImage();
      world.template(template("broken"));
      for (int i = 0; i < 500; i++) {
        world.step();
        bounds(world, run).run();
      }
      world.mendImage();
      world.template(template("mended"));
      assertThat(world.settle(STEPS, bounds(world, run))).as(run).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void scalingAndPausingAnywhereEndsAtTheRightSize(Strategy strategy) {
    for (long seed = 0; seed < SEEDS / 2; seed++) {
      RolloutSimulation world = new RolloutSimulation(start(strategy), seed);
      Random random = new Random(seed);
      for (int change = 0; change < 12; change++) {
        switch (random.nextInt(4)) {
          case 0 -> world.scale(random.nextInt(12));
          case 1 -> world.template(template("v" + random.nextInt(4)));
          case 2 -> world.pause(true);
          default -> world.pause(false);
        }
        for (int i = random.nextInt(40); i > 0; i--) {
          world.step();
        }
      }
      world.pause(false);
      assertThat(world.settle(STEPS, () -> {})).as("seed %d", seed).isTrue();
      assertThat(world.there()).isEqualTo(world.deployment().getSpec().getReplicas());
    }
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void recreateNeverRunsTwoVersions(Strategy strategy) {
    for (long seed = 0; seed < SEEDS / 4; seed++) {
      Deployment start = deployment("web", strategy.replicas(), s -> s.setStrategy(recreate()));
      RolloutSimulation world = new RolloutSimulation(start, seed);
      assertThat(world.settle(STEPS, () -> {})).isTrue();
      world.template(template("two"));
      assertThat(
              world.settle(
                  STEPS,
                  () -> assertThat(world.existing()).isLessThanOrEqualTo(strategy.replicas())))
          .as("seed %d", seed)
          .isTrue();
    }
  }

  private static Deployment start(Strategy strategy) {
    return deployment(
        "web",
        strategy.replicas(),
        s -> s.setStrategy(rolling(strategy.surge(), strategy.unavailable())));
  }

  private static Runnable bounds(RolloutSimulation world, String run) {
    return () -> {
      Bounds bounds = Bounds.of(world.deployment());
      assertThat(world.there()).as("%s: pods", run).isLessThanOrEqualTo(bounds.most());
      assertThat(world.available())
          .as("%s: available", run)
          .isGreaterThanOrEqualTo(bounds.fewestAvailable());
    };
  }
}
