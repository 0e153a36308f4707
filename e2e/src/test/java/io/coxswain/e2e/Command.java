package io.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs a program to its end, within bounds.
final class Command {

  /// @param out standard output and @param err standard error, as text
  record Result(int code, String out, String err) {

    /// @throws AssertionError with all that was printed when the program failed
    Result succeeded() {
      if (code != 0) {
        throw new AssertionError("exit code " + code + "\n" + out + err);
      }
      return this;
    }

    String all() {
      return out + err;
    }
  }

  private Command() {}

  static Result run(
      Duration patience, Map<String, String> environment, String input, List<String> command) {
    @Nullable Path out = null;
    @Nullable Path err = null;
    try {
      out = Files.createTempFile("cxs-e2e", ".out");
      err = Files.createTempFile("cxs-e2e", ".err");
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // the program did not read it all: its answer says why
      }
      boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      Result result = new Result(process.exitValue(), Files.readString(out), Files.readString(err));
      if (!ended) {
        throw new AssertionError(
            "not done after " + patience + ": " + command + "\n" + result.all());
      }
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException("running " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + command, e);
    } finally {
      delete(out);
      delete(err);
    }
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
