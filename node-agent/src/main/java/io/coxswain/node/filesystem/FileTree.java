package io.coxswain.node.filesystem;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.UUID;

/// Whole folders at once.
public final class FileTree {

  /// So many folders are open at once. What is nested more deeply is brought up first: a program
  /// can nest folders without end, each below the one that it is in.
  private static final int MOST_LEVELS = 64;

  private final SecureDirectoryStream<Path> root;
  private boolean broughtUp;

  private FileTree(SecureDirectoryStream<Path> root) {
    this.root = root;
  }

  /// Deletes a folder and all in it, following no links, also while others write in it. Nothing
  /// there is fine. Must not have mounts in it.
  public static void delete(Path path) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(path);
      return;
    }
    boolean deeper = true;
    while (deeper) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
        if (!(children instanceof SecureDirectoryStream<Path> secure)) {
          throw new IOException("this file system cannot be walked safely: " + path);
        }
        FileTree tree = new FileTree(secure);
        tree.deleteChildren(secure, 0);
        deeper = tree.broughtUp;
      } catch (NoSuchFileException e) {
        return;
      }
    }
    Files.deleteIfExists(path);
  }

  private void deleteChildren(SecureDirectoryStream<Path> folder, int depth) throws IOException {
    for (Path child : folder) {
      Path name = child.getFileName();
      if (name != null) {
        deleteChild(folder, name, depth);
      }
    }
  }

  private void deleteChild(SecureDirectoryStream<Path> folder, Path name, int depth)
      throws IOException {
    try {
      folder.deleteFile(name);
    } catch (NoSuchFileException e) {
      // somebody else was faster
    } catch (IOException notAFile) {
      if (depth == MOST_LEVELS) {
        folder.move(name, root, Path.of(".deep-" + UUID.randomUUID()));
        broughtUp = true;
        return;
      }
      try (SecureDirectoryStream<Path> inner =
          folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        deleteChildren(inner, depth + 1);
      } catch (IOException e) {
        e.addSuppressed(notAFile);
        throw e;
      }
      folder.deleteDirectory(name);
    }
  }
}
