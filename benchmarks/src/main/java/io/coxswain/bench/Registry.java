package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Images in a folder, which Debian's `docker-registry` serves on the loopback of whichever network
/// namespace they are wanted in.
final class Registry {

  static final String ADDRESS = "127.0.0.1:5000";

  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final long PATIENCE_SECONDS = 20;

  private final Path folder;
  private final ProcessGroup group;

  Registry(Setting setting) throws IOException {
    this.folder = setting.root().resolve("registry");
    this.group = ProcessGroup.named(setting.id() + "-registry").create();
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        version: 0.1
        log: {level: error}
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "%s"}
        """
            .formatted(folder.resolve("data"), ADDRESS));
  }

  static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  /// @param networkNamespace its file
  Server serve(Path networkNamespace) throws IOException, InterruptedException {
    List<String> enter = List.of("nsenter", "--net=" + networkNamespace);
    List<String> command = new ArrayList<>(group.enter());
    command.addAll(enter);
    command.addAll(List.of(PROGRAM.toString(), "serve", folder.resolve("config.yaml") + ""));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
    Server server = new Server(builder.start());
    try {
      List<String> ask = new ArrayList<>(enter);
      ask.addAll(
          List.of("curl", "--silent", "--output", "/dev/null", "http://" + ADDRESS + "/v2/"));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (new ProcessBuilder(ask).start().waitFor() != 0) {
        if (System.nanoTime() > end || !server.process().isAlive()) {
          throw new IOException(
              "docker-registry does not answer: " + Files.readString(folder.resolve("log")));
        }
        Thread.sleep(50);
      }
      return server;
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  /// Of all that it has.
  long bytes() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    }
  }

  record Server(Process process) implements AutoCloseable {

    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
