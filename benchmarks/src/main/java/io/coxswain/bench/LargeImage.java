package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// What `docker build` makes a large image of: layers of this machine's own programs, libraries and
/// texts, which pack as those of real images do.
final class LargeImage {

  /// Beside the first one, which is the small root file system.
  static final int LAYERS = 4;

  private static final long LAYER_BYTES = 125L << 20;

  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/bin"),
          Path.of("/usr/lib/x86_64-linux-gnu"),
          Path.of("/usr/lib"),
          Path.of("/usr/share"));

  private LargeImage() {}

  /// Writes a folder that can be built.
  ///
  /// @return bytes of the files in the image
  static long make(Path folder, Path rootfs) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Program.run("tar", "-C", rootfs.toString(), "-cf", folder.resolve("rootfs.tar") + "", ".");
    StringBuilder recipe = new StringBuilder("FROM scratch\nADD rootfs.tar /\n");
    Iterator<Path> files = files().iterator();
    long all = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      List<String> names = new ArrayList<>();
      long bytes = 0;
      while (bytes < LAYER_BYTES && files.hasNext()) {
        Path file = files.next();
        names.add(file.toString().substring(1));
        bytes += Files.size(file);
      }
      all += bytes;
      Path list = Files.write(folder.resolve("list"), names);
      String archive = "layer-%d.tar".formatted(layer);
      Program.run("tar", "-C", "/", "-cf", folder.resolve(archive) + "", "-T", list.toString());
      recipe.append("ADD ").append(archive).append(" /data/\n");
    }
    Files.delete(folder.resolve("list"));
    Files.writeString(folder.resolve("Dockerfile"), recipe);
    return all;
  }

  /// Regular files, those of each place in the order of their names.
  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path place : PLACES) {
      List<Path> here = new ArrayList<>();
      Files.walkFileTree(
          place,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
              return !dir.equals(place) && PLACES.contains(dir)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                here.add(file);
              }
              return FileVisitResult.CONTINUE;
            }
          });
      files.addAll(here.stream().sorted().toList());
    }
    return files;
  }
}
