package io.coxswain.kubectl.config;

import io.coxswain.kubectl.Failure;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Keeps other programs from changing the same kubeconfig files meanwhile, by kubectl's convention:
/// whoever could make `FILE.lock` may change `FILE`, and removes it afterwards.
final class FileLock implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(20);

  private final List<Path> held = new ArrayList<>();

  private FileLock() {}

  /// Blocks until all of them are locked: in one order for everybody, so that two who want the same
  /// two do not wait for each other.
  ///
  /// @throws Failure when somebody else holds one for too long
  static FileLock of(List<Path> files) {
    FileLock lock = new FileLock();
    try {
      for (Path file : new TreeSet<>(files)) {
        lock.take(file.resolveSibling(file.getFileName() + ".lock"));
      }
      return lock;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private void take(Path file) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
          Files.createDirectories(folder);
        }
        Files.createFile(file);
        held.add(file);
        return;
      } catch (FileAlreadyExistsException e) {
        if (System.nanoTime() > end) {
          throw new Failure(
              "error: open "
                  + file
                  + ": file exists: another program is changing the kubeconfig; when there is none,"
                  + " remove that file");
        }
        pause();
      } catch (IOException e) {
        throw new Failure("error: cannot lock the kubeconfig: " + e.getMessage());
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_TRIES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("error: interrupted while waiting for the kubeconfig's lock");
    }
  }

  @Override
  public void close() {
    for (Path file : held) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // who comes next is told its name
      }
    }
  }
}
