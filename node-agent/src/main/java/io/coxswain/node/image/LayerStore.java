package io.coxswain.node.image;

import com.github.luben.zstd.ZstdInputStream;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.databind.JsonNode;

/// Unpacked layers by the digest of their archive (`diff_id`), each once however many images share
/// it. Callers see to it that one layer is unpacked by one thread.
final class LayerStore {

  /// Long enough that no two layers share it by chance or for money, and short enough that many fit
  /// into one mount's options.
  private static final int ID_LENGTH = 26;

  private static final int BUFFER_BYTES = 128 << 10;
  private static final int ZSTD_MAX_WINDOW_LOG = 27; // 128 MiB of memory

  /// One unpacked layer.
  ///
  /// @param folder to mount
  /// @param size bytes of its files
  record Layer(Digest diffId, Path folder, long size) {}

  private final ImageFolders folders;
  private final LayerUnpacker.Limits limits;
  private final PullSteps steps;

  LayerStore(ImageFolders folders, LayerUnpacker.Limits limits, PullSteps steps) {
    this.folders = folders;
    this.limits = limits;
    this.steps = steps;
  }

  static String id(Digest diffId) {
    return diffId.hex().substring(0, ID_LENGTH);
  }

  Path folder(Digest diffId) {
    return folders.layers().resolve(id(diffId)).resolve("fs");
  }

  Optional<Layer> find(Digest diffId) throws IOException {
    Path layer = folders.layers().resolve(id(diffId));
    Path description = layer.resolve("layer.json");
    if (!Files.exists(description)) {
      return Optional.empty();
    }
    JsonNode json = JsonTrees.read(Files.readAllBytes(description));
    if (!json.path("diffId").asString("").equals(diffId.toString())) {
      throw new IOException("two layers have the same id, which should not happen: " + layer);
    }
    return Optional.of(new Layer(diffId, layer.resolve("fs"), json.path("size").asLong()));
  }

  /// Unpacks an archive, plain or compressed by gzip or zstd, as its first bytes tell. Blocks a
  /// platform thread.
  ///
  /// @throws MalformedLayerException when it is damaged, hostile or not what `diffId` says; nothing
  ///   is left of it then
  Layer unpack(Digest diffId, Path archive) throws IOException {
    Path fresh = folders.newScratch("layer");
    try {
      Path content = Files.createDirectory(fresh.resolve("fs"));
      LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, content.toString(), 0755);
      long size = unpack(diffId, archive, content);
      steps.before("describe layer");
      String description =
          JsonTrees.text(JsonTrees.object().put("diffId", diffId.toString()).put("size", size));
      Files.writeString(fresh.resolve("layer.json"), description);
      sync(fresh);
      steps.before("publish layer");
      Path published = folders.layers().resolve(id(diffId));
      FileTree.delete(published);
      ImageFolders.moveDurably(fresh, published);
      return new Layer(diffId, published.resolve("fs"), size);
    } catch (IOException | RuntimeException e) {
      FileTree.delete(fresh);
      throw e;
    }
  }

  private long unpack(Digest diffId, Path archive, Path content) throws IOException {
    MessageDigest hash = diffId.hash();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES);
        InputStream plain = decompressed(file);
        InputStream tar = new BufferedInputStream(new HashedInput(plain, hash), BUFFER_BYTES)) {
      steps.before("unpack layer");
      long size = LayerUnpacker.unpack(tar, content, limits);
      drain(tar);
      if (!diffId.matches(hash)) {
        throw new MalformedLayerException(
            "the layer's content is not what the image's config says: " + diffId);
      }
      return size;
    } catch (ZipException e) {
      throw new MalformedLayerException("the layer's compression is damaged", e);
    }
  }

  /// Hashes what is skipped, too, which the JDK's stream does not.
  private static final class HashedInput extends DigestInputStream {

    private static final int STEP_BYTES = 4 << 10;

    HashedInput(InputStream in, MessageDigest hash) {
      super(in, hash);
    }

    @Override
    public long skip(long count) throws IOException {
      byte[] passed = new byte[Math.clamp(count, 0, STEP_BYTES)];
      return passed.length == 0 ? 0 : Math.max(0, read(passed));
    }
  }

  /// What stands behind the archive's end counts for its digest.
  private void drain(InputStream tar) throws IOException {
    byte[] rest = new byte[BUFFER_BYTES];
    long length = 0;
    for (int count = tar.read(rest); count >= 0; count = tar.read(rest)) {
      length += count;
      if (length > limits.bytes()) {
        throw new MalformedLayerException("the layer has too much behind its end");
      }
    }
  }

  /// @param file which can be marked
  static InputStream decompressed(InputStream file) throws IOException {
    file.mark(4);
    byte[] magic = file.readNBytes(4);
    file.reset();
    if (magic.length == 4 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
      return new GZIPInputStream(file, BUFFER_BYTES);
    }
    boolean zstd =
        magic.length == 4
            && (magic[0] & 0xff) == 0x28
            && (magic[1] & 0xff) == 0xb5
            && (magic[2] & 0xff) == 0x2f
            && (magic[3] & 0xff) == 0xfd;
    if (!zstd) {
      return file;
    }
    ZstdInputStream stream = new ZstdInputStream(file);
    stream.setLongMax(ZSTD_MAX_WINDOW_LOG);
    return stream;
  }

  private static void sync(Path folder) throws IOException {
    int descriptor =
        LinuxFiles.open(
            LinuxFiles.AT_FDCWD,
            folder.toString(),
            LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY,
            0,
            0);
    try {
      LinuxFiles.syncFileSystem(descriptor);
    } finally {
      LinuxFiles.close(descriptor);
    }
  }

  /// Takes away every layer but these.
  ///
  /// @return how many
  int retain(Set<String> ids) throws IOException {
    List<Path> unused = new ArrayList<>();
    try (Stream<Path> all = Files.list(folders.layers())) {
      all.filter(layer -> !ids.contains(String.valueOf(layer.getFileName()))).forEach(unused::add);
    }
    for (Path layer : unused) {
      Path grave = folders.newScratch("old");
      // at once for readers, whatever the deleting takes
      Files.move(layer, grave.resolve("layer"));
      FileTree.delete(grave);
    }
    return unused.size();
  }
}
