package io.coxswain.controlplane.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.consistency.Operation.Event;
import io.coxswain.controlplane.consistency.Operation.Listing;
import io.coxswain.controlplane.consistency.Operation.Outcome;
import io.coxswain.controlplane.consistency.Operation.Read;
import io.coxswain.controlplane.consistency.Operation.Verb;
import io.coxswain.controlplane.consistency.Operation.Watched;
import io.coxswain.controlplane.consistency.Operation.Write;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Good histories pass; each kind of lie is found.
class JudgeTest {

  /// Made at 10, changed at 12, removed at 15, made again at 20; another key at 13.
  private static final List<Change> LOG =
      List.of(
          new Change(10, "a", "v1"),
          new Change(12, "a", "v2"),
          new Change(13, "b", "w1"),
          new Change(15, "a", ""),
          new Change(20, "a", "v3"));

  private static final Write MADE = made(0, 10, "a", "v1", 10);
  private static final Write CHANGED = changed(20, 30, "a", "v2", 10, 12);
  private static final Write OTHER = made(20, 40, "b", "w1", 13);
  private static final Write REMOVED = removed(50, 60, "a", 12, Outcome.DONE);
  private static final Write AGAIN = made(70, 80, "a", "v3", 20);
  private static final List<Operation> TRUE = List.of(MADE, CHANGED, OTHER, REMOVED, AGAIN);

  private static Write made(long begin, long end, String key, String value, long revision) {
    return new Write(begin, end, Verb.CREATE, key, value, 0, Outcome.DONE, revision);
  }

  private static Write changed(
      long begin, long end, String key, String value, long onto, long revision) {
    return new Write(begin, end, Verb.UPDATE, key, value, onto, Outcome.DONE, revision);
  }

  private static Write removed(long begin, long end, String key, long onto, Outcome outcome) {
    return new Write(begin, end, Verb.DELETE, key, "", onto, outcome, 0);
  }

  private static Read latest(long begin, long end, String key, long revision, String value) {
    return new Read(begin, end, key, -1, new Seen(revision, value));
  }

  private static Event event(String type, String key, long revision, String value) {
    return new Event(type, key, new Seen(revision, value));
  }

  private static final List<Event> EVENTS =
      List.of(
          event("ADDED", "a", 10, "v1"),
          event("MODIFIED", "a", 12, "v2"),
          event("ADDED", "b", 13, "w1"),
          event("DELETED", "a", 15, "v2"),
          event("ADDED", "a", 20, "v3"));

  record Case(String about, List<Change> log, List<Operation> history, String problem) {
    static Case good(String about, Operation... more) {
      return new Case(about, LOG, with(TRUE, more), "");
    }

    static Case bad(String about, String problem, Operation... more) {
      return new Case(about, LOG, with(TRUE, more), problem);
    }

    /// Somebody was told something else instead.
    static Case instead(String about, String problem, Operation of, Operation other) {
      List<Operation> history = TRUE.stream().map(one -> one.equals(of) ? other : one).toList();
      return new Case(about, LOG, history, problem);
    }

    private static List<Operation> with(List<Operation> some, Operation... more) {
      return Stream.concat(some.stream(), Stream.of(more)).toList();
    }

    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        Case.good("what happened"),
        Case.good("a read while a write is under way: before", latest(22, 25, "a", 10, "v1")),
        Case.good("a read while a write is under way: after", latest(22, 25, "a", 12, "v2")),
        Case.good("nothing, before it was made", latest(0, 5, "a", 0, "")),
        Case.good("nothing, between removal and making", latest(61, 69, "a", 0, "")),
        Case.good("an old answer from the cache", new Read(90, 91, "a", 0, new Seen(10, "v1"))),
        Case.good("not older than asked", new Read(90, 91, "a", 11, new Seen(10, "v1"))),
        Case.good(
            "a list",
            new Listing(90, 91, -1, 25, Map.of("a", new Seen(20, "v3"), "b", new Seen(13, "w1")))),
        Case.good("an old list", new Listing(90, 91, 0, 12, Map.of("a", new Seen(12, "v2")))),
        Case.good("a watch of everything", new Watched(0, 90, 0, 20, EVENTS)),
        Case.good("a part", new Watched(0, 90, 12, 19, EVENTS.subList(2, 4))),
        Case.good(
            "unknown, and not made", new Write(0, 1, Verb.CREATE, "a", "x", 0, Outcome.UNKNOWN, 0)),
        Case.good("a removal that lost", removed(50, 60, "a", 12, Outcome.REFUSED)),
        Case.instead(
            "unknown, and made",
            "",
            CHANGED,
            new Write(20, 21, Verb.UPDATE, "a", "v2", 10, Outcome.UNKNOWN, 0)),
        Case.instead(
            "an unknown removal, made", "", REMOVED, removed(50, 60, "a", 12, Outcome.UNKNOWN)),
        Case.bad("a lost write", "acknowledged and lost", made(0, 1, "c", "lost", 11)),
        Case.bad("a lost removal", "acknowledged and lost", removed(90, 95, "a", 20, Outcome.DONE)),
        Case.bad("a stale read", "older than what was answered", latest(41, 42, "a", 10, "v1")),
        Case.bad(
            "a read of what was removed",
            "older than what was answered",
            latest(61, 62, "a", 12, "v2")),
        Case.bad(
            "nothing where something is",
            "older than what was answered",
            latest(41, 49, "b", 0, "")),
        Case.bad(
            "reads that go back, though each alone would do",
            "older than what was answered",
            latest(21, 22, "a", 12, "v2"),
            latest(23, 24, "a", 10, "v1")),
        Case.bad(
            "reads of two keys in two orders",
            "older than what was answered",
            latest(21, 22, "b", 13, "w1"),
            latest(23, 24, "a", 10, "v1")),
        Case.bad("a state that never was", "never so", latest(41, 42, "a", 12, "v1")),
        Case.bad(
            "a cached read older than asked",
            "never so, or not any more",
            new Read(90, 91, "a", 13, new Seen(10, "v1"))),
        Case.bad(
            "a read of the future",
            "seen before it was written",
            new Read(61, 62, "a", 0, new Seen(20, "v3"))),
        Case.bad(
            "a torn list",
            "not what was there at its revision",
            new Listing(90, 91, -1, 20, Map.of("a", new Seen(20, "v3")))),
        Case.bad(
            "an old list where the latest was asked for",
            "older than what was answered",
            new Listing(90, 91, -1, 12, Map.of("a", new Seen(12, "v2")))),
        Case.bad(
            "a list older than asked",
            "older than was asked for",
            new Listing(90, 91, 13, 12, Map.of("a", new Seen(12, "v2")))),
        Case.bad(
            "a gap in a watch",
            "a watch from 0 to 20",
            new Watched(
                0,
                90,
                0,
                20,
                Stream.concat(EVENTS.stream().limit(2), EVENTS.stream().skip(3)).toList())),
        Case.bad(
            "a watch that ends early",
            "a watch from 0 to 20",
            new Watched(0, 90, 0, 20, EVENTS.subList(0, 4))),
        Case.bad(
            "a watch that repeats itself",
            "a watch from 0 to 12",
            new Watched(0, 90, 0, 12, List.of(EVENTS.get(0), EVENTS.get(1), EVENTS.get(1)))),
        Case.bad(
            "a watch in another order",
            "a watch from 0 to 12",
            new Watched(0, 90, 0, 12, List.of(EVENTS.get(1), EVENTS.get(0)))),
        Case.bad(
            "an event of the wrong type",
            "a watch from 10 to 12",
            new Watched(0, 90, 10, 12, List.of(event("ADDED", "a", 12, "v2")))),
        Case.instead(
            "refused and made",
            "refused and made",
            CHANGED,
            new Write(20, 30, Verb.UPDATE, "a", "v2", 10, Outcome.REFUSED, 0)),
        Case.instead(
            "another revision than was answered",
            "acknowledged at another revision",
            CHANGED,
            changed(20, 30, "a", "v2", 10, 13)),
        Case.instead(
            "a lost update",
            "changed another version",
            AGAIN,
            new Write(70, 80, Verb.CREATE, "a", "v3", 12, Outcome.DONE, 20)),
        Case.instead(
            "made over something",
            "made though it was there",
            CHANGED,
            made(20, 30, "a", "v2", 12)),
        Case.instead(
            "changed what was not there",
            "changed though it was not there",
            AGAIN,
            changed(70, 80, "a", "v3", 0, 20)),
        Case.instead(
            "removed by nobody",
            "removed by nobody",
            REMOVED,
            removed(50, 60, "a", 10, Outcome.REFUSED)),
        Case.instead("written by nobody", "written by nobody", OTHER, latest(0, 1, "b", 0, "")),
        Case.instead(
            "made after its answer was overtaken",
            "older than what was answered",
            AGAIN,
            made(1, 15, "a", "v3", 20)),
        Case.instead(
            "an unknown write that acts before it is made",
            "older than what was answered",
            CHANGED,
            new Write(45, 46, Verb.UPDATE, "a", "v2", 10, Outcome.UNKNOWN, 0)),
        new Case(
            "a write made twice",
            Stream.concat(LOG.stream(), Stream.of(new Change(22, "a", "v3"))).toList(),
            TRUE,
            "written twice"),
        new Case(
            "a log that goes back",
            Stream.concat(LOG.stream(), Stream.of(new Change(11, "b", ""))).toList(),
            TRUE,
            "goes back"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void judges(Case one) {
    List<String> problems = Judge.problems(one.log(), one.history());

    if (one.problem().isEmpty()) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems).anySatisfy(found -> assertThat(found).contains(one.problem()));
    }
  }
}
