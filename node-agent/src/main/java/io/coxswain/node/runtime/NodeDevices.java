package io.coxswain.node.runtime;

import io.coxswain.node.cdi.ContainerEdits.DeviceNode;
import io.coxswain.node.cdi.HostDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// The device files of the node, that a privileged container has.
final class NodeDevices {

  /// What a container has its own of, or nobody has in a device file's place.
  private static final Set<String> OWN =
      Set.of(
          "console", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "tty",
          "urandom", "zero");

  private static final int MOST_LEVELS = 8;

  private NodeDevices() {}

  /// @param dev folder of device files; links in it are not followed
  static List<DeviceNode> read(Path dev) throws IOException {
    List<DeviceNode> devices = new ArrayList<>();
    add(dev, dev, 0, devices);
    return devices;
  }

  private static void add(Path dev, Path folder, int depth, List<DeviceNode> devices)
      throws IOException {
    List<Path> all;
    try (Stream<Path> children = Files.list(folder)) {
      all = children.sorted().toList();
    }
    for (Path one : all) {
      String name = one.getFileName().toString();
      if (name.startsWith(".") || (depth == 0 && OWN.contains(name))) {
        continue;
      }
      if (Files.isDirectory(one, LinkOption.NOFOLLOW_LINKS)) {
        if (depth < MOST_LEVELS) {
          add(dev, one, depth + 1, devices);
        }
      } else if (Files.readAttributes(
              one, java.nio.file.attribute.BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther()) {
        addDevice(one, "/dev/" + dev.relativize(one), devices);
      }
    }
  }

  private static void addDevice(Path file, String path, List<DeviceNode> devices) {
    try {
      HostDevice found = HostDevice.read(file);
      if (!found.type().equals("p")) {
        devices.add(
            new DeviceNode(
                path,
                found.type(),
                found.major(),
                found.minor(),
                OptionalInt.of(found.mode()),
                OptionalLong.of(found.uid()),
                OptionalLong.of(found.gid()),
                "rwm"));
      }
    } catch (IOException e) {
      // gone since, or a socket
    }
  }
}
