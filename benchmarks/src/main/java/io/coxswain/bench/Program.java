package io.coxswain.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs a program to its end.
final class Program {

  private Program() {}

  /// What it says on standard output; what it says on standard error is passed on.
  ///
  /// @throws IOException when it fails or does not end in time
  static String run(Duration patience, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
    try {
      StringBuilder said = new StringBuilder();
      Thread reader =
          Thread.startVirtualThread(() -> {
            try {
              String all =
                  new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
              synchronized (said) {
                said.append(all);
              }
            } catch (IOException e) {
              Report.say("reading what " + command.getFirst() + " says: " + e.getMessage());
            }
          });
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(String.join(" ", command) + ": did not end within " + patience);
      }
      // a background process may hold the output open
      reader.join(1000);
      synchronized (said) {
        if (process.exitValue() != 0) {
          throw new IOException(
              String.join(" ", command) + " ended with " + process.exitValue() + ": " + said);
        }
        return said.toString();
      }
    } finally {
      process.destroyForcibly();
    }
  }

  static String run(String... command) throws IOException, InterruptedException {
    return run(Duration.ofSeconds(60), Map.of(), List.of(command));
  }
}
