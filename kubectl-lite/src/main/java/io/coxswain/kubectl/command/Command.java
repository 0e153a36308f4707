package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.util.List;
import java.util.Optional;

/// One verb, or the part of one that a second word names.
public interface Command {

  /// The word on the command line; with the words before it for a part, as `create secret`.
  String name();

  /// For the list of commands: one line.
  String summary();

  /// For `--help`: examples, a line each.
  String examples();

  Options declare(Options options);

  /// What the next word makes of this verb, as `deployment` of `create`; nothing when the word is
  /// none of its parts.
  default Optional<Command> part(String word) {
    return Optional.empty();
  }

  /// The words that [#part] knows, without other names for the same.
  default List<String> words() {
    return List.of();
  }

  /// Does it. Blocks until it is done.
  ///
  /// @return the exit code
  /// @throws io.coxswain.kubectl.Failure with what to tell
  int run(Session session);
}
