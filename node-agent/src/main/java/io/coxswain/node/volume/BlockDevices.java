package io.coxswain.node.volume;

import io.coxswain.node.filesystem.FileType;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Processes.Command;
import io.coxswain.node.host.Processes.Outcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Block devices of this machine that hold volumes. One without anything on it gets a file system
/// when it is first used, by the machine's own programs (blkid(8), mkfs(8), fsck(8), mount(8));
/// what is on one is never written over.
public final class BlockDevices {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String DEFAULT_TYPE = "ext4";
  private static final int NOTHING_FOUND = 2;

  // fsck(8): what it could not mend
  private static final int FSCK_LEFT = 4;

  private final Processes processes;
  private final Mounts mounts;
  private final KeyedLocks<Path> locks = new KeyedLocks<>();

  public BlockDevices(Processes processes, Mounts mounts) {
    this.processes = processes;
    this.mounts = mounts;
  }

  /// Whether the file is a block device, or a link to one.
  static boolean is(Path file) throws IOException {
    return Files.exists(file) && FileType.of(file) == FileType.BLOCK_DEVICE;
  }

  /// How large the device is: of what is on it nothing is known.
  static VolumeFigures figures(Path device, Instant now) throws IOException {
    if (!is(device)) {
      throw new IOException("%s is not a block device".formatted(device));
    }
    try (FileChannel channel = FileChannel.open(device)) {
      return new VolumeFigures(
          now, Map.of(VolumeFigures.Figure.CAPACITY_BYTES, channel.size()), Optional.empty());
    }
  }

  /// Mounts the device's file system at a place, unless it is there. Blocks, for as long as it
  /// takes to make a file system.
  ///
  /// @param type of the file system that is made where there is none; ext4 when empty
  void mount(Path device, String type, List<String> options, boolean readOnly, Path place)
      throws VolumeException, IOException, InterruptedException {
    Files.createDirectories(place);
    Path real = device.toRealPath();
    try (KeyedLocks.Held _ = locks.hold(real)) {
      if (mounts.isMounted(place)) {
        return;
      }
      String wanted = type.isEmpty() ? DEFAULT_TYPE : type;
      prepare(real, wanted, readOnly);
      List<String> all = new ArrayList<>(options);
      all.add(readOnly ? "ro" : "rw");
      run("mount", "-t", wanted, "-o", String.join(",", all), real.toString(), place.toString());
    }
  }

  private void prepare(Path device, String type, boolean readOnly)
      throws VolumeException, IOException, InterruptedException {
    String found = content(device);
    if (found.isEmpty()) {
      if (readOnly) {
        throw new VolumeException(
            "%s has no file system, and is to be read only".formatted(device));
      }
      format(device, type);
    } else if (!found.equals(type)) {
      throw new VolumeException(
          "failed to mount the volume as \"%s\": %s already contains %s"
              .formatted(type, device, found));
    } else if (!readOnly && mounts.list().stream().noneMatch(one -> isOf(one, device))) {
      check(device);
    }
  }

  private static boolean isOf(Mounts.MountPoint point, Path device) {
    return point.source().equals(device.toString());
  }

  /// What is on the device, as `ext4`; empty when nothing is.
  private String content(Path device) throws VolumeException, IOException, InterruptedException {
    Outcome outcome =
        processes.run(
            Command.of(
                    List.of(
                        "blkid",
                        "-p",
                        "-s",
                        "TYPE",
                        "-s",
                        "PTTYPE",
                        "-o",
                        "export",
                        device.toString()))
                .within(PATIENCE));
    if (outcome.exit() == NOTHING_FOUND) {
      return "";
    }
    if (!outcome.ok()) {
      throw failed("blkid", outcome);
    }
    String partitions = "";
    for (String line : outcome.out().lines().toList()) {
      if (line.startsWith("TYPE=")) {
        return line.substring("TYPE=".length());
      }
      if (line.startsWith("PTTYPE=")) {
        partitions = "a table of partitions";
      }
    }
    return partitions;
  }

  private void format(Path device, String type)
      throws VolumeException, IOException, InterruptedException {
    if (!type.matches("[a-z0-9]+")) {
      throw new VolumeException("\"%s\" is no type of file systems".formatted(type));
    }
    List<String> command = new ArrayList<>(List.of("mkfs." + type));
    switch (type) {
      case "ext2", "ext3", "ext4" -> command.addAll(List.of("-F", "-m0"));
      case "xfs" -> command.add("-f");
      default -> {}
    }
    command.add(device.toString());
    run(command.toArray(String[]::new));
  }

  /// Mends what a machine that lost its power left.
  private void check(Path device) throws VolumeException, IOException, InterruptedException {
    Outcome outcome =
        processes.run(Command.of(List.of("fsck", "-a", device.toString())).within(PATIENCE));
    if (outcome.exit() == FSCK_LEFT) {
      throw new VolumeException(
          "'fsck' found errors on device %s but could not correct them: %s"
              .formatted(device, outcome.out().strip()));
    }
  }

  private void run(String... command) throws VolumeException, IOException, InterruptedException {
    Outcome outcome = processes.run(Command.of(List.of(command)).within(PATIENCE));
    if (!outcome.ok()) {
      throw failed(command[0], outcome);
    }
  }

  private static VolumeException failed(String program, Outcome outcome) {
    return new VolumeException(
        "%s failed: exit status %d: %s".formatted(program, outcome.exit(), outcome.err().strip()));
  }
}
