package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where things of pods stand.
///
/// @param data survives a restart of the machine
/// @param run needs not; short, because sockets are below it
/// @param logs of containers
public record PodFolders(Path data, Path run, Path logs) {

  public Path pods() {
    return data.resolve("pods");
  }

  /// What is known of a pod and its containers.
  public Path podFile(String uid) {
    return pods().resolve(uid + ".json");
  }

  /// Of what is written down about a sandbox. It is as good as the namespaces: in memory, where
  /// making a file costs a tenth of what it does on a disk.
  Path sandboxFiles(String uid) {
    return podRun(uid);
  }

  /// What the container writes as its last words. It may write as much as it likes, so it is on the
  /// disk, where the logs are, and not in the memory of the run folder, which all pods need.
  Path terminationLog(Pod pod, ContainerRecord container) {
    return log(pod, container).resolveSibling(container.attempt() + ".termination");
  }

  /// Where the monitor leaves the exit code: it ends with the machine's run, as the container does.
  Path monitorState(ContainerRecord container) {
    return bundle(container.id());
  }

  Path podRuns() {
    return run.resolve("pods");
  }

  Path podRun(String uid) {
    return podRuns().resolve(uid);
  }

  /// Where volumes stand while a container is made to whose users they are given.
  Path mapped() {
    return run.resolve("m");
  }

  Path bundles() {
    return run.resolve("c");
  }

  Path bundle(String containerId) {
    return bundles().resolve(containerId);
  }

  Path sockets() {
    return run.resolve("s");
  }

  Path podLogs(Pod pod) {
    return logs.resolve(
        "%s_%s_%s"
            .formatted(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid()));
  }

  /// Whose folder of logs it is.
  ///
  /// @return the pod's uid; nothing where it is no pod's
  static Optional<String> podOfLogs(Path folder) {
    String[] parts = String.valueOf(folder.getFileName()).split("_", -1);
    return parts.length == 3 && !parts[2].isEmpty() ? Optional.of(parts[2]) : Optional.empty();
  }

  Path log(Pod pod, ContainerRecord container) {
    return podLogs(pod).resolve(container.container()).resolve(container.attempt() + ".log");
  }

  /// Whether one of the files that [#log] names has so many bytes or more. Those that were renamed
  /// do not count.
  boolean hasLogOf(long bytes) throws IOException {
    if (Files.notExists(logs)) {
      return false;
    }
    boolean[] found = {false};
    Files.walkFileTree(
        logs,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found[0] = attributes.size() >= bytes && file.toString().endsWith(".log");
            return found[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found[0];
  }
}
