package io.coxswain.node.filesystem;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;

/// Whole folders at once.
public final class FileTree {

  /// Deeper than this is a mistake or an attack: path names end at 4,096 bytes.
  private static final int MAX_DEPTH = 2048;

  private FileTree() {}

  /// Deletes a folder and all in it, following no links, also while others write in it. Nothing
  /// there is fine. Must not have mounts in it.
  public static void delete(Path path) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(path);
      return;
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
      if (children instanceof SecureDirectoryStream<Path> secure) {
        deleteChildren(secure, 0);
      } else {
        throw new IOException("this file system cannot be walked safely: " + path);
      }
    } catch (NoSuchFileException e) {
      return;
    }
    Files.deleteIfExists(path);
  }

  private static void deleteChildren(SecureDirectoryStream<Path> folder, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("folders are nested too deeply to delete");
    }
    for (Path child : folder) {
      Path name = child.getFileName();
      if (name != null) {
        deleteChild(folder, name, depth);
      }
    }
  }

  private static void deleteChild(SecureDirectoryStream<Path> folder, Path name, int depth)
      throws IOException {
    try {
      folder.deleteFile(name);
    } catch (NoSuchFileException e) {
      // somebody else was faster
    } catch (IOException notAFile) {
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
