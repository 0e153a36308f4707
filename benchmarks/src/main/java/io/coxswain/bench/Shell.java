package io.coxswain.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A shell that stays, in a control group of its own: what it runs costs a fork and no more, so
/// that short programs can be measured. One thread uses it.
final class Shell implements AutoCloseable {

  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  Shell(ProcessGroup group, Map<String, String> environment) throws IOException {
    List<String> command =
        Stream.concat(
                group.enter().stream(),
                Stream.of(
                    "/bin/sh",
                    "-c",
                    "while IFS= read -r line; do eval \"$line\" </dev/null; echo \"cxsb $?\"; done"))
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    process = builder.start();
    commands = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /// Runs a line of shell, whose output is dropped, and waits for it.
  ///
  /// @return seconds that it took
  /// @throws IOException when it failed
  double run(String line) throws IOException {
    long begin = System.nanoTime();
    commands.write("{ " + line + " ; } >/dev/null\n");
    commands.flush();
    String answer = answers.readLine();
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (!"cxsb 0".equals(answer)) {
      throw new IOException("failed (" + answer + "): " + line);
    }
    return seconds;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
