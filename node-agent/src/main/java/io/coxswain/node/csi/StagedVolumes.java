package io.coxswain.node.csi;

import io.coxswain.client.ObjectKey;
import io.coxswain.client.controller.ControllerLoop;
import io.coxswain.client.controller.Result;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.queue.WorkQueue;
import io.coxswain.client.volume.CsiNames;
import io.coxswain.node.volume.KeyedLocks;
import io.coxswain.plugin.csi.NodeServiceCapability.RPC;
import io.coxswain.plugin.csi.NodeStageVolumeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What drivers have staged on this node, each volume once for all pods that have it. It is noted
/// before ([CsiFolders]), and goes when no pod has it or waits for it. No pod waits for that: a
/// driver that does not do its part is asked again until it does, and whoever wants the volume
/// meanwhile has it staged anew. Safe for use by many threads.
final class StagedVolumes implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StagedVolumes.class);

  /// How long drivers have to appear, and pods to ask for what they had, after a start.
  private static final Duration FIRST_LOOK = Duration.ofSeconds(20);

  private static final Backoff AGAIN =
      new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 0.1);

  private final CsiFolders folders;
  private final CsiDrivers drivers;
  private final KeyedLocks<String> locks;
  private final Set<String> staged = ConcurrentHashMap.newKeySet();
  // by pods' uids, volumes that they have or wait for: driver and handle
  private final Map<String, Set<ObjectKey>> wanted = new ConcurrentHashMap<>();
  private final WorkQueue<ObjectKey> unused = new WorkQueue<>(AGAIN);
  private final ControllerLoop loop =
      new ControllerLoop("unused storage volumes", this::unstageAgain, unused, 1);

  /// @param locks of volumes, by the names that the API has for them
  StagedVolumes(CsiFolders folders, CsiDrivers drivers, KeyedLocks<String> locks) {
    this.folders = folders;
    this.drivers = drivers;
    this.locks = locks;
  }

  /// Looks, too, for what an agent before this one could not give back.
  void start() throws IOException {
    for (CsiFolders.Staged one : folders.allStaged()) {
      unused.addAfter(new ObjectKey(one.driver(), one.handle()), FIRST_LOOK);
    }
    loop.start();
  }

  @Override
  public void close() {
    loop.close();
  }

  /// From now on a volume stays staged until the pod lets go of what it has.
  void want(String podUid, String driver, String handle) {
    wanted
        .computeIfAbsent(podUid, _ -> ConcurrentHashMap.newKeySet())
        .add(new ObjectKey(driver, handle));
  }

  /// The caller holds the volume's lock.
  ///
  /// @param request all but where
  /// @throws IOException when the driver does not do it, or what it did is not known
  void stage(CsiDriver driver, NodeStageVolumeRequest.Builder request) throws IOException {
    String handle = request.getVolumeId();
    String key = CsiNames.unique(driver.name(), handle);
    if (staged.contains(key)) {
      return;
    }
    Path folder = folders.staged(driver.name(), handle);
    Path target = folders.stagingTarget(driver.name(), handle);
    boolean known = Files.isDirectory(folder);
    Files.createDirectories(target);
    folders.note(folder, Map.of("driverName", driver.name(), "volumeHandle", handle));
    try {
      driver.stage(request.setStagingTargetPath(target.toString()).build());
    } catch (IOException e) {
      if (!known && CsiDriver.isFinal(e)) {
        folders.forget(folder, target); // there is nothing to take back
      }
      throw e;
    }
    staged.add(key);
  }

  /// The pod has nothing any more. What nobody else has goes, now or later.
  void letGo(String podUid) throws InterruptedException {
    Set<ObjectKey> had = wanted.remove(podUid);
    if (had != null) {
      for (ObjectKey volume : had) {
        unstageOrLater(volume);
      }
    }
  }

  /// @param volume driver and handle
  void unstageOrLater(ObjectKey volume) throws InterruptedException {
    try {
      unstage(volume);
    } catch (IOException e) {
      log.warn(
          "volume {} of {} stays staged: {}", volume.name(), volume.namespace(), e.getMessage());
      unused.addRateLimited(volume);
    }
  }

  private Result unstageAgain(ObjectKey volume) throws InterruptedException {
    try {
      unstage(volume);
      return Result.done();
    } catch (IOException e) {
      log.info(
          "volume {} of {} stays staged: {}", volume.name(), volume.namespace(), e.getMessage());
      return Result.retry();
    }
  }

  private void unstage(ObjectKey volume) throws IOException, InterruptedException {
    String name = volume.namespace();
    String handle = volume.name();
    String key = CsiNames.unique(name, handle);
    try (KeyedLocks.Held _ = locks.hold(key)) {
      Path folder = folders.staged(name, handle);
      if (!Files.isDirectory(folder) || isUsed(volume)) {
        return;
      }
      CsiDriver driver =
          drivers.find(name).orElseThrow(() -> new IOException(CsiDrivers.unknown(name)));
      staged.remove(key); // whatever comes of it, the next pod cannot rely on it
      Path target = folders.stagingTarget(name, handle);
      if (driver.can(RPC.Type.STAGE_UNSTAGE_VOLUME)) {
        driver.unstage(handle, target.toString());
      }
      folders.forget(folder, target);
    }
  }

  private boolean isUsed(ObjectKey volume) throws IOException {
    return wanted.values().stream().anyMatch(volumes -> volumes.contains(volume))
        || folders.all().stream()
            .anyMatch(other ->
                other.driver().equals(volume.namespace()) && other.handle().equals(volume.name()));
  }
}
