package io.coxswain.controlplane.admission.dynamic;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who may change an object, and has to be asked once more since others changed it behind him. Used
/// by one thread.
final class Turns {

  private final Set<String> asked = new HashSet<>();
  private final Set<String> due = new HashSet<>();
  private @Nullable Attempt last;
  private boolean changed;

  /// Whether anybody changed anything.
  boolean changed() {
    return changed;
  }

  /// Begins a round.
  void begin(Attempt attempt, boolean again) {
    Attempt before = last;
    if (again && before != null && !before.object().equals(attempt.object())) {
      requireAgain();
    }
  }

  /// In the second round only those who have not seen the last change.
  boolean isDue(String id, boolean again) {
    return !again || due.contains(id);
  }

  /// Somebody was asked.
  ///
  /// @param reinvocable whether he wants to be asked again
  void took(String id, boolean reinvocable, boolean change) {
    if (change) {
      requireAgain();
      changed = true;
    }
    if (reinvocable) {
      asked.add(id);
    }
  }

  void end(Attempt attempt) {
    last = attempt;
  }

  private void requireAgain() {
    due.addAll(asked);
    asked.clear();
  }
}
