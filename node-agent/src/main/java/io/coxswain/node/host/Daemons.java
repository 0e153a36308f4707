package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Starts programs that go on when the agent ends. Safe for use by many threads.
public interface Daemons {

  /// The descriptor at which a daemon finds its way to say a word to the agent.
  int WORD = 3;

  /// What one daemon gets. Its standard streams are `/dev/null`, and it has no other descriptor
  /// than these and [#WORD].
  ///
  /// @param arguments the program as an absolute path, and what it is told
  /// @param environment all of it, as `NAME=value`
  /// @param folder that it works in
  /// @param word named pipe that it has open for writing as [#WORD]
  record Daemon(List<String> arguments, List<String> environment, Path folder, Path word) {

    public Daemon {
      arguments = List.copyOf(arguments);
      environment = List.copyOf(environment);
      if (arguments.isEmpty() || !arguments.getFirst().startsWith("/")) {
        throw new IllegalArgumentException("a daemon is an absolute path, not " + arguments);
      }
    }
  }

  /// Starts it and returns when it runs. When it ends while the agent is there, nothing is left of
  /// it.
  ///
  /// @return the number of its process
  int start(Daemon daemon) throws IOException;
}
