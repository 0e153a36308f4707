package io.coxswain.bench;

import java.io.IOException;
import java.util.List;

/// Something that starts containers.
interface Contender extends AutoCloseable {

  /// What one round cost.
  ///
  /// @param seconds from when they were asked for until each of the containers ran
  /// @param cpuSeconds of everything that had to do with them
  record Round(List<Double> seconds, double cpuSeconds) {
    public Round {
      seconds = List.copyOf(seconds);
    }

    double rate() {
      return seconds.size() / Figures.percentile(seconds, 100);
    }
  }

  String name();

  /// Starts so many at once and waits until all run.
  Round start(int containers) throws IOException, InterruptedException;

  /// Ends them and waits until nothing of them is left.
  void clear() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
