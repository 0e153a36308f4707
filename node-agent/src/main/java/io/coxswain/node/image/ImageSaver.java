package io.coxswain.node.image;

import io.coxswain.node.image.ImageException.Reason;
import io.coxswain.node.image.SavedArchive.Chosen;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;

/// Saves images that are here as archives ([SavedArchive]): chooses them by their names, and keeps
/// them for as long as one is written. Safe for use by many threads.
final class ImageSaver {

  /// Each may wait for a slow reader.
  static final int MOST_AT_ONCE = 4;

  static final int MOST_NAMES = 1000;

  private static final int SIMILAR = 5;

  private final ImageFolders folders;
  private final LayerStore layers;
  private final ImageRecords records;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);
  private final Collection<List<ImageRecord>> kept = new CopyOnWriteArrayList<>();

  ImageSaver(ImageFolders folders, LayerStore layers, ImageRecords records) {
    this.folders = folders;
    this.layers = layers;
    this.records = records;
  }

  /// What is being written: its layers and config must stay, whatever becomes of its record.
  List<ImageRecord> kept() {
    return kept.stream().flatMap(List::stream).toList();
  }

  /// Images that stay until this is closed.
  final class Saving implements AutoCloseable {

    private final List<Chosen> images;
    private final List<ImageRecord> pinned;

    private Saving(List<Chosen> images) {
      this.images = images;
      this.pinned = images.stream().map(Chosen::record).toList();
      kept.add(pinned);
    }

    /// Blocks for as long as disk and target take; an interrupt ends it, and nothing goes on after
    /// it.
    ///
    /// @param to gets nothing before all images were read once; used by another thread
    void write(OutputStream to) throws IOException, InterruptedException {
      FutureTask<Boolean> task =
          new FutureTask<>(() -> {
            new SavedArchive(folders, layers, images).write(to);
            return true;
          });
      // the disk would block a virtual thread with its carrier
      Thread thread = Thread.ofPlatform().name("image-save").daemon().start(task);
      try {
        boolean _ = task.get();
      } catch (InterruptedException e) {
        end(thread);
        throw e;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failed) {
          throw failed;
        }
        throw new IllegalStateException("while saving images", e);
      }
    }

    private static void end(Thread thread) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        thread.interrupt();
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      kept.remove(pinned);
      places.release();
    }
  }

  /// Finds them all, for as long as no layer is taken away: the caller sees to that.
  ///
  /// @throws ImageException when one is not here, or is none that can be saved
  Saving begin(List<String> names) throws ImageException, TooManySavesException {
    List<Chosen> images = choose(names);
    if (!places.tryAcquire()) {
      throw new TooManySavesException(MOST_AT_ONCE);
    }
    return new Saving(images);
  }

  /// In the order of their names, each image once.
  private List<Chosen> choose(List<String> names) throws ImageException {
    if (names.isEmpty() || names.size() > MOST_NAMES) {
      throw new ImageException(
          Reason.INVALID_NAME, "an archive is of 1 to %d images".formatted(MOST_NAMES));
    }
    Map<String, ImageName.Remote> wanted = new TreeMap<>();
    for (String name : names) {
      if (!(ImageName.parse(name) instanceof ImageName.Remote remote)) {
        throw new ImageException(
            Reason.INVALID_NAME,
            "%s is the node's own files and no image that could be saved".formatted(name));
      }
      wanted.put(remote.toString(), remote);
    }
    Map<Digest, Chosen> chosen = new LinkedHashMap<>();
    for (ImageName.Remote name : wanted.values()) {
      ImageRecord record =
          records
              .find(name.toString())
              .orElseThrow(() -> new ImageException(Reason.NEVER_PULL, missing(name)));
      Chosen image =
          chosen.computeIfAbsent(record.config(), _ -> new Chosen(record, new ArrayList<>()));
      // the copy's digest is another one
      ImageName.Remote plain =
          new ImageName.Remote(name.registry(), name.repository(), name.tag(), "");
      if (!name.tag().isEmpty() && !image.names().contains(plain)) {
        image.names().add(plain);
      }
    }
    return List.copyOf(chosen.values());
  }

  private String missing(ImageName.Remote name) {
    String last = name.repository().substring(name.repository().lastIndexOf('/') + 1);
    List<String> similar =
        records.all().stream()
            .map(ImageRecord::name)
            .filter(one -> one.contains(last))
            .sorted()
            .limit(SIMILAR)
            .toList();
    return "image %s is not on this node%s"
        .formatted(name, similar.isEmpty() ? "" : ", which has " + String.join(", ", similar));
  }
}
