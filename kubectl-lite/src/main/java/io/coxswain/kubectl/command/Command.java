package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;

/// One verb.
public interface Command {

  /// The word on the command line.
  String name();

  /// For the list of commands: one line.
  String summary();

  /// For `--help`: examples, a line each.
  String examples();

  Options declare(Options options);

  /// Does it. Blocks until it is done.
  ///
  /// @return the exit code
  /// @throws io.coxswain.kubectl.Failure with what to tell
  int run(Session session);
}
