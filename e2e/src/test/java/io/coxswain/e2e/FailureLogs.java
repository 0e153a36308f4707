package io.coxswain.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/// Prints the end of every log when a step failed: the clusters are gone when somebody reads the
/// report.
final class FailureLogs implements TestWatcher {

  private static final int LINES = 40;

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    String root = System.getenv("E2E_ROOT");
    if (root == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(Path.of(root), 3)) {
      files.filter(file -> file.toString().endsWith(".log")).forEach(FailureLogs::print);
    } catch (IOException e) {
      System.out.println("cannot list the logs in " + root + ": " + e);
    }
  }

  private static void print(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      System.out.println("---- " + log + ", the last of " + lines.size() + " lines");
      lines.subList(Math.max(0, lines.size() - LINES), lines.size()).forEach(System.out::println);
    } catch (IOException e) {
      System.out.println("---- " + log + ": " + e);
    }
  }
}
