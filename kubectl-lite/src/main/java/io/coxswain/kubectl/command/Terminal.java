package io.coxswain.kubectl.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// This terminal while a program in a container has it: keys go through as they are typed, and its
/// size is told, also when it changes.
final class Terminal implements AutoCloseable {

  /// Takes a size as Kubernetes' resize channel has it: `{"Width":80,"Height":24}`.
  @FunctionalInterface
  interface Resized {
    void to(String size) throws IOException;
  }

  private static final long PATIENCE_SECONDS = 2;

  /// There is no signal for it in Java that is no secret of the JDK; asking takes 2 ms.
  private static final long LOOK_MILLIS = 1_000;

  private final String saved;
  private volatile boolean closed;

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

  /// Tells the size now, and again whenever it is another one.
  void follow(Resized resized) throws IOException {
    String first = size();
    resized.to(first);
    if (!saved.isEmpty()) {
      Thread.ofVirtual().start(() -> look(first, resized));
    }
  }

  private void look(String first, Resized resized) {
    String told = first;
    try {
      while (!closed) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        String now = closed ? told : size();
        if (!now.equals(told)) {
          resized.to(now);
          told = now;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // the connection is gone, and with it who wanted to know
    }
  }

  private String size() throws IOException {
    String[] size = saved.isEmpty() ? new String[0] : stty("size").split(" ");
    return size.length == 2
        ? "{\"Width\":" + size[1] + ",\"Height\":" + size[0] + "}"
        : "{\"Width\":80,\"Height\":24}";
  }

  private static String stty(String arguments) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", "stty " + arguments + " </dev/tty 2>/dev/null").start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    try {
      process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return answer.strip();
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (!saved.isEmpty()) {
      stty(saved);
    }
  }
}
