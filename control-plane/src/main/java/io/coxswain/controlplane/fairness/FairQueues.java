package io.coxswain.controlplane.fairness;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The queues of one priority level, and whose turn it is: the queue's that has been served least,
/// counted in seats times seconds (start-time fair queuing). A queue that was empty does not save
/// up turns. Not safe for use by many threads: its level's lock holds.
///
/// @param <W> who waits
final class FairQueues<W> {

  /// Charged before it is known how long a request takes, so that a queue does not have many turns
  /// at once; put right when the request ends.
  private static final double GUESS_SECONDS = 0.003;

  /// One of the queues.
  static final class Line<W> {
    private final ArrayDeque<W> waiting = new ArrayDeque<>();

    /// What it has had, in seat-seconds, on the same scale for all queues.
    private double served;

    int length() {
      return waiting.size();
    }
  }

  private final List<Line<W>> lines = new ArrayList<>();
  private double now;
  private int waiting;
  private int turn;

  int waiting() {
    return waiting;
  }

  /// The shortest queue of a flow's hand.
  ///
  /// @param queues how many there are to choose from
  Line<W> choose(long hash, int queues, int handSize) {
    while (lines.size() < queues) {
      lines.add(new Line<>());
    }
    Line<W> best = null;
    for (int card : Hands.deal(hash, queues, handSize)) {
      Line<W> line = lines.get(card);
      if (best == null || line.length() < best.length()) {
        best = line;
      }
    }
    if (best == null) {
      throw new IllegalStateException("a hand of no cards");
    }
    return best;
  }

  void add(Line<W> line, W who) {
    if (line.waiting.isEmpty()) {
      line.served = Math.max(line.served, now);
    }
    line.waiting.add(who);
    waiting++;
  }

  /// @return whether it was there
  boolean remove(Line<W> line, W who) {
    boolean there = line.waiting.remove(who);
    if (there) {
      waiting--;
    }
    return there;
  }

  /// Whose turn it is; it stays there.
  Optional<Line<W>> next() {
    Line<W> best = null;
    int at = turn;
    for (int i = 0; i < lines.size(); i++) {
      int index = (turn + i) % lines.size();
      Line<W> line = lines.get(index);
      if (!line.waiting.isEmpty() && (best == null || line.served < best.served)) {
        best = line;
        at = index;
      }
    }
    if (best != null && !lines.isEmpty()) {
      turn = at;
    }
    return Optional.ofNullable(best);
  }

  W head(Line<W> line) {
    return line.waiting.getFirst();
  }

  /// Lets the first of a queue go.
  void serve(Line<W> line, int seats) {
    line.waiting.removeFirst();
    waiting--;
    now = Math.max(now, line.served);
    line.served += seats * GUESS_SECONDS;
    turn = lines.isEmpty() ? 0 : (turn + 1) % lines.size();
  }

  /// Puts the charge right, now that it is known how long it took.
  void served(Line<W> line, int seats, double seconds) {
    line.served += seats * (seconds - GUESS_SECONDS);
  }
}
