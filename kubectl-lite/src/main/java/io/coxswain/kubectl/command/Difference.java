package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Two folders of files that a program compares: what is there, and what would be. They are this
/// person's alone, and removed in the end.
final class Difference implements AutoCloseable {

  private final List<String> program;
  private final Path live;
  private final Path merged;

  private Difference(List<String> program, Path live, Path merged) {
    this.program = program;
    this.live = live;
    this.merged = merged;
  }

  /// @param environment may name another program, in KUBECTL_EXTERNAL_DIFF
  static Difference make(Map<String, String> environment) throws IOException {
    String named = environment.getOrDefault("KUBECTL_EXTERNAL_DIFF", "");
    List<String> program =
        named.isBlank() ? List.of("diff", "-u", "-N") : List.of(named.strip().split("\\s+"));
    return new Difference(
        program, Files.createTempDirectory("LIVE-"), Files.createTempDirectory("MERGED-"));
  }

  /// An empty text is no file.
  void add(String name, String before, String after) throws IOException {
    if (!before.isEmpty()) {
      Files.writeString(live.resolve(name), before);
    }
    if (!after.isEmpty()) {
      Files.writeString(merged.resolve(name), after);
    }
  }

  /// Blocks until the program ended.
  ///
  /// @return 0 when both are the same, 1 when not
  /// @throws Failure when the program failed
  int show(PrintStream out) throws IOException {
    List<String> command = new ArrayList<>(program);
    command.add(live.toString());
    command.add(merged.toString());
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new Failure(
          "error: failed to run \""
              + program.getFirst()
              + "\": "
              + e.getMessage()
              + ". Install it, or name another program in KUBECTL_EXTERNAL_DIFF.",
          2);
    }
    process.getInputStream().transferTo(out);
    out.flush();
    try {
      int code = process.waitFor();
      if (code > 1) {
        throw new Failure("error: \"" + String.join(" ", program) + "\" ended with " + code, code);
      }
      return code;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("error: interrupted", 2);
    }
  }

  @Override
  public void close() throws IOException {
    for (Path folder : List.of(live, merged)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
