package io.coxswain.node.image;

import static io.coxswain.node.filesystem.LinuxFiles.O_DIRECTORY;
import static io.coxswain.node.filesystem.LinuxFiles.O_NOFOLLOW;
import static io.coxswain.node.filesystem.LinuxFiles.O_PATH;
import static io.coxswain.node.filesystem.LinuxFiles.O_RDONLY;
import static io.coxswain.node.filesystem.LinuxFiles.RESOLVE_IN_ROOT;
import static io.coxswain.node.filesystem.LinuxFiles.RESOLVE_NO_MAGICLINKS;
import static io.coxswain.node.filesystem.LinuxFiles.RESOLVE_NO_SYMLINKS;

import io.coxswain.node.filesystem.ErrnoException;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/// The folder that one layer is unpacked into. Every path is resolved by the kernel inside this
/// folder (openat2, RESOLVE_IN_ROOT), so that links which the layer itself brought cannot lead out.
/// One thread.
final class LayerTree implements AutoCloseable {

  /// As the kernel counts links in one path.
  private static final int MAX_LINKS = 40;

  private static final long INSIDE = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

  private final Path folder;
  private final int root;
  private String lastFolder = "";
  private int lastDescriptor;

  LayerTree(Path folder) throws IOException {
    this.folder = folder.toRealPath();
    root = LinuxFiles.open(LinuxFiles.AT_FDCWD, folder.toString(), O_RDONLY | O_DIRECTORY, 0, 0);
    lastDescriptor = root;
  }

  int root() {
    return root;
  }

  /// A descriptor of the folder, which this object closes. Makes what is missing.
  ///
  /// @param path relative, normalized, "" for the root
  int folder(String path) throws IOException {
    if (!path.equals(lastFolder)) {
      int opened = path.isEmpty() ? root : openFolder(path, 0);
      forget();
      lastFolder = path;
      lastDescriptor = opened;
    }
    return lastDescriptor;
  }

  /// A folder that the caller closes.
  record Opened(int descriptor) implements AutoCloseable {
    @Override
    public void close() {
      LinuxFiles.close(descriptor);
    }
  }

  /// A folder that must be there.
  Opened openExisting(String path) throws IOException {
    String name = path.isEmpty() ? "." : path;
    return new Opened(LinuxFiles.open(root, name, O_RDONLY | O_DIRECTORY, 0, INSIDE));
  }

  /// Drops what is remembered of folders: a name that may have been one is changed.
  void forget() {
    if (lastDescriptor != root) {
      LinuxFiles.close(lastDescriptor);
    }
    lastFolder = "";
    lastDescriptor = root;
  }

  /// Opens the folder for reading, following no link in its last component.
  ///
  /// @throws ErrnoException ENOTDIR or ELOOP when there is something else
  int open(int parent, String name) throws IOException {
    return LinuxFiles.open(
        parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS);
  }

  boolean isFolder(int parent, String name) throws IOException {
    try {
      LinuxFiles.close(
          LinuxFiles.open(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS));
      return true;
    } catch (ErrnoException e) {
      return switch (e.errno()) {
        case ErrnoException.ENOENT, ErrnoException.ENOTDIR, ErrnoException.ELOOP -> false;
        default -> throw e;
      };
    }
  }

  boolean exists(int parent, String name) throws IOException {
    try {
      LinuxFiles.close(LinuxFiles.open(parent, name, O_PATH | O_NOFOLLOW, 0, 0));
      return true;
    } catch (ErrnoException e) {
      if (e.errno() == ErrnoException.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  /// Takes away what has this name, a folder with all in it: a later member replaces an earlier
  /// one.
  void remove(int parent, String name) throws IOException {
    try {
      LinuxFiles.remove(parent, name, 0);
    } catch (ErrnoException e) {
      if (e.errno() == ErrnoException.ENOENT) {
        return;
      }
      if (e.errno() != ErrnoException.EISDIR && e.errno() != ErrnoException.EPERM) {
        throw e;
      }
      FileTree.delete(realPath(parent).resolve(name));
    }
  }

  private int openFolder(String path, int links) throws IOException {
    if (links > MAX_LINKS) {
      throw new MalformedLayerException("too many symbolic links in the path " + path);
    }
    try {
      return LinuxFiles.open(root, path, O_RDONLY | O_DIRECTORY, 0, INSIDE);
    } catch (ErrnoException e) {
      switch (e.errno()) {
        case ErrnoException.ENOENT -> {}
        case ErrnoException.ENOTDIR ->
            throw new MalformedLayerException(
                "a file stands where the path needs a folder: " + path, e);
        case ErrnoException.ELOOP ->
            throw new MalformedLayerException(
                "symbolic links go in circles in the path " + path, e);
        default -> throw e;
      }
    }
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    int parent = openFolderOrRoot(slash < 0 ? "" : path.substring(0, slash), links + 1);
    try {
      LinuxFiles.makeDirectory(parent, name, 0755);
    } catch (ErrnoException e) {
      if (e.errno() != ErrnoException.EEXIST) {
        throw e;
      }
      makeTarget(parent, name, links);
    } finally {
      LinuxFiles.close(parent);
    }
    return LinuxFiles.open(root, path, O_RDONLY | O_DIRECTORY, 0, INSIDE);
  }

  /// A link whose target is in a layer below: the target's folder is made in this layer, too.
  private void makeTarget(int parent, String name, int links) throws IOException {
    String text = LinuxFiles.readLink(parent, name);
    String base = text.startsWith("/") ? "" : folder.relativize(realPath(parent)).toString();
    LinuxFiles.close(openFolderOrRoot(insideRoot(base + "/" + text), links + 1));
  }

  private int openFolderOrRoot(String path, int links) throws IOException {
    return openFolder(path.isEmpty() ? "." : path, links);
  }

  /// Normalizes as if the root's parent were the root.
  private static String insideRoot(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      switch (part) {
        case "", "." -> {}
        case ".." -> parts.pollLast();
        default -> parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  private static Path realPath(int descriptor) throws IOException {
    return Path.of("/proc/self/fd/" + descriptor).toRealPath();
  }

  @Override
  public void close() {
    forget();
    LinuxFiles.close(root);
  }
}
