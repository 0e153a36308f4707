package io.coxswain.controlplane.consistency;

import io.coxswain.controlplane.consistency.Operation.Listing;
import io.coxswain.controlplane.consistency.Operation.Outcome;
import io.coxswain.controlplane.consistency.Operation.Read;
import io.coxswain.controlplane.consistency.Operation.Verb;
import io.coxswain.controlplane.consistency.Operation.Write;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// One client: asks one thing after another, by chance, and writes down what it was told.
final class Customer implements Callable<Integer> {

  /// Before who was not answered asks again: nobody learns much from a server that is dead.
  private static final long PAUSE_NANOS = 20_000_000;

  private final Api api;
  private final String name;
  private final List<String> keys;
  private final SplittableRandom random;
  private final Consumer<Operation> history;
  private final AtomicBoolean over;
  private final LongAdder answered;

  /// What it believes of keys, which others may have changed since.
  private final Map<String, Seen> known = new HashMap<>();

  /// The newest revision that it was shown.
  private long newest;

  private int written;

  Customer(
      Api api,
      String name,
      List<String> keys,
      SplittableRandom random,
      Consumer<Operation> history,
      LongAdder answered,
      AtomicBoolean over) {
    this.api = api;
    this.name = name;
    this.keys = keys;
    this.random = random;
    this.history = history;
    this.answered = answered;
    this.over = over;
  }

  /// @return how many questions were answered
  @Override
  public Integer call() {
    int told = 0;
    while (!over.get()) {
      String key = keys.get(random.nextInt(keys.size()));
      boolean answer =
          switch (random.nextInt(10)) {
            case 0 -> read(key, 0);
            case 1 -> read(key, newest);
            case 2 -> list(-1);
            case 3 -> list(random.nextBoolean() ? 0 : newest);
            case 4, 5 -> read(key, -1);
            default -> write(key);
          };
      if (answer) {
        told++;
        answered.increment();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return told;
  }

  private void saw(String key, Seen seen) {
    known.put(key, seen);
    newest = Math.max(newest, seen.revision());
  }

  private boolean read(String key, long atLeast) {
    long begin = System.nanoTime();
    Api.Answer answer = api.read(key, atLeast < 0 ? "" : "?resourceVersion=" + atLeast);
    long end = System.nanoTime();
    if (answer.code() != 200 && answer.code() != 404) {
      return false;
    }
    Seen seen = answer.code() == 200 ? answer.seen() : Seen.NOTHING;
    history.accept(new Read(begin, end, key, atLeast, seen));
    saw(key, seen);
    return true;
  }

  private boolean list(long atLeast) {
    long begin = System.nanoTime();
    Api.Answer answer = api.list(atLeast < 0 ? "" : "&resourceVersion=" + atLeast);
    long end = System.nanoTime();
    if (answer.code() != 200) {
      return false;
    }
    history.accept(listing(begin, end, atLeast, answer.body()));
    newest =
        Math.max(newest, Long.parseLong(answer.body().at("/metadata/resourceVersion").asString()));
    return true;
  }

  static Listing listing(long begin, long end, long atLeast, JsonNode list) {
    Map<String, Seen> seen = new HashMap<>();
    for (JsonNode item : list.path("items")) {
      seen.put(item.at("/metadata/name").asString(), Api.seen(item));
    }
    long revision = Long.parseLong(list.at("/metadata/resourceVersion").asString());
    return new Listing(begin, end, atLeast, revision, seen);
  }

  private boolean write(String key) {
    Seen before = known.getOrDefault(key, Seen.NOTHING);
    if (before.equals(Seen.NOTHING)) {
      return write(Verb.CREATE, key, 0);
    }
    return switch (random.nextInt(5)) {
      case 0 -> write(Verb.DELETE, key, before.revision());
      case 1 -> write(Verb.UPDATE, key, 0);
      default -> write(Verb.UPDATE, key, before.revision());
    };
  }

  private boolean write(Verb verb, String key, long onto) {
    String value = verb == Verb.DELETE ? "" : "value-%s-%d-end".formatted(name, written++);
    long begin = System.nanoTime();
    Api.Answer answer =
        switch (verb) {
          case CREATE -> api.create(key, value);
          case UPDATE -> api.update(key, value, onto);
          case DELETE -> api.delete(key, onto);
        };
    long end = System.nanoTime();
    Outcome outcome =
        switch (answer.code()) {
          case 200, 201 -> Outcome.DONE;
          case 404, 409 -> Outcome.REFUSED;
          default -> Outcome.UNKNOWN;
        };
    long revision = outcome == Outcome.DONE && verb != Verb.DELETE ? answer.seen().revision() : 0;
    history.accept(new Write(begin, end, verb, key, value, onto, outcome, revision));
    if (outcome == Outcome.DONE) {
      saw(key, verb == Verb.DELETE ? Seen.NOTHING : answer.seen());
      return true;
    }
    // what is there is for the next question to find out
    if (answer.code() == 404) {
      history.accept(new Read(begin, end, key, -1, Seen.NOTHING));
      saw(key, Seen.NOTHING);
    } else if (outcome == Outcome.REFUSED) {
      var _ = read(key, -1);
    }
    return outcome != Outcome.UNKNOWN;
  }
}
