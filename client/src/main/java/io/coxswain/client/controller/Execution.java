package io.coxswain.client.controller;

import io.coxswain.client.ObjectKey;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.queue.WorkQueue;

/// Who lends controllers their threads and the clock of their queues. Programs use [#THREADS]; a
/// simulation takes both into its own hands, to run a cluster step by step on one thread.
public interface Execution {

  /// Virtual threads and the machine's clock.
  Execution THREADS =
      new Execution() {
        @Override
        public WorkQueue<ObjectKey> queue(Backoff backoff) {
          return new WorkQueue<>(backoff);
        }

        @Override
        public void start(ControllerLoop loop) {
          loop.start();
        }

        @Override
        public boolean parallel() {
          return true;
        }
      };

  WorkQueue<ObjectKey> queue(Backoff backoff);

  /// Has the loop's keys worked on until it is closed.
  void start(ControllerLoop loop);

  /// Whether a controller may do several things at once on threads of its own.
  boolean parallel();
}
