package io.coxswain.node.cdi;

import io.coxswain.node.filesystem.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/// A device file of the host (stat(2), makedev(3)).
///
/// @param type `c`, `b` or `p`
/// @param mode its permissions
public record HostDevice(String type, long major, long minor, int mode, long uid, long gid) {

  /// @param file links are followed
  /// @throws IOException when there is none, or it is no device
  public static HostDevice read(Path file) throws IOException {
    Map<String, Object> found = Files.readAttributes(file.toRealPath(), "unix:mode,rdev,uid,gid");
    int mode = (int) Objects.requireNonNull(found.get("mode"));
    long device = (long) Objects.requireNonNull(found.get("rdev"));
    String type =
        switch (FileType.of(mode)) {
          case CHARACTER_DEVICE -> "c";
          case BLOCK_DEVICE -> "b";
          case FIFO -> "p";
          case FOLDER, FILE, LINK, SOCKET, UNKNOWN ->
              throw new IOException(file + " is not a device node");
        };
    long major = ((device >> 8) & 0xfff) | ((device >> 32) & ~0xfffL);
    long minor = (device & 0xff) | ((device >> 12) & ~0xffL);
    return new HostDevice(
        type,
        type.equals("p") ? 0 : major,
        type.equals("p") ? 0 : minor,
        mode & 07777,
        Integer.toUnsignedLong((int) Objects.requireNonNull(found.get("uid"))),
        Integer.toUnsignedLong((int) Objects.requireNonNull(found.get("gid"))));
  }
}
