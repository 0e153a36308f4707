package io.coxswain.node.image;

import static io.coxswain.node.filesystem.LinuxFiles.O_DIRECTORY;
import static io.coxswain.node.filesystem.LinuxFiles.O_NOFOLLOW;
import static io.coxswain.node.filesystem.LinuxFiles.O_NONBLOCK;
import static io.coxswain.node.filesystem.LinuxFiles.O_RDONLY;
import static io.coxswain.node.filesystem.LinuxFiles.RESOLVE_IN_ROOT;
import static io.coxswain.node.filesystem.LinuxFiles.RESOLVE_NO_SYMLINKS;

import io.coxswain.node.filesystem.FileFacts;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.filesystem.LinuxReads;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes an unpacked layer as an archive again (OCI image-spec, layer.md): what [LayerUnpacker]
/// takes apart. The same folder always gives the same bytes: members are sorted, in each folder its
/// files before its folders. Sockets and devices are left out, as unpacking leaves devices out.
///
/// No link is followed, and one folder and one file are open at a time, however deep they are.
/// Needs root. Blocks its thread for as long as disk and target take: run it on a platform thread.
final class LayerArchive {

  /// Of names that wait for their turn, and of those of files with several names. They are images'
  /// own, and no image fills the agent's memory.
  private static final long MOST_NAMES = 16 << 20;

  /// What remembering one more file takes besides its name.
  private static final int OVERHEAD = 64;

  private static final int BUFFER_BYTES = 256 << 10;
  private static final long INSIDE = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS;
  private static final int FOLDER_MODE = 0755;

  private final TarWriter tar;
  private final int root;
  private final MemorySegment memory;
  private final byte[] buffer = new byte[BUFFER_BYTES];

  /// The name that came first, by inode, of files whose other names are still to come.
  private final Map<Long, Seen> seen = new HashMap<>();

  private long waiting;
  private long remembered;

  /// @param left how many more names it has
  private record Seen(String path, long left) {}

  private LayerArchive(TarWriter tar, int root, MemorySegment memory) {
    this.tar = tar;
    this.root = root;
    this.memory = memory;
  }

  /// @throws IOException also when the layer cannot be written as an archive
  static void write(Path folder, OutputStream to) throws IOException {
    int root =
        LinuxFiles.open(
            LinuxFiles.AT_FDCWD, folder.toString(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, 0);
    try (Arena arena = Arena.ofConfined()) {
      TarWriter tar = new TarWriter(to);
      new LayerArchive(tar, root, arena.allocate(BUFFER_BYTES)).folder("");
      tar.finish();
    } finally {
      LinuxFiles.close(root);
    }
  }

  /// @param path below the root, which is ""
  private void folder(String path) throws IOException {
    List<String> inner = files(path);
    for (String name : inner) {
      folder(below(path, name));
      waiting -= name.length();
    }
  }

  /// The folder itself and what in it is no folder.
  ///
  /// @return names of the folders in it, counted as waiting
  private List<String> files(String path) throws IOException {
    int folder =
        LinuxFiles.open(
            root, path.isEmpty() ? "." : path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, INSIDE);
    try {
      describe(folder, path);
      List<String> names = LinuxReads.names(folder, MOST_NAMES - waiting);
      names.sort(null);
      List<String> inner = new ArrayList<>();
      for (String name : names) {
        FileFacts facts = LinuxReads.facts(folder, name);
        if (facts.isFolder()) {
          check(path, name);
          inner.add(name);
          waiting += name.length();
        } else {
          member(folder, path, name, facts);
        }
      }
      return inner;
    } finally {
      LinuxFiles.close(folder);
    }
  }

  private void describe(int folder, String path) throws IOException {
    FileFacts facts = LinuxReads.facts(folder, "");
    Map<String, byte[]> attributes = LinuxReads.attributes(folder);
    boolean opaque = attributes.containsKey(LayerUnpacker.OPAQUE_ATTRIBUTE);
    attributes.keySet().removeIf(name -> !LayerUnpacker.isKept(name));
    // few archives have one for the root, whose time is then that of its unpacking
    boolean plain =
        path.isEmpty()
            && facts.permissions() == FOLDER_MODE
            && facts.user() == 0
            && facts.group() == 0
            && attributes.isEmpty();
    if (!plain) {
      String name = path.isEmpty() ? "./" : path + "/";
      tar.add(entry(name, TarEntry.DIRECTORY, facts, 0, "", attributes));
    }
    if (opaque) {
      tar.add(mark(below(path, LayerUnpacker.OPAQUE)));
    }
  }

  private void member(int folder, String path, String name, FileFacts facts) throws IOException {
    String member = below(path, name);
    switch (facts.type()) {
      case FILE, LINK, FIFO -> {
        check(path, name);
        String first = first(member, facts);
        if (first != null) {
          tar.add(entry(member, TarEntry.HARD_LINK, facts, 0, first, Map.of()));
          return;
        }
        switch (facts.type()) {
          case FILE -> file(folder, name, member, facts);
          case LINK -> {
            String target = LinuxFiles.readLink(folder, name);
            tar.add(entry(member, TarEntry.SYMBOLIC_LINK, facts, 0, target, Map.of()));
          }
          default -> tar.add(entry(member, TarEntry.FIFO, facts, 0, "", Map.of()));
        }
      }
      case CHARACTER_DEVICE -> {
        if (facts.device() == 0) {
          tar.add(mark(below(path, LayerUnpacker.WHITEOUT + name)));
        }
      }
      case FOLDER, SOCKET, BLOCK_DEVICE, UNKNOWN -> {
        // a socket without its program, or a device, which a container gets from its runtime
      }
    }
  }

  /// The name under which the file is in the archive already.
  private @Nullable String first(String member, FileFacts facts) throws IOException {
    if (facts.links() < 2) {
      return null;
    }
    Seen before = seen.get(facts.inode());
    if (before == null) {
      remembered += member.length() + OVERHEAD;
      if (remembered > MOST_NAMES) {
        throw new IOException("the layer has too many files with several names");
      }
      seen.put(facts.inode(), new Seen(member, facts.links() - 1));
      return null;
    }
    if (before.left() > 1) {
      seen.put(facts.inode(), new Seen(before.path(), before.left() - 1));
    } else {
      seen.remove(facts.inode());
      remembered -= before.path().length() + OVERHEAD;
    }
    return before.path();
  }

  private void file(int folder, String name, String member, FileFacts facts) throws IOException {
    int file =
        LinuxFiles.open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, RESOLVE_NO_SYMLINKS);
    try {
      if (LinuxReads.facts(file, "").inode() != facts.inode()) {
        throw new IOException(member + " was replaced while it was written");
      }
      Map<String, byte[]> attributes = LinuxReads.attributes(file);
      attributes.keySet().removeIf(attribute -> !LayerUnpacker.isKept(attribute));
      tar.begin(entry(member, TarEntry.FILE, facts, facts.size(), "", attributes));
      long done = 0;
      for (int n = LinuxReads.read(file, memory, done);
          n > 0;
          n = LinuxReads.read(file, memory, done)) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, buffer, 0, n);
        tar.write(buffer, 0, n);
        done += n;
      }
      tar.end();
    } finally {
      LinuxFiles.close(file);
    }
  }

  /// A file of such a name would say something about others.
  private static void check(String path, String name) throws IOException {
    if (name.startsWith(LayerUnpacker.WHITEOUT)) {
      throw new IOException("no archive can have a file of the name " + below(path, name));
    }
  }

  private static String below(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  private static TarEntry mark(String path) {
    return new TarEntry(path, TarEntry.FILE, 0600, 0, 0, 0, Instant.EPOCH, "", Map.of(), List.of());
  }

  private static TarEntry entry(
      String path,
      char type,
      FileFacts facts,
      long size,
      String link,
      Map<String, byte[]> attributes) {
    return new TarEntry(
        path,
        type,
        facts.permissions(),
        facts.user(),
        facts.group(),
        size,
        facts.modified(),
        link,
        attributes,
        List.of());
  }
}
