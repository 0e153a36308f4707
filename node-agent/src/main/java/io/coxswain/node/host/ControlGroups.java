package io.coxswain.node.host;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/// The kernel's accounting and limiting of processes (cgroups(7)). A path is the same in each
/// hierarchy, as `/coxswain/burstable/pod1234`. Calls are short. Safe for use by many threads, one
/// at a time for one path.
public interface ControlGroups {

  enum Layout {
    /// One hierarchy for each controller.
    V1,
    /// As V1, with a unified hierarchy beside them.
    HYBRID,
    /// Only the unified hierarchy.
    V2
  }

  /// What a group may use; -1 for no limit.
  ///
  /// @param cpuShares weight among its siblings as v1 counts, 1024 for one cpu
  /// @param cpuQuotaMicros cpu time in each 100 ms
  record Limits(long cpuShares, long cpuQuotaMicros, long memoryBytes, long processes) {
    public static final Limits NONE = new Limits(-1, -1, -1, -1);
  }

  /// One of a group's limits, as [Limits] counts it.
  enum Limit {
    CPU_SHARES,
    CPU_QUOTA,
    MEMORY
  }

  /// What a group used.
  ///
  /// @param cpuNanos since it was made
  /// @param memoryBytes now, with page cache
  /// @param workingSetBytes now, without what the kernel can drop easily
  /// @param residentBytes now, memory of processes
  /// @param processes now, threads included
  record Usage(
      long cpuNanos, long memoryBytes, long workingSetBytes, long residentBytes, long processes) {}

  Layout layout();

  /// The sizes of huge pages that groups may have limits of, as `hugepages-2Mi`; none where the
  /// machine has no control groups for them.
  Set<String> hugePages();

  /// Makes the group, and those above it, if it is not there, and sets its limits. What is in it is
  /// not swapped out, as with kubelet: who is out of memory is to end, and not to go on slowly on
  /// the disk.
  void create(String path, Limits limits) throws IOException;

  /// What a group may use now; -1 for no limit, also where the machine has none to give.
  long limit(String path, Limit what) throws IOException;

  /// Changes what a group may use that is there. Where the machine has no such limit, nothing.
  ///
  /// @param value -1 for no limit
  void limit(String path, Limit what, long value) throws IOException;

  /// Kills what runs in the group and below it, and takes the groups away. Not being there is fine.
  void remove(String path) throws IOException, InterruptedException;

  /// How many of its processes the kernel killed for want of memory; 0 when the group is gone.
  long outOfMemoryKills(String path);

  /// Sends SIGKILL to all in the group and below it. Not being there is fine.
  void kill(String path) throws IOException;

  /// Zeros for a group that is gone.
  Usage usage(String path);

  /// Process numbers in the group itself; empty when it is gone.
  List<Integer> processes(String path);

  /// Names of the groups right below.
  List<String> children(String path);
}
