package io.coxswain.node.pressure;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.image.CollectOptions;
import io.coxswain.node.image.Images;
import io.coxswain.node.podworker.ActivePods;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node can do without before it ends pods: logs of containers that have ended, and images
/// that no container uses. Of a pod that goes on, the log of each container's latest start stays.
public final class UnusedFiles implements Reclaim, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(UnusedFiles.class);

  /// Images wait for pulls that are under way: pods are not to wait as long.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final CollectOptions ALL =
      new CollectOptions(0, 0, CollectOptions.DEFAULT.minimumAge(), Duration.ZERO);

  private final PodRuntime runtime;
  private final Images images;
  private final ActivePods pods;
  private final TaskScope tasks = new TaskScope("reclaim");

  public UnusedFiles(PodRuntime runtime, Images images, ActivePods pods) {
    this.runtime = runtime;
    this.images = images;
    this.pods = pods;
  }

  @Override
  public void reclaim() throws IOException, InterruptedException {
    deadLogs();
    if (tasks.size() > 0) {
      return; // still at it since the last time
    }
    CountDownLatch done = new CountDownLatch(1);
    tasks.fork(
        "images",
        () -> {
          try {
            List<String> gone = images.collectGarbage(ALL);
            if (!gone.isEmpty()) {
              log.info("the disk is full: images that nobody used are gone: {}", gone);
            }
          } catch (IOException | RuntimeException e) {
            log.warn("unused images stay, though the disk is full", e);
          } finally {
            done.countDown();
          }
        });
    if (!done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      log.info("unused images are still being removed");
    }
  }

  private void deadLogs() throws IOException {
    Set<String> active = new HashSet<>();
    pods.active().forEach(pod -> active.add(pod.getMetadata().getUid()));
    for (Pod pod : runtime.known()) {
      String uid = pod.getMetadata().getUid();
      Map<String, ContainerRecord> latest = new LinkedHashMap<>();
      List<ContainerRecord> all = runtime.containers(uid);
      all.forEach(record -> latest.put(record.container(), record));
      for (ContainerRecord record : all) {
        boolean kept = active.contains(uid) && record.equals(latest.get(record.container()));
        if (record.ended() && !kept) {
          delete(runtime.log(pod, record));
        }
      }
    }
  }

  /// With those that were renamed when they had become too long.
  private static void delete(Path file) throws IOException {
    String glob = file.getFileName() + "*";
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(file.resolveSibling(".").normalize(), glob)) {
      for (Path one : files) {
        Files.deleteIfExists(one);
      }
    } catch (NoSuchFileException e) {
      log.debug("{} is gone already", file);
    }
  }

  @Override
  public void close() {
    tasks.close();
  }
}
