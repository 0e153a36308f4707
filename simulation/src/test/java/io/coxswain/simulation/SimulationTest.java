package io.coxswain.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// More seeds: `-Dsimulation.seeds=1000 -Dsimulation.first=1`.
class SimulationTest {

  private static final int STEPS = 6_000;

  static LongStream seeds() {
    long first = Long.getLong("simulation.first", 1);
    return LongStream.range(first, first + Long.getLong("simulation.seeds", 20));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void rolloutsKeepTheirPromise(long seed) {
    new Simulation(seed, true).run(STEPS);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverBreaksIsMended(long seed) {
    new Simulation(seed, false).run(STEPS);
  }

  @Test
  void aSeedRepeatsItsRun() {
    Simulation first = new Simulation(7, false);
    Simulation second = new Simulation(7, false);
    first.run(2_000);
    second.run(2_000);
    assertThat(first.revision()).isEqualTo(second.revision());
  }
}
