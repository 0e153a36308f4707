package io.coxswain.simulation;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// The way of one process to the API, on which calls and answers are lost and callers die.
final class FaultyTransport implements Transport {

  private final Transport api;
  private final RandomGenerator random;
  private final Supplier<Faults> faults;
  private final Trace trace;
  private final String caller;

  FaultyTransport(
      Transport api, RandomGenerator random, Supplier<Faults> faults, Trace trace, String caller) {
    this.api = api;
    this.trace = trace;
    this.caller = caller;
    this.random = random;
    this.faults = faults;
  }

  @Override
  public Message call(Call call) {
    return carry(() -> {
      Message answer = api.call(call);
      trace.wrote(caller, call, answer);
      return answer;
    });
  }

  @Override
  public ObjectList<Message> list(Call call) {
    return carry(() -> api.list(call));
  }

  @Override
  public Watch<Message> watch(Call call) {
    return new RepeatingWatch(carry(() -> api.watch(call)));
  }

  @Override
  public void close() {}

  private <A> A carry(Supplier<A> call) {
    Faults now = faults.get();
    if (chance(now.killed())) {
      throw new Crash();
    }
    if (chance(now.refused())) {
      throw new ApiException(new ApiError.Unavailable("refused by the simulation"));
    }
    A answer = call.get();
    if (chance(now.killed())) {
      throw new Crash();
    }
    if (chance(now.lost())) {
      throw new ApiException(new ApiError.Unavailable("the answer was lost by the simulation"));
    }
    return answer;
  }

  private boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  private final class RepeatingWatch implements Watch<Message> {

    private final Watch<Message> watch;
    private Optional<WatchEvent<Message>> again = Optional.empty();

    RepeatingWatch(Watch<Message> watch) {
      this.watch = watch;
    }

    @Override
    public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
      Optional<WatchEvent<Message>> repeated = again;
      again = Optional.empty();
      if (repeated.isPresent()) {
        return repeated;
      }
      Optional<WatchEvent<Message>> event = watch.next(patience);
      if (chance(faults.get().repeated())) {
        again = event;
      }
      return event;
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
