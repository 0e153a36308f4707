package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps containers' logs small: a file that has grown too large is renamed, the monitor begins a
/// new one, and the oldest goes. No line is lost: until the monitor has begun the new file, it
/// writes to the renamed one.
public final class LogRotation implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LogRotation.class);
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.SSS").withZone(ZoneOffset.UTC);

  private final PodRuntime runtime;
  private final long bytes;
  private final int files;
  private final Clock clock;
  private final TaskScope tasks = new TaskScope("log-rotation");

  /// @param bytes size from which a file is too large
  /// @param files how many are kept of each container, at least 2
  public LogRotation(PodRuntime runtime, long bytes, int files, Clock clock) {
    this.runtime = runtime;
    this.bytes = bytes;
    this.files = Math.max(2, files);
    this.clock = clock;
  }

  public void start() {
    tasks.fork(
        "look",
        () -> {
          while (true) {
            Thread.sleep(EVERY);
            look();
          }
        });
  }

  /// Looks at every running container's log once.
  void look() {
    try {
      // What pods there are is read from the disk, so it is asked only when there is something to
      // do.
      if (!runtime.hasLogOf(bytes)) {
        return;
      }
      for (Pod pod : runtime.known()) {
        for (ContainerRecord record : runtime.containers(pod.getMetadata().getUid())) {
          if (record.running()) {
            rotate(pod, record);
          }
        }
      }
    } catch (IOException e) {
      log.warn("logs are not rotated", e);
    }
  }

  private void rotate(Pod pod, ContainerRecord record) throws IOException {
    Path current = runtime.log(pod, record);
    if (!Files.exists(current) || Files.size(current) < bytes) {
      return;
    }
    Path old = current.resolveSibling(current.getFileName() + "." + STAMP.format(clock.instant()));
    Files.move(current, old);
    runtime.reopenLog(record);
    List<Path> all =
        DiskState.children(current.resolveSibling(".").normalize()).stream()
            .filter(file -> file.getFileName().toString().startsWith(current.getFileName() + "."))
            .toList();
    for (Path file : all.subList(0, Math.max(0, all.size() - (files - 1)))) {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public void close() {
    tasks.close();
  }
}
