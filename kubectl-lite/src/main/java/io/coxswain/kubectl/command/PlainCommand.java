package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/// A small command in one place, as the parts of `config` are.
///
/// @param action does it, and returns the exit code
record PlainCommand(
    String name,
    String summary,
    String examples,
    UnaryOperator<Options> flags,
    ToIntFunction<Session> action)
    implements Command {

  /// Without options of its own.
  PlainCommand(String name, String summary, String examples, ToIntFunction<Session> action) {
    this(name, summary, examples, UnaryOperator.identity(), action);
  }

  @Override
  public Options declare(Options options) {
    return flags.apply(options);
  }

  @Override
  public int run(Session session) {
    return action.applyAsInt(session);
  }
}
