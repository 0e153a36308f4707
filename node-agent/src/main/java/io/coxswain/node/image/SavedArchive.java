package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.codec.Sha256;
import io.coxswain.node.image.SavedImage.Blob;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes one archive of images: an OCI layout with the `manifest.json` of `docker save` beside it.
/// Of a layer there is what it was unpacked to and not the archive it came in, so one is written
/// anew, and with it the digests that the image's config names: the copy has another id, unless the
/// image came from such an archive itself. The same images give the same bytes.
///
/// Every layer is read twice, for a digest stands before what it is of. Nothing of it is held in
/// memory. Blocks its thread for as long as disk and target take: run it on a platform thread.
final class SavedArchive {

  /// Of all images that are saved together: they are in memory.
  private static final long MOST_CONFIG_BYTES = 32 << 20;

  /// An image and the names that are asked for it by.
  record Chosen(ImageRecord record, List<ImageName.Remote> names) {}

  private final ImageFolders folders;
  private final LayerStore layers;
  private final List<Chosen> images;

  /// As they are written, by what they were.
  private final Map<Digest, Blob> measured = new HashMap<>();

  private final Map<Blob, byte[]> small = new LinkedHashMap<>();
  private long configBytes;

  /// @param images whose layers and configs stay until it is written
  SavedArchive(ImageFolders folders, LayerStore layers, List<Chosen> images) {
    this.folders = folders;
    this.layers = layers;
    this.images = images;
  }

  /// Once. An interrupt ends it.
  ///
  /// @param to gets nothing before all images were read once; stays open
  void write(OutputStream to) throws IOException {
    List<SavedImage> saved = new ArrayList<>();
    for (Chosen image : images) {
      saved.add(describe(image));
    }
    TarWriter tar = new TarWriter(to);
    add(tar, "oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
    add(tar, "index.json", index(saved));
    add(tar, "manifest.json", JsonTrees.bytes(saved.stream().map(SavedImage::described).toList()));
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
    Measure measure = new Measure(tar.content());
    LayerArchive.write(layers.folder(layer), measure);
    tar.end();
    if (!measure.blob().equals(blob)) {
      throw new IOException("the layer %s changed while it was written".formatted(layer));
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
