package io.coxswain.kubectl.command;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/// This terminal while a program in a container has it: keys go through as they are typed, and its
/// size is told.
final class Terminal implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 2;
  private final String saved;

  private Terminal(String saved) {
    this.saved = saved;
  }

  static Terminal none() {
    return new Terminal("");
  }

  /// Turns line editing and echo off until it is closed; does nothing where input is no terminal.
  static Terminal raw() throws IOException {
    String saved = stty("-g");
    if (!saved.isEmpty()) {
      stty("raw -echo");
    }
    return new Terminal(saved);
  }

  /// As Kubernetes' resize channel has it: `{"Width":80,"Height":24}`.
  String size() throws IOException {
    String[] size = saved.isEmpty() ? new String[0] : stty("size").split(" ");
    return size.length == 2
        ? "{\"Width\":" + size[1] + ",\"Height\":" + size[0] + "}"
        : "{\"Width\":80,\"Height\":24}";
  }

  private static String stty(String arguments) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", "stty " + arguments + " </dev/tty 2>/dev/null").start();
    String answer =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
    try {
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return answer.strip();
  }

  @Override
  public void close() throws IOException {
    if (!saved.isEmpty()) {
      stty(saved);
    }
  }
}
