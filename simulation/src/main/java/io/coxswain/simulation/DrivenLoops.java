package io.coxswain.simulation;

import io.coxswain.client.ObjectKey;
import io.coxswain.client.controller.ControllerLoop;
import io.coxswain.client.controller.Execution;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.queue.WorkQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Controllers' loops, turned by hand.
final class DrivenLoops implements Execution {

  private final VirtualClock clock;
  private final RandomGenerator random;
  private final List<ControllerLoop> loops = new ArrayList<>();

  DrivenLoops(VirtualClock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  @Override
  public WorkQueue<ObjectKey> queue(Backoff backoff) {
    return new WorkQueue<>(backoff, clock::nanos, random);
  }

  @Override
  public void start(ControllerLoop loop) {
    loops.add(loop);
  }

  @Override
  public boolean parallel() {
    return false;
  }

  boolean step() {
    return !loops.isEmpty() && loops.get(random.nextInt(loops.size())).runOne();
  }
}
