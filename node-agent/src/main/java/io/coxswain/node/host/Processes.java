package io.coxswain.node.host;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Runs programs of the machine. Safe for use by many threads.
public interface Processes {

  /// What one program gets.
  ///
  /// @param arguments the program, looked up in `PATH` unless absolute, and its arguments; no shell
  ///   reads them
  /// @param stdin what it reads, as UTF-8; empty for nothing
  /// @param environment added to the agent's own
  /// @param timeout after which it is killed
  record Command(
      List<String> arguments, String stdin, Map<String, String> environment, Duration timeout) {

    private static final Duration USUAL = Duration.ofSeconds(30);

    public Command {
      arguments = List.copyOf(arguments);
      environment = Map.copyOf(environment);
      if (arguments.isEmpty()) {
        throw new IllegalArgumentException("a command needs a program");
      }
    }

    /// A program that reads nothing and has 30 seconds.
    public static Command of(String... arguments) {
      return new Command(List.of(arguments), "", Map.of(), USUAL);
    }

    public static Command of(List<String> arguments) {
      return new Command(arguments, "", Map.of(), USUAL);
    }

    public Command withStdin(String text) {
      return new Command(arguments, text, environment, timeout);
    }

    public Command withEnvironment(Map<String, String> added) {
      return new Command(arguments, stdin, added, timeout);
    }

    public Command within(Duration limit) {
      return new Command(arguments, stdin, environment, limit);
    }

    @Override
    public String toString() {
      return String.join(" ", arguments);
    }
  }

  /// How a program ended.
  ///
  /// @param exit its exit code; 128 plus the signal's number when a signal ended it
  /// @param out what it wrote to standard output, read as UTF-8, cut at 16 MiB
  /// @param err what it wrote to standard error, cut at 16 MiB
  record Outcome(int exit, String out, String err) {

    public boolean ok() {
      return exit == 0;
    }
  }

  /// Runs the program to its end. Blocks.
  ///
  /// @throws IOException when it could not be started, or was killed because its time was over
  Outcome run(Command command) throws IOException, InterruptedException;

  /// Runs the program and takes any exit but 0 as a failure, with its last words in the message.
  default Outcome mustRun(Command command) throws IOException, InterruptedException {
    Outcome outcome = run(command);
    if (!outcome.ok()) {
      String said = outcome.err().isBlank() ? outcome.out() : outcome.err();
      throw new IOException(
          "%s: exit code %d: %s".formatted(command, outcome.exit(), said.strip()));
    }
    return outcome;
  }
}
