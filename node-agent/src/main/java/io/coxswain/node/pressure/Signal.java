package io.coxswain.node.pressure;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What is watched of a node. The names are the kubelet's.
public enum Signal {
  MEMORY("memory.available", NodePressure.MEMORY, Resource.MEMORY),
  /// Of what pods may have together. Nobody names it: it goes with the hard threshold of memory.
  ALLOCATABLE_MEMORY("allocatableMemory.available", NodePressure.MEMORY, Resource.MEMORY),
  NODEFS("nodefs.available", NodePressure.DISK, Resource.STORAGE),
  NODEFS_INODES("nodefs.inodesFree", NodePressure.DISK, Resource.INODES),
  IMAGEFS("imagefs.available", NodePressure.DISK, Resource.STORAGE),
  IMAGEFS_INODES("imagefs.inodesFree", NodePressure.DISK, Resource.INODES),
  PID("pid.available", NodePressure.PID, Resource.PIDS);

  /// What pods are ended for.
  enum Resource {
    MEMORY("memory"),
    STORAGE("ephemeral-storage"),
    INODES("inodes"),
    PIDS("pids");

    private final String text;

    Resource(String text) {
      this.text = text;
    }

    /// As messages and requests name it.
    String text() {
      return text;
    }

    boolean isBytes() {
      return this == MEMORY || this == STORAGE;
    }
  }

  /// What was seen of one.
  ///
  /// @param available bytes, inodes or process numbers
  /// @param capacity all of them
  public record Observed(long available, long capacity) {}

  private final String text;
  private final NodePressure pressure;
  private final Resource resource;

  Signal(String text, NodePressure pressure, Resource resource) {
    this.text = text;
    this.pressure = pressure;
    this.resource = resource;
  }

  public String text() {
    return text;
  }

  NodePressure pressure() {
    return pressure;
  }

  Resource resource() {
    return resource;
  }

  boolean isImageFs() {
    return this == IMAGEFS || this == IMAGEFS_INODES;
  }

  /// One that people may name.
  static Optional<Signal> named(String text) {
    return Arrays.stream(values())
        .filter(one -> one.text.equals(text) && one != ALLOCATABLE_MEMORY)
        .findFirst();
  }

  static String names() {
    return Arrays.stream(values())
        .filter(one -> one != ALLOCATABLE_MEMORY)
        .map(Signal::text)
        .collect(Collectors.joining(", "));
  }
}
