package io.coxswain.node.usage;

import io.coxswain.node.filesystem.DiskMeter;
import io.coxswain.node.filesystem.FileSystemSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The node's file systems: that of its data (`nodefs`), and that of images and of what containers
/// write (`imagefs`), which may be the same.
///
/// @param data folder of pods and their volumes
/// @param images folder of images and of what containers write
public record NodeDisks(Path data, Path images) {

  public FileSystemSpace nodefs() throws IOException {
    return DiskMeter.space(data);
  }

  public FileSystemSpace imagefs() throws IOException {
    return DiskMeter.space(Files.isDirectory(images) ? images : data);
  }

  /// Whether images have a file system of their own.
  public boolean separate() throws IOException {
    return nodefs().device() != imagefs().device();
  }
}
