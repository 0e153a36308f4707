package io.coxswain.node.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Programs as children of the agent. Two virtual threads a program read what it says.
public final class HostProcesses implements Processes {

  private static final Logger log = LoggerFactory.getLogger(HostProcesses.class);
  private static final int OUTPUT_LIMIT = 16 << 20;

  @Override
  public Outcome run(Command command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command.arguments());
    builder.environment().putAll(command.environment());
    Process process = builder.start();
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      Thread reader = Thread.startVirtualThread(() -> drain(process.getInputStream(), out));
      Thread errors = Thread.startVirtualThread(() -> drain(process.getErrorStream(), err));
      Thread writer = Thread.startVirtualThread(() -> feed(process.getOutputStream(), command));
      if (!process.waitFor(command.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "%s: killed, it did not end within %s".formatted(command, command.timeout()));
      }
      writer.join();
      // A daemon that the program left behind may hold its output open: what was said so far
      // counts.
      reader.join(1000);
      errors.join(1000);
      synchronized (out) {
        synchronized (err) {
          return new Outcome(
              process.exitValue(),
              out.toString(StandardCharsets.UTF_8),
              err.toString(StandardCharsets.UTF_8));
        }
      }
    } finally {
      ProcessTree.kill(process);
    }
  }

  private static void drain(InputStream from, ByteArrayOutputStream to) {
    byte[] buffer = new byte[8192];
    try (from) {
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        synchronized (to) {
          to.write(buffer, 0, Math.min(n, OUTPUT_LIMIT - to.size()));
        }
      }
    } catch (IOException e) {
      log.debug("reading a program's output", e);
    }
  }

  private static void feed(OutputStream to, Command command) {
    try (to) {
      to.write(command.stdin().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      log.debug("{} did not read its input", command, e);
    }
  }
}
