package io.coxswain.controlplane.consistency;

import io.coxswain.controlplane.consistency.Operation.Event;
import io.coxswain.controlplane.consistency.Operation.Listing;
import io.coxswain.controlplane.consistency.Operation.Outcome;
import io.coxswain.controlplane.consistency.Operation.Read;
import io.coxswain.controlplane.consistency.Operation.Verb;
import io.coxswain.controlplane.consistency.Operation.Watched;
import io.coxswain.controlplane.consistency.Operation.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Says what in a history no single order explains: the store's log is the order, and every answer
/// must fit a place in it between its question and its end. Pure.
///
/// A write that was answered is in the log exactly once, one that was refused never, any other at
/// most once; each changes the version that it was to change. Lists show one revision of
/// everything, watches tell every change once and in order. The places of all questions that want
/// the latest also follow each other as their times do, over all keys: that is linearizability
/// (Herlihy and Wing 1990), and quick to decide because the log is known.
final class Judge {

  private final List<String> problems = new ArrayList<>();
  private final Log log;

  private Judge(List<Change> changes) {
    this.log = new Log(changes, problems);
  }

  /// @param changes everything that the store did, in its order
  /// @return nothing when all is well
  static List<String> problems(List<Change> changes, List<Operation> history) {
    Judge judge = new Judge(changes);
    Map<String, Write> writes = new HashMap<>();
    for (Operation operation : history) {
      if (operation instanceof Write write && !write.value().isEmpty()) {
        writes.put(write.value(), write);
      }
    }
    judge.origins(writes, history);
    for (Operation operation : history) {
      switch (operation) {
        case Write write -> judge.write(write);
        case Read read -> judge.read(read, writes);
        case Listing listing -> judge.listing(listing);
        case Watched watched -> judge.watched(watched);
      }
    }
    judge.order(history);
    return judge.problems;
  }

  private void problem(String what, Object of) {
    problems.add(what + ": " + of);
  }

  /// Everything in the log was asked for, and changed what it was to change.
  private void origins(Map<String, Write> writes, List<Operation> history) {
    Map<String, Integer> removals = new HashMap<>();
    for (Operation operation : history) {
      if (operation instanceof Write write
          && write.verb() == Verb.DELETE
          && write.outcome() != Outcome.REFUSED) {
        removals.merge(write.key() + "@" + write.onto(), 1, Integer::sum);
      }
    }
    for (Change change : log.all().values()) {
      Seen before = log.at(change.key(), change.revision() - 1);
      if (change.removes()) {
        if (!removals.containsKey(change.key() + "@" + before.revision())) {
          problem("removed by nobody", change);
        }
        continue;
      }
      Write write = writes.get(change.value());
      if (write == null || !write.key().equals(change.key())) {
        problem("written by nobody", change);
        continue;
      }
      boolean there = !before.equals(Seen.NOTHING);
      if (there != (write.verb() == Verb.UPDATE)) {
        problem(there ? "made though it was there" : "changed though it was not there", change);
      }
      if (write.onto() != 0 && write.onto() != before.revision()) {
        problem("changed another version, " + before + ", than was meant", write);
      }
    }
  }

  private void write(Write write) {
    Optional<Change> change =
        write.verb() == Verb.DELETE
            ? log.after(write.key(), write.onto()).filter(Change::removes)
            : log.by(write.value());
    switch (write.outcome()) {
      case DONE -> {
        if (change.isEmpty()) {
          problem("acknowledged and lost", write);
        } else if (write.revision() != 0 && change.get().revision() != write.revision()) {
          problem("acknowledged at another revision than " + change.get(), write);
        }
      }
      case REFUSED -> {
        // of removals, another one may have been what was wanted
        if (change.isPresent() && write.verb() != Verb.DELETE) {
          problem("refused and made", write);
        }
      }
      case UNKNOWN -> {
        // may be either
      }
    }
  }

  private void read(Read read, Map<String, Write> writes) {
    if (log.when(read.key(), read.seen(), Math.max(0, read.atLeast())).isEmpty()) {
      problem("never so, or not any more", read);
    }
    Write write = writes.get(read.seen().value());
    if (write != null && write.begin() > read.end()) {
      problem("seen before it was written", read);
    }
  }

  private void listing(Listing listing) {
    Map<String, Seen> then = log.at(listing.revision());
    if (!then.equals(listing.seen())) {
      problem("not what was there at its revision, " + then, listing);
    }
    if (listing.revision() < listing.atLeast()) {
      problem("older than was asked for", listing);
    }
  }

  private void watched(Watched watched) {
    List<Event> expected = new ArrayList<>();
    for (Change change : log.all().subMap(watched.after(), false, watched.until(), true).values()) {
      boolean there = !log.at(change.key(), change.revision() - 1).equals(Seen.NOTHING);
      String type = change.removes() ? "DELETED" : there ? "MODIFIED" : "ADDED";
      // what is removed is shown as it was, under the revision of its end
      String value =
          change.removes() ? log.at(change.key(), change.revision() - 1).value() : change.value();
      expected.add(new Event(type, change.key(), new Seen(change.revision(), value)));
    }
    int same = 0;
    while (same < Math.min(expected.size(), watched.events().size())
        && expected.get(same).equals(watched.events().get(same))) {
      same++;
    }
    if (same < Math.max(expected.size(), watched.events().size())) {
      problem(
          "a watch from %d to %d tells at place %d of %d"
              .formatted(watched.after(), watched.until(), same, expected.size()),
          (same < watched.events().size() ? watched.events().get(same) : "nothing")
              + " where the store says "
              + (same < expected.size() ? expected.get(same) : "nothing"));
    }
  }

  /// A moment at which a question begins or is answered.
  private record Moment(long time, boolean ends, Operation of) {}

  /// Gives each question that wants the latest the first place in the log that fits its answer and
  /// lies behind all that were answered before it began. If the first does not do, none does.
  private void order(List<Operation> history) {
    List<Moment> moments = new ArrayList<>();
    for (Operation operation : history) {
      if (wantsLatest(operation)) {
        moments.add(new Moment(operation.begin(), false, operation));
        if (!isUnknown(operation)) {
          moments.add(new Moment(operation.end(), true, operation));
        }
      }
    }
    // at the same time: the answers count as later, which never blames the innocent
    moments.sort((a, b) -> {
      int byTime = Long.compare(a.time(), b.time());
      return byTime != 0 ? byTime : Boolean.compare(a.ends(), b.ends());
    });
    long floor = 0;
    IdentityHashMap<Operation, Long> places = new IdentityHashMap<>();
    for (Moment moment : moments) {
      if (moment.ends()) {
        floor = Math.max(floor, places.getOrDefault(moment.of(), 0L));
        continue;
      }
      Optional<Long> place = place(moment.of(), floor);
      if (place.isPresent()) {
        places.put(moment.of(), place.get());
      } else {
        problem("older than what was answered before it began, revision " + floor, moment.of());
      }
    }
  }

  private static boolean wantsLatest(Operation operation) {
    return switch (operation) {
      case Write write -> write.outcome() != Outcome.REFUSED;
      case Read read -> read.atLeast() < 0;
      case Listing listing -> listing.atLeast() < 0;
      case Watched _ -> false;
    };
  }

  private static boolean isUnknown(Operation operation) {
    return operation instanceof Write write && write.outcome() == Outcome.UNKNOWN;
  }

  private Optional<Long> place(Operation operation, long floor) {
    return switch (operation) {
      case Write write -> {
        Optional<Long> revision =
            (write.verb() == Verb.DELETE
                    ? log.after(write.key(), write.onto()).filter(Change::removes)
                    : log.by(write.value()))
                .map(Change::revision);
        // one that is not in the log has no place, and was blamed for that where it is wrong; of
        // removals without an answer it may have been another one
        boolean free = revision.isEmpty() || (isUnknown(write) && write.verb() == Verb.DELETE);
        yield free ? Optional.of(0L) : revision.filter(place -> place > floor);
      }
      case Read read -> log.when(read.key(), read.seen(), floor);
      case Listing listing ->
          listing.revision() >= floor ? Optional.of(listing.revision()) : Optional.empty();
      case Watched _ -> Optional.of(0L);
    };
  }
}
