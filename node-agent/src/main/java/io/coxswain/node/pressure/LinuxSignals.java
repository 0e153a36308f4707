package io.coxswain.node.pressure;

import io.coxswain.node.filesystem.FileSystemSpace;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.NodeUsage;
import io.coxswain.node.host.ProcessNumbers;
import io.coxswain.node.pressure.Signal.Observed;
import io.coxswain.node.usage.NodeDisks;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/// This machine, by `/proc`, the control group of all pods, and its file systems. A few files.
public final class LinuxSignals implements Signals {

  private final long memoryBytes;
  private final long podsMemoryBytes;
  private final ControlGroups controlGroups;
  private final String podsGroup;
  private final NodeDisks disks;

  /// @param memoryBytes of the machine
  /// @param podsMemoryBytes what all pods may have together
  /// @param podsGroup control group of all pods
  public LinuxSignals(
      long memoryBytes,
      long podsMemoryBytes,
      ControlGroups controlGroups,
      String podsGroup,
      NodeDisks disks) {
    this.memoryBytes = memoryBytes;
    this.podsMemoryBytes = podsMemoryBytes;
    this.controlGroups = controlGroups;
    this.podsGroup = podsGroup;
    this.disks = disks;
  }

  @Override
  public Map<Signal, Observed> observe() throws IOException {
    Map<Signal, Observed> seen = new EnumMap<>(Signal.class);
    seen.put(
        Signal.MEMORY, new Observed(memoryBytes - NodeUsage.read().workingSetBytes(), memoryBytes));
    long pods = controlGroups.usage(podsGroup).workingSetBytes();
    seen.put(Signal.ALLOCATABLE_MEMORY, new Observed(podsMemoryBytes - pods, podsMemoryBytes));
    put(seen, Signal.NODEFS, Signal.NODEFS_INODES, disks.nodefs());
    put(seen, Signal.IMAGEFS, Signal.IMAGEFS_INODES, disks.imagefs());
    ProcessNumbers numbers = ProcessNumbers.read();
    seen.put(Signal.PID, new Observed(numbers.available(), numbers.most()));
    return seen;
  }

  private static void put(
      Map<Signal, Observed> seen, Signal bytes, Signal inodes, FileSystemSpace space) {
    seen.put(bytes, new Observed(space.availableBytes(), space.capacityBytes()));
    if (space.inodes() > 0) {
      seen.put(inodes, new Observed(space.inodesFree(), space.inodes()));
    }
  }
}
