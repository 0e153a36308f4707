package io.coxswain.node.image;

import io.coxswain.node.filesystem.LinuxFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// What stands where below the folder of images:
///
///     blobs/sha256/<hex>       manifests and configs
///     downloads/<hex>          layers on their way in, kept so that a pull can go on
///     layers/<id>/fs           one unpacked layer, layer.json beside it
///     records/<hash>.json      one image's name and what it consists of
///     containers/<id>/         what a container wrote in its root file system
///     host/<generation>/       what host images share
///     scratch/                 what is being made; thrown away at start
///
/// Whatever stands at its place is whole: it is made in `scratch`, synced and renamed.
///
/// @param run of what ends with the machine's run: root file systems are mounted there
record ImageFolders(Path root, Path run) {

  Path blobs() {
    return root.resolve("blobs");
  }

  Path blob(Digest digest) {
    return blobs().resolve(digest.algorithm()).resolve(digest.hex());
  }

  Path downloads() {
    return root.resolve("downloads");
  }

  Path layers() {
    return root.resolve("layers");
  }

  Path records() {
    return root.resolve("records");
  }

  Path containers() {
    return root.resolve("containers");
  }

  /// Root file systems, by their containers' ids.
  Path mounted() {
    return run.resolve("rootfs");
  }

  Path host() {
    return root.resolve("host");
  }

  Path scratch() {
    return root.resolve("scratch");
  }

  void create() throws IOException {
    // only root: layers hold setuid programs, which no user of the host is to find
    Files.createDirectories(root);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    for (Path folder :
        new Path[] {
          blobs().resolve("sha256"),
          blobs().resolve("sha512"),
          downloads(),
          layers(),
          records(),
          containers(),
          mounted(),
          host(),
          scratch()
        }) {
      Files.createDirectories(folder);
    }
    LinuxFiles.spreadFolders(containers());
  }

  /// A new empty folder in `scratch`.
  Path newScratch(String prefix) throws IOException {
    return Files.createTempDirectory(scratch(), prefix + "-");
  }

  /// Writes a file that is there whole or not at all, also after the power fails.
  void writeDurably(Path file, byte[] content) throws IOException {
    Path fresh = Files.createTempFile(scratch(), "write-", "");
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      moveDurably(fresh, file);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
  }

  /// Renames what is synced already, and syncs the name.
  static void moveDurably(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(to.toAbsolutePath().getParent());
  }

  static void syncFolder(@Nullable Path folder) throws IOException {
    if (folder != null) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
