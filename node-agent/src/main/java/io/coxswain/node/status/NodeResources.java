package io.coxswain.node.status;

import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.Machine;
import io.coxswain.node.pressure.Signal;
import io.coxswain.node.pressure.Threshold;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a node has, and what of it pods may have: capacity, less what is reserved, less what has to
/// be free lest pods are evicted. Pure.
///
/// @param cpu in thousandths
/// @param memory in bytes, huge pages included
/// @param storage bytes of the file system of the node's data
/// @param processes process numbers
/// @param hugePages bytes of each size, by the resource's name
/// @param pods most pods
public record NodeResources(
    Amount cpu,
    Amount memory,
    Amount storage,
    Amount processes,
    Map<String, Long> hugePages,
    long pods) {

  public NodeResources {
    hugePages = Map.copyOf(hugePages);
  }

  /// One resource.
  ///
  /// @param bound what pods may take together, before the last of them has to go
  /// @param allocatable what they may ask for
  public record Amount(long capacity, long bound, long allocatable) {

    static Amount of(long capacity, long reserved, long kept) {
      return new Amount(
          capacity, Math.max(0, capacity - reserved), Math.max(0, capacity - reserved - kept));
    }
  }

  /// @param processes that the machine can have
  /// @param hugePages bytes of each size, by the resource's name
  /// @param thresholds of which the hard ones keep something from pods
  /// @throws IllegalArgumentException when more is reserved than there is
  public static NodeResources of(
      NodeOptions options,
      Machine machine,
      long processes,
      Map<String, Long> hugePages,
      List<Threshold> thresholds) {
    Reserved reserved = options.reserved();
    long cpu = options.milliCpus() > 0 ? options.milliCpus() : machine.cpus() * 1000L;
    long memory = options.memoryBytes() > 0 ? options.memoryBytes() : machine.memoryBytes();
    long storage = machine.diskBytes();
    long kept = kept(thresholds, Signal.MEMORY, memory);
    long free = kept(thresholds, Signal.NODEFS, storage);
    check("cpu", reserved.milliCpus(), cpu);
    check("memory", reserved.memoryBytes() + kept, memory);
    check("ephemeral-storage", reserved.storageBytes() + free, storage);
    check("pid", reserved.processes(), processes);
    long huge = hugePages.values().stream().mapToLong(Long::longValue).sum();
    return new NodeResources(
        Amount.of(cpu, reserved.milliCpus(), 0),
        Amount.of(memory, reserved.memoryBytes(), kept + huge),
        Amount.of(storage, reserved.storageBytes(), free),
        Amount.of(processes, reserved.processes(), 0),
        hugePages,
        options.pods());
  }

  private static void check(String resource, long reserved, long capacity) {
    if (reserved > capacity) {
      throw new IllegalArgumentException(
          "invalid Node Allocatable configuration. Resource \"%s\" has a reservation of %d but capacity of %d. Expected capacity >= reservation. See --kube-reserved, --system-reserved and --eviction-hard"
              .formatted(resource, reserved, capacity));
    }
  }

  private static long kept(List<Threshold> thresholds, Signal signal, long capacity) {
    return thresholds.stream()
        .filter(one -> one.signal() == signal && one.grace().isZero())
        .mapToLong(one -> one.least().of(capacity))
        .max()
        .orElse(0);
  }

  Map<String, Quantity> capacities() {
    return amounts(cpu.capacity(), memory.capacity(), storage.capacity());
  }

  Map<String, Quantity> allocatables() {
    return amounts(cpu.allocatable(), memory.allocatable(), storage.allocatable());
  }

  private Map<String, Quantity> amounts(long milliCpus, long memoryBytes, long storageBytes) {
    Map<String, Quantity> amounts = new LinkedHashMap<>();
    amounts.put("cpu", Quantities.ofMilli(milliCpus));
    amounts.put("memory", Quantities.ofBytes(memoryBytes));
    amounts.put("ephemeral-storage", Quantities.ofBytes(storageBytes));
    hugePages.forEach((name, bytes) -> amounts.put(name, Quantities.ofBytes(bytes)));
    amounts.put("pods", Quantities.ofCount(pods));
    return amounts;
  }

  /// What pods may ask for, as numbers: cpu in thousandths.
  public Map<String, Long> askable() {
    Map<String, Long> askable = new LinkedHashMap<>();
    askable.put("pods", pods);
    askable.put("cpu", cpu.allocatable());
    askable.put("memory", memory.allocatable());
    askable.put("ephemeral-storage", storage.allocatable());
    askable.putAll(hugePages);
    return askable;
  }
}
