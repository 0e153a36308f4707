package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.codec.Sha256;
import io.coxswain.node.image.ImageException.Reason;
import io.coxswain.node.image.SavedImage.Blob;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes archives of images that are here: an OCI layout with the `manifest.json` of `docker save`
/// beside it. Of a layer there is what it was unpacked to and not the archive it came in, so one is
/// written anew, and with it the digests that the image's config names: the copy has another id,
/// unless the image came from such an archive itself. The same images give the same bytes.
///
/// Every layer is read twice, for a digest stands before what it is of. Nothing of it is held in
/// memory. Safe for use by many threads.
final class ImageSaver {

  /// Each may wait for a slow reader.
  static final int MOST_AT_ONCE = 4;

  static final int MOST_NAMES = 1000;

  /// Of all images that are saved together: they are in memory.
  private static final long MOST_CONFIG_BYTES = 32 << 20;

  private static final int SIMILAR = 5;

  /// An image and the names that are asked for it by.
  private record Chosen(ImageRecord record, List<ImageName.Remote> names) {}

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
            new Archive(images).write(to);
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
  /// @throws IOException when too much is being saved already
  Saving begin(List<String> names) throws ImageException, IOException {
    List<Chosen> images = choose(names);
    if (!places.tryAcquire()) {
      throw new IOException(
          "%d archives are being written on this node already: try again when one is done"
              .formatted(MOST_AT_ONCE));
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

  /// One archive.
  private final class Archive {

    private final List<Chosen> images;

    /// As they are written, by what they were.
    private final Map<Digest, Blob> measured = new HashMap<>();

    private final Map<Blob, byte[]> small = new LinkedHashMap<>();
    private long configBytes;

    Archive(List<Chosen> images) {
      this.images = images;
    }

    void write(OutputStream to) throws IOException {
      List<SavedImage> saved = new ArrayList<>();
      for (Chosen image : images) {
        saved.add(describe(image));
      }
      TarWriter tar = new TarWriter(to);
      add(tar, "oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
      add(tar, "index.json", index(saved));
      add(
          tar,
          "manifest.json",
          JsonTrees.bytes(saved.stream().map(SavedImage::described).toList()));
      tar.add(folder("blobs/"));
      tar.add(folder("blobs/sha256/"));
      for (Map.Entry<Blob, byte[]> blob : small.entrySet()) {
        add(tar, blob.getKey().path(), blob.getValue());
      }
      Set<Digest> written = new HashSet<>();
      for (Chosen image : images) {
        for (Digest layer : image.record().layers()) {
          Blob blob = measure(layer);
          if (written.add(blob.digest())) {
            copy(layer, blob, tar);
          }
        }
      }
      tar.finish();
    }

    private SavedImage describe(Chosen image) throws IOException {
      List<Blob> blobs = new ArrayList<>();
      for (Digest layer : image.record().layers()) {
        blobs.add(measure(layer));
      }
      byte[] config = config(image.record(), blobs);
      Blob blob = Blob.of(config);
      small.put(blob, config);
      SavedImage saved = new SavedImage(image.names(), blob, blobs);
      byte[] manifest = saved.manifest();
      small.put(Blob.of(manifest), manifest);
      return saved;
    }

    /// As it came where its layers are written as they came.
    private byte[] config(ImageRecord record, List<Blob> blobs) throws IOException {
      byte[] content = Files.readAllBytes(folders.blob(record.config()));
      configBytes += content.length;
      if (configBytes > MOST_CONFIG_BYTES) {
        throw new IOException(
            "the images' configs have more than %d bytes: save fewer images at once"
                .formatted(MOST_CONFIG_BYTES));
      }
      List<Digest> digests = blobs.stream().map(Blob::digest).toList();
      if (ImageManifest.readConfig(content).diffIds().equals(digests)) {
        return content;
      }
      JsonNode json = JsonTrees.read(content);
      if (!(json instanceof ObjectNode object)
          || !(json.path("rootfs") instanceof ObjectNode rootfs)) {
        throw new IOException("the config of %s is damaged".formatted(record.name()));
      }
      ArrayNode ids = rootfs.putArray("diff_ids");
      digests.forEach(digest -> ids.add(digest.toString()));
      return JsonTrees.bytes(object);
    }

    private Blob measure(Digest layer) throws IOException {
      Blob known = measured.get(layer);
      if (known != null) {
        return known;
      }
      Measure measure = new Measure(OutputStream.nullOutputStream());
      LayerArchive.write(layers.folder(layer), measure);
      Blob blob = measure.blob();
      measured.put(layer, blob);
      return blob;
    }

    private void copy(Digest layer, Blob blob, TarWriter tar) throws IOException {
      tar.begin(file(blob.path(), blob.size()));
      Measure measure = new Measure(new Content(tar));
      LayerArchive.write(layers.folder(layer), measure);
      tar.end();
      if (!measure.blob().equals(blob)) {
        throw new IOException("the layer %s changed while it was written".formatted(layer));
      }
    }
  }

  private static byte[] index(List<SavedImage> saved) {
    ObjectNode json =
        JsonTrees.object()
            .put("schemaVersion", 2)
            .put("mediaType", "application/vnd.oci.image.index.v1+json");
    ArrayNode list = json.putArray("manifests");
    saved.forEach(image -> image.addTo(list));
    return JsonTrees.bytes(json);
  }

  private static void add(TarWriter tar, String path, byte[] content) throws IOException {
    tar.add(file(path, content.length), content);
  }

  private static TarEntry file(String path, long size) {
    return member(path, TarEntry.FILE, 0644, size);
  }

  private static TarEntry folder(String path) {
    return member(path, TarEntry.DIRECTORY, 0755, 0);
  }

  private static TarEntry member(String path, char type, int mode, long size) {
    return new TarEntry(path, type, mode, 0, 0, size, Instant.EPOCH, "", Map.of(), List.of());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// The content of the member that an archive is at.
  private static final class Content extends OutputStream {

    private final TarWriter tar;

    Content(TarWriter tar) {
      this.tar = tar;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      tar.write(bytes, offset, length);
    }
  }

  /// Counts and hashes what passes.
  private static final class Measure extends OutputStream {

    private final OutputStream to;
    private final MessageDigest hash = Sha256.begin();
    private long size;

    Measure(OutputStream to) {
      this.to = to;
    }

    Blob blob() {
      return new Blob(Digest.of(hash), size);
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("the archive is no longer wanted");
      }
      hash.update(bytes, offset, length);
      size += length;
      to.write(bytes, offset, length);
    }
  }
}
