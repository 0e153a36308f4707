package io.coxswain.node.volume;

import io.coxswain.api.core.v1.HostPathVolumeSource;
import io.coxswain.node.filesystem.FileType;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The node's own paths as volumes (`hostPath`), checked as their `type` says.
final class HostPaths {

  private HostPaths() {}

  /// The path, made when the type allows it. As container runtimes do, one without a type that is
  /// not there becomes a folder.
  static Path prepare(HostPathVolumeSource source) throws VolumeException, IOException {
    Path path = Path.of(source.getPath());
    if (!path.isAbsolute() || !path.equals(path.normalize())) {
      throw new VolumeException(
          "hostPath \"%s\" must be absolute and without \"..\"".formatted(source.getPath()));
    }
    switch (source.getType()) {
      case "" -> {
        if (!Files.exists(path)) {
          Files.createDirectories(path);
        }
      }
      case "DirectoryOrCreate" -> {
        if (!Files.exists(path)) {
          Files.createDirectories(path);
        }
        require(path, FileType.FOLDER);
      }
      case "FileOrCreate" -> {
        createFile(path);
        require(path, FileType.FILE);
      }
      case "Directory" -> require(path, FileType.FOLDER);
      case "File" -> require(path, FileType.FILE);
      case "Socket" -> require(path, FileType.SOCKET);
      case "CharDevice" -> require(path, FileType.CHARACTER_DEVICE);
      case "BlockDevice" -> require(path, FileType.BLOCK_DEVICE);
      default ->
          throw new VolumeException(
              "hostPath type \"%s\" is not known".formatted(source.getType()));
    }
    return path;
  }

  private static void createFile(Path path) throws IOException, VolumeException {
    if (Files.exists(path)) {
      return;
    }
    try {
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    } catch (FileAlreadyExistsException e) {
      // somebody else made it
    } catch (NoSuchFileException e) {
      throw new VolumeException(
          "hostPath \"%s\": the folder for the file does not exist on this node".formatted(path),
          e);
    }
  }

  private static void require(Path path, FileType type) throws IOException, VolumeException {
    FileType found;
    try {
      found = FileType.of(path);
    } catch (NoSuchFileException e) {
      throw new VolumeException("hostPath \"%s\" does not exist on this node".formatted(path), e);
    }
    if (found != type) {
      throw new VolumeException("hostPath \"%s\" is not %s".formatted(path, type.text()));
    }
  }
}
