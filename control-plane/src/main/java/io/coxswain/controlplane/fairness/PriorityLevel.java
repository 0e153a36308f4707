package io.coxswain.controlplane.fairness;

import io.coxswain.api.flowcontrol.v1.PriorityLevelConfigurationSpec;
import io.coxswain.api.flowcontrol.v1.QueuingConfiguration;
import io.coxswain.controlplane.fairness.Shares.Demand;
import io.coxswain.controlplane.fairness.Shares.Limits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The seats of one level and who waits for them. A request that finds a seat and nobody waiting
/// takes one lock twice and no more.
///
/// Who has waited in a queue that a new configuration does without is served all the same.
final class PriorityLevel {

  /// A smoothed demand follows at once upwards, and by this share each period downwards.
  private static final double FORGETTING = 0.023;

  private static final double MOST_SEATS_SHARE = 0.15;
  private static final int MOST_SEATS = 10;
  private static final double NANOS = 1e9;

  /// Why a request was turned away, as the metric names it.
  enum Refusal {
    CONCURRENCY_LIMIT("concurrency-limit"),
    QUEUE_FULL("queue-full"),
    TIME_OUT("time-out"),
    CANCELLED("cancelled");

    private final String label;

    Refusal(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /// Where an answer is decided under the lock and waited for outside of it.
  private final class Waiter {
    private final FairQueues.Line<Waiter> line;
    private final int seats;
    private final CountDownLatch decided = new CountDownLatch(1);
    private volatile boolean admitted;

    Waiter(FairQueues.Line<Waiter> line, int seats) {
      this.line = line;
      this.seats = seats;
    }

    /// Its client has gone.
    void cancel() {
      lock.lock();
      try {
        if (!admitted && queues.remove(line, this)) {
          waitingSeats -= seats;
          serveWaiting();
        }
      } finally {
        lock.unlock();
      }
      decided.countDown();
    }
  }

  /// What became of a request that wanted in.
  ///
  /// @param seat when it got one
  /// @param refusal when it got none
  /// @param waitedNanos in a queue
  record Outcome(@Nullable Seat seat, @Nullable Refusal refusal, long waitedNanos) {}

  private final String name;
  private final LongSupplier nanoTime;
  private final DropRate drops = new DropRate();
  private final ReentrantLock lock = new ReentrantLock();
  private final FairQueues<Waiter> queues = new FairQueues<>();
  private volatile boolean exempt;
  private volatile Optional<QueuingConfiguration> queuing = Optional.empty();
  private volatile Limits limits = new Limits(0, 0, 0);
  private volatile int current;
  private int taken;
  private int waitingSeats;
  private int peak;
  private double smooth;

  PriorityLevel(String name, LongSupplier nanoTime) {
    this.name = name;
    this.nanoTime = nanoTime;
  }

  String name() {
    return name;
  }

  /// Takes a new configuration; what others lend is divided anew later.
  void configure(PriorityLevelConfigurationSpec spec, Limits own) {
    lock.lock();
    try {
      exempt = spec.getType().equals("Exempt");
      queuing =
          spec.getLimited().getLimitResponse().getType().equals("Queue")
              ? Optional.of(spec.getLimited().getLimitResponse().getQueuing())
              : Optional.empty();
      if (!own.equals(limits)) {
        limits = own;
        current = own.nominal();
      }
      serveWaiting();
    } finally {
      lock.unlock();
    }
  }

  void current(int seats) {
    lock.lock();
    try {
      current = seats;
      serveWaiting();
    } finally {
      lock.unlock();
    }
  }

  /// What was needed since this was last asked.
  Demand demand() {
    lock.lock();
    try {
      smooth = peak >= smooth ? peak : smooth * (1 - FORGETTING) + peak * FORGETTING;
      Demand demand = new Demand(peak, smooth);
      peak = taken + waitingSeats;
      return demand;
    } finally {
      lock.unlock();
    }
  }

  boolean isExempt() {
    return exempt;
  }

  Limits limits() {
    return limits;
  }

  int current() {
    return current;
  }

  int taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  DropRate drops() {
    return drops;
  }

  int waiting() {
    lock.lock();
    try {
      return queues.waiting();
    } finally {
      lock.unlock();
    }
  }

  int mostSeats() {
    if (exempt) {
      return MOST_SEATS;
    }
    int share = (int) Math.ceil(limits.nominal() * MOST_SEATS_SHARE);
    int spread = queuing.map(q -> limits.nominal() / Math.max(1, q.getHandSize())).orElse(share);
    return Math.max(1, Math.min(MOST_SEATS, Math.min(share, spread)));
  }

  /// Blocks while no seat is free, at most so long.
  ///
  /// @param onGone is given what to call when the client has gone; only when there is a wait
  /// @param afterWait runs when that wait is over
  Outcome enter(
      Flow flow, int seats, Duration patience, Consumer<Runnable> onGone, Runnable afterWait)
      throws InterruptedException {
    Waiter waiter;
    lock.lock();
    try {
      if (exempt || (queues.waiting() == 0 && fits(seats))) {
        return new Outcome(take(seats, null), null, 0);
      }
      if (queuing.isEmpty()) {
        return new Outcome(null, Refusal.CONCURRENCY_LIMIT, 0);
      }
      QueuingConfiguration how = queuing.get();
      long hash = Hands.hash(flow.schema(), flow.distinguisher());
      FairQueues.Line<Waiter> line = queues.choose(hash, how.getQueues(), how.getHandSize());
      if (line.length() >= how.getQueueLengthLimit()) {
        return new Outcome(null, Refusal.QUEUE_FULL, 0);
      }
      waiter = new Waiter(line, seats);
      queues.add(line, waiter);
      waitingSeats += seats;
      peak = Math.max(peak, taken + waitingSeats);
    } finally {
      lock.unlock();
    }
    return await(waiter, patience, onGone, afterWait);
  }

  private Outcome await(
      Waiter waiter, Duration patience, Consumer<Runnable> onGone, Runnable afterWait)
      throws InterruptedException {
    long start = nanoTime.getAsLong();
    boolean decided;
    boolean whole = false;
    try {
      onGone.accept(waiter::cancel);
      decided = waiter.decided.await(patience.toNanos(), TimeUnit.NANOSECONDS);
      whole = true;
    } finally {
      afterWait.run();
      settle(waiter, whole);
    }
    long waited = nanoTime.getAsLong() - start;
    if (waiter.admitted) {
      return new Outcome(new Taken(waiter.seats, waiter.line), null, waited);
    }
    return new Outcome(null, decided ? Refusal.CANCELLED : Refusal.TIME_OUT, waited);
  }

  /// @param whole whether the wait ended as waits do, and not by an exception
  private void settle(Waiter waiter, boolean whole) {
    lock.lock();
    try {
      if (waiter.admitted) {
        if (!whole) {
          leave(waiter.seats, waiter.line, 0); // nobody else knows of its seats
        }
      } else if (queues.remove(waiter.line, waiter)) {
        waitingSeats -= waiter.seats;
        serveWaiting();
      }
    } finally {
      lock.unlock();
    }
  }

  /// A wide request does not wait for more seats than there are: it may have all.
  private boolean fits(int seats) {
    return taken < current && (taken + seats <= current || taken == 0);
  }

  private Seat take(int seats, FairQueues.@Nullable Line<Waiter> line) {
    occupy(seats);
    return new Taken(seats, line);
  }

  private void occupy(int seats) {
    taken += seats;
    peak = Math.max(peak, taken + waitingSeats);
  }

  private void serveWaiting() {
    while (queues.waiting() > 0) {
      Optional<FairQueues.Line<Waiter>> next = queues.next();
      if (next.isEmpty()) {
        return;
      }
      Waiter first = queues.head(next.get());
      if (!exempt && !fits(first.seats)) {
        return;
      }
      queues.serve(next.get(), first.seats);
      waitingSeats -= first.seats;
      occupy(first.seats);
      first.admitted = true;
      first.decided.countDown();
    }
  }

  private void leave(int seats, FairQueues.@Nullable Line<Waiter> line, long tookNanos) {
    taken -= seats;
    if (line != null) {
      queues.served(line, seats, tookNanos / NANOS);
    }
    serveWaiting();
  }

  private final class Taken implements Seat {
    private final int seats;
    private final FairQueues.@Nullable Line<Waiter> line;
    private final long start;
    private boolean over;

    Taken(int seats, FairQueues.@Nullable Line<Waiter> line) {
      this.seats = seats;
      this.line = line;
      this.start = line == null ? 0 : nanoTime.getAsLong();
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (over) {
          return;
        }
        over = true;
        leave(seats, line, line == null ? 0 : nanoTime.getAsLong() - start);
      } finally {
        lock.unlock();
      }
    }
  }
}
