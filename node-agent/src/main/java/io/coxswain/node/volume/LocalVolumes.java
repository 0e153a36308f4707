package io.coxswain.node.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.controller.ControllerLoop;
import io.coxswain.client.controller.Result;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.queue.WorkQueue;
import io.coxswain.client.volume.Claims;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes and deletes what the built-in provisioner `coxswain.io/local` orders from this node. Reads
/// the volumes that name this node; writes how far each is (the annotation
/// `coxswain.io/local-volume`), and nothing else of them.
public final class LocalVolumes implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LocalVolumes.class);
  private static final Duration STILL_USED = Duration.ofSeconds(2);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30), 0.1);

  /// Whether pods on this node still have a volume.
  @FunctionalInterface
  public interface Uses {
    boolean isUsed(String volume) throws IOException;
  }

  private final Resources<PersistentVolume> resources;
  private final Informer<PersistentVolume> informer;
  private final LocalFolders folders;
  private final Uses uses;
  private final EventRecorder events;
  private final WorkQueue<ObjectKey> queue = new WorkQueue<>(BACKOFF);
  private final ControllerLoop loop =
      new ControllerLoop("local-volumes", this::reconcile, queue, 1);

  public LocalVolumes(
      ApiClient client, String node, LocalFolders folders, Uses uses, EventRecorder events) {
    this.resources = client.resources(PersistentVolume.class);
    this.informer =
        Informer.of(resources, ListOptions.ALL.withLabels(VolumeMarks.LOCAL_NODE + "=" + node));
    this.folders = folders;
    this.uses = uses;
    this.events = events;
    informer.addHandler(
        Handler.each(volume -> queue.add(new ObjectKey("", volume.getMetadata().getName()))));
  }

  /// Returns at once; an API that cannot be reached is waited for.
  public void start() {
    informer.start();
    loop.start();
  }

  @Override
  public void close() {
    informer.close();
    loop.close();
  }

  private Result reconcile(ObjectKey key) {
    Optional<PersistentVolume> volume = informer.find(key);
    Optional<LocalState> state = volume.flatMap(LocalState::of);
    if (state.isEmpty()) {
      return Result.done();
    }
    return switch (state.get()) {
      case ORDERED -> make(volume.orElseThrow());
      case UNWANTED -> delete(volume.orElseThrow());
      case MADE -> grow(volume.orElseThrow());
      case GONE -> Result.done();
    };
  }

  private Result make(PersistentVolume volume) {
    String name = volume.getMetadata().getName();
    try {
      checkPlace(volume);
      if (!folders.make(name, size(volume))) {
        log.info("the file system does not hold volume {} to its size", name);
      }
    } catch (IOException e) {
      return failed(volume, "ProvisioningFailed", "the volume's directory cannot be made", e);
    }
    PersistentVolume _ = resources.update(LocalState.MADE.on(volume));
    return Result.done();
  }

  /// Asks for what it has already, unless its claim has grown.
  private Result grow(PersistentVolume volume) {
    try {
      checkPlace(volume);
      folders.resize(volume.getMetadata().getName(), size(volume));
    } catch (IOException e) {
      return failed(volume, "VolumeResizeFailed", "the volume's size cannot be changed", e);
    }
    return Result.done();
  }

  private static long size(PersistentVolume volume) {
    return Quantities.whole(Claims.capacity(volume));
  }

  private Result delete(PersistentVolume volume) {
    String name = volume.getMetadata().getName();
    try {
      checkPlace(volume);
      if (uses.isUsed(name)) {
        return Result.after(STILL_USED);
      }
      folders.delete(name);
    } catch (IOException e) {
      return failed(volume, "VolumeFailedDelete", "the volume's directory cannot be deleted", e);
    }
    PersistentVolume _ = resources.update(LocalState.GONE.on(volume));
    return Result.done();
  }

  /// Whatever the object says, nothing is touched outside this node's folder.
  private void checkPlace(PersistentVolume volume) throws IOException {
    Path own = folders.folder(volume.getMetadata().getName());
    String said = volume.getSpec().getPersistentVolumeSource().getLocal().getPath();
    if (!own.toString().equals(said)) {
      throw new IOException("it is to be at %s, and this node keeps it at %s".formatted(said, own));
    }
  }

  private Result failed(PersistentVolume volume, String reason, String what, IOException e) {
    log.warn("volume {}: {}", volume.getMetadata().getName(), what, e);
    events.warning(volume, reason, what + ": " + e.getMessage());
    return Result.retry();
  }
}
