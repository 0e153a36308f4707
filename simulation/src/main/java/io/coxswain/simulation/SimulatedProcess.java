package io.coxswain.simulation;

import io.coxswain.client.ApiException;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import java.util.List;
import java.util.random.RandomGenerator;

/// One program of the cluster. Its memory is whatever [#boot] makes; killed, it loses that.
abstract class SimulatedProcess {

  protected final RandomGenerator random;
  private InformerFactory informers;

  /// @param none stands for the informers until the first boot
  SimulatedProcess(RandomGenerator random, InformerFactory none) {
    this.random = random;
    this.informers = none;
  }

  /// Starts with nothing in memory.
  ///
  /// @return the informers that it reads from
  protected abstract InformerFactory boot();

  /// Called once when every informer has its first list.
  protected abstract void synced();

  /// One step of its own work; false when there was nothing to do.
  protected abstract boolean work();

  private boolean booted;
  private boolean begun;

  /// Hears of something or does something, whichever chance says; killed on the way, it begins anew
  /// with the next step. What it hears late is a stale read.
  final boolean step() {
    try {
      if (!booted) {
        informers.close();
        begun = false;
        informers = boot();
        booted = true;
        return true;
      }
      if (!begun && informers.informers().stream().allMatch(Informer::synced)) {
        synced();
        begun = true;
        return true;
      }
      if (!begun || random.nextInt(3) == 0) {
        return hear();
      }
      return work() || hear();
    } catch (Crash killed) {
      booted = false;
      return true;
    }
  }

  /// Killed from outside.
  final void kill() {
    booted = false;
  }

  private boolean hear() {
    List<Informer<?>> all = informers.informers();
    if (all.isEmpty()) {
      return false;
    }
    try {
      return all.get(random.nextInt(all.size())).step(1 + random.nextInt(4)) > 0;
    } catch (ApiException e) {
      // Tried again when its turn comes.
      return true;
    }
  }
}
