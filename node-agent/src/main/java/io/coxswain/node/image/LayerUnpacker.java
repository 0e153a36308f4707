package io.coxswain.node.image;

import static io.coxswain.node.filesystem.LinuxFiles.O_CREAT;
import static io.coxswain.node.filesystem.LinuxFiles.O_EXCL;
import static io.coxswain.node.filesystem.LinuxFiles.O_NOFOLLOW;
import static io.coxswain.node.filesystem.LinuxFiles.O_WRONLY;

import io.coxswain.node.filesystem.ErrnoException;
import io.coxswain.node.filesystem.FileType;
import io.coxswain.node.filesystem.LinuxFiles;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Unpacks one layer's archive (OCI image-spec, layer.md) into an empty folder, as overlayfs wants
/// a lower layer. Archives come from strangers: nothing outside of the folder is touched, devices
/// are left out, sizes and counts are bounded.
///
/// Needs root. Blocks its thread for as long as the disk takes: run it on a platform thread.
final class LayerUnpacker {

  /// What one layer may take.
  ///
  /// @param bytes of files, as unpacked
  /// @param entries files, folders and links
  record Limits(long bytes, long entries) {
    static final Limits DEFAULT = new Limits(64L << 30, 4_000_000);
  }

  /// Before a name: what the layers below have under it is hidden.
  static final String WHITEOUT = ".wh.";

  /// In a folder: all that the layers below have in it is hidden.
  static final String OPAQUE = ".wh..wh..opq";

  /// How overlayfs marks such a folder.
  static final String OPAQUE_ATTRIBUTE = "trusted.overlay.opaque";

  private static final int MAX_PATH = 4095;
  private static final int BUFFER_BYTES = 256 << 10;

  /// Of so many characters of folders' paths their times are kept until all is placed. What comes
  /// after them has the time at which it was unpacked: no archive fills the agent's memory.
  private static final long MOST_REMEMBERED = 16 << 20;

  private record FolderTime(String path, Instant time) {}

  private final TarReader tar;
  private final LayerTree tree;
  private final Limits limits;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final MemorySegment memory;
  private final List<FolderTime> folderTimes = new ArrayList<>();
  private @Nullable Instant rootTime;
  private long bytes;
  private long entries;
  private long remembered;

  private LayerUnpacker(TarReader tar, LayerTree tree, Limits limits, MemorySegment memory) {
    this.tar = tar;
    this.tree = tree;
    this.limits = limits;
    this.memory = memory;
  }

  /// @return bytes of files that were written
  /// @throws MalformedLayerException when the archive is damaged or hostile; the folder is then to
  ///   be thrown away
  static long unpack(InputStream archive, Path folder, Limits limits) throws IOException {
    try (Arena arena = Arena.ofConfined();
        LayerTree tree = new LayerTree(folder)) {
      MemorySegment memory = arena.allocate(BUFFER_BYTES);
      LayerUnpacker unpacker = new LayerUnpacker(new TarReader(archive), tree, limits, memory);
      unpacker.run();
      return unpacker.bytes;
    }
  }

  private void run() throws IOException {
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      if (++entries > limits.entries()) {
        throw new MalformedLayerException(
            "the layer has more than %d files".formatted(limits.entries()));
      }
      try {
        place(entry);
      } catch (ErrnoException e) {
        boolean ours = e.errno() == ErrnoException.ENOSPC || e.errno() == 122 || e.errno() == 5;
        if (ours) {
          throw e;
        }
        throw new MalformedLayerException(
            "cannot place %s: %s".formatted(shown(entry.path()), e.getMessage()), e);
      }
    }
    tree.forget();
    for (FolderTime folder : folderTimes.reversed()) {
      setFolderTime(folder);
    }
    if (rootTime != null) {
      setFolderTime(new FolderTime("", rootTime));
    }
  }

  private void place(TarEntry entry) throws IOException {
    String path = relative(entry.path(), entry.path());
    if (path.isEmpty()) {
      describeFolder(tree.root(), entry);
      rootTime = entry.modified();
      return;
    }
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    String parentPath = slash < 0 ? "" : path.substring(0, slash);
    if (("/" + parentPath).contains("/" + WHITEOUT)) {
      throw new MalformedLayerException("a file below a whiteout: " + shown(entry.path()));
    }
    int parent = tree.folder(parentPath);
    if (name.startsWith(WHITEOUT)) {
      whiteOut(parent, name);
      return;
    }
    switch (entry.type()) {
      case TarEntry.FILE -> placeFile(parent, name, entry);
      case TarEntry.DIRECTORY -> placeFolder(parent, name, path, entry);
      case TarEntry.SYMBOLIC_LINK -> placeSymbolicLink(parent, name, entry);
      case TarEntry.HARD_LINK -> placeHardLink(parentPath, name, path, entry);
      case TarEntry.FIFO -> placeFifo(parent, name, entry);
      // A container gets its devices from the runtime. Made here, one would be open to this host's
      // users, and device 0:0 would be a whiteout in disguise.
      case TarEntry.CHARACTER_DEVICE, TarEntry.BLOCK_DEVICE -> {}
      default ->
          throw new MalformedLayerException(
              "%s is of the unknown type '%s'".formatted(shown(entry.path()), entry.type()));
    }
  }

  private void placeFile(int parent, String name, TarEntry entry) throws IOException {
    bytes += entry.size();
    if (bytes > limits.bytes()) {
      throw new MalformedLayerException(
          "the layer unpacks to more than %d bytes".formatted(limits.bytes()));
    }
    int file = createFile(parent, name);
    try {
      writeContent(file, entry);
      LinuxFiles.changeOwner(file, user(entry), group(entry));
      LinuxFiles.changeMode(file, entry.mode()); // after chown, which clears setuid
      setAttributes(file, entry.attributes());
    } finally {
      LinuxFiles.close(file);
    }
    LinuxFiles.setTime(parent, name, entry.modified());
  }

  private int createFile(int parent, String name) throws IOException {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    try {
      return LinuxFiles.open(parent, name, flags, 0600, 0);
    } catch (ErrnoException e) {
      if (e.errno() != ErrnoException.EEXIST) {
        throw e;
      }
      tree.remove(parent, name);
      return LinuxFiles.open(parent, name, flags, 0600, 0);
    }
  }

  private void writeContent(int file, TarEntry entry) throws IOException {
    if (entry.data().isEmpty()) {
      writeExtent(file, 0, entry.size());
      return;
    }
    for (TarEntry.Extent extent : entry.data()) {
      writeExtent(file, extent.offset(), extent.length());
    }
    LinuxFiles.truncate(file, entry.size());
  }

  private void writeExtent(int file, long offset, long length) throws IOException {
    long done = 0;
    while (done < length) {
      int count = tar.read(buffer, 0, (int) Math.min(BUFFER_BYTES, length - done));
      if (count < 0) {
        throw new MalformedLayerException("a file is shorter than its header says");
      }
      MemorySegment.copy(buffer, 0, memory, ValueLayout.JAVA_BYTE, 0, count);
      LinuxFiles.write(file, memory, count, offset + done);
      done += count;
    }
  }

  private void placeFolder(int parent, String name, String path, TarEntry entry)
      throws IOException {
    int folder = makeOrOpen(parent, name);
    try {
      describeFolder(folder, entry);
    } finally {
      LinuxFiles.close(folder);
    }
    remembered += path.length();
    if (remembered <= MOST_REMEMBERED) {
      folderTimes.add(new FolderTime(path, entry.modified()));
    }
  }

  private int makeOrOpen(int parent, String name) throws IOException {
    try {
      LinuxFiles.makeDirectory(parent, name, 0700);
    } catch (ErrnoException e) {
      if (e.errno() != ErrnoException.EEXIST) {
        throw e;
      }
      if (!tree.isFolder(parent, name)) {
        tree.remove(parent, name);
        LinuxFiles.makeDirectory(parent, name, 0700);
      }
    }
    return tree.open(parent, name);
  }

  private void describeFolder(int folder, TarEntry entry) throws IOException {
    LinuxFiles.changeOwner(folder, user(entry), group(entry));
    LinuxFiles.changeMode(folder, entry.mode());
    setAttributes(folder, entry.attributes());
  }

  private void placeSymbolicLink(int parent, String name, TarEntry entry) throws IOException {
    if (entry.link().isEmpty() || encodedLength(entry.link()) > MAX_PATH) {
      throw new MalformedLayerException(
          "the symbolic link %s has a target that cannot be".formatted(shown(entry.path())));
    }
    tree.remove(parent, name);
    LinuxFiles.makeSymbolicLink(entry.link(), parent, name);
    LinuxFiles.changeOwner(parent, name, user(entry), group(entry));
    LinuxFiles.setTime(parent, name, entry.modified());
  }

  private void placeHardLink(String parentPath, String name, String path, TarEntry entry)
      throws IOException {
    String target = relative(entry.link(), entry.path());
    if (target.equals(path)) {
      return;
    }
    int slash = target.lastIndexOf('/');
    try (LayerTree.Opened folder = tree.openExisting(slash < 0 ? "" : target.substring(0, slash))) {
      int source = folder.descriptor();
      String targetName = target.substring(slash + 1);
      if (targetName.isEmpty() || targetName.startsWith(WHITEOUT)) {
        throw new MalformedLayerException("a hard link to no file: " + shown(entry.path()));
      }
      int parent = tree.folder(parentPath);
      if (!tree.exists(source, targetName)) {
        throw missingTarget(entry, null);
      }
      tree.remove(parent, name);
      LinuxFiles.makeHardLink(source, targetName, parent, name);
    } catch (ErrnoException e) {
      if (e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.ENOTDIR) {
        throw missingTarget(entry, e);
      }
      throw e;
    }
  }

  private static MalformedLayerException missingTarget(
      TarEntry entry, @Nullable ErrnoException cause) {
    String message =
        "the hard link %s names %s, which is not in the layer"
            .formatted(shown(entry.path()), shown(entry.link()));
    return cause == null
        ? new MalformedLayerException(message)
        : new MalformedLayerException(message, cause);
  }

  private void placeFifo(int parent, String name, TarEntry entry) throws IOException {
    tree.remove(parent, name);
    LinuxFiles.makeNode(parent, name, FileType.FIFO, 0600, 0);
    LinuxFiles.changeOwner(parent, name, user(entry), group(entry));
    LinuxFiles.changeMode(parent, name, entry.mode());
    LinuxFiles.setTime(parent, name, entry.modified());
  }

  /// Whiteouts are about the layers below only: what this layer itself holds stays, in whichever
  /// order the members come.
  private void whiteOut(int parent, String name) throws IOException {
    if (name.equals(OPAQUE)) {
      LinuxFiles.setAttribute(parent, OPAQUE_ATTRIBUTE, new byte[] {'y'});
      return;
    }
    if (name.startsWith(WHITEOUT + WHITEOUT)) {
      return; // AUFS's own records
    }
    String hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new MalformedLayerException("a whiteout of no file: " + shown(name));
    }
    if (!tree.exists(parent, hidden)) {
      LinuxFiles.makeNode(parent, hidden, FileType.CHARACTER_DEVICE, 0, 0);
    }
  }

  /// Whether programs rely on it. Others are of the builder's machine, or would speak to overlayfs.
  static boolean isKept(String attribute) {
    return attribute.equals("security.capability")
        || (attribute.startsWith("user.") && !attribute.startsWith("user.overlay."));
  }

  private static void setAttributes(int descriptor, Map<String, byte[]> attributes)
      throws IOException {
    for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
      String name = attribute.getKey();
      if (!isKept(name)) {
        continue;
      }
      try {
        LinuxFiles.setAttribute(descriptor, name, attribute.getValue());
      } catch (ErrnoException e) {
        if (e.errno() != ErrnoException.ENOTSUP) {
          throw e;
        }
      }
    }
  }

  private void setFolderTime(FolderTime folder) throws IOException {
    try (LayerTree.Opened opened = tree.openExisting(folder.path())) {
      LinuxFiles.setTime(opened.descriptor(), ".", folder.time());
    } catch (ErrnoException e) {
      boolean replaced = e.errno() == ErrnoException.ENOENT || e.errno() == ErrnoException.ENOTDIR;
      if (!replaced) {
        throw e;
      }
    }
  }

  /// The path as one below the layer's root.
  private static String relative(String path, String member) throws MalformedLayerException {
    if (encodedLength(path) > MAX_PATH || path.indexOf('\0') >= 0) {
      throw new MalformedLayerException("the path %s cannot be".formatted(shown(member)));
    }
    StringBuilder clean = new StringBuilder(path.length());
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        throw new MalformedLayerException(
            "the path %s of %s leads out of the layer".formatted(shown(path), shown(member)));
      }
      clean.append(clean.isEmpty() ? "" : "/").append(part);
    }
    return clean.toString();
  }

  private static int user(TarEntry entry) throws MalformedLayerException {
    return id(entry.user(), entry);
  }

  private static int group(TarEntry entry) throws MalformedLayerException {
    return id(entry.group(), entry);
  }

  private static int id(long id, TarEntry entry) throws MalformedLayerException {
    // the last one means "leave it" to chown
    if (id > 0xfffffffeL) {
      throw new MalformedLayerException(
          "%s belongs to user or group %d, which cannot be".formatted(shown(entry.path()), id));
    }
    return (int) id;
  }

  private static int encodedLength(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /// For a message: without control characters, not longer than a line.
  private static String shown(String path) {
    String clean = path.replaceAll("\\p{Cntrl}", "?");
    return clean.length() > 120 ? clean.substring(0, 117) + "..." : clean;
  }
}
