package io.coxswain.node.volume;

import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.filesystem.FileSystemSpace;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// How much room there is in a volume, and how it is.
///
/// @param at when it was looked at
/// @param known what is known; what nobody tells is not in it
/// @param abnormal whether its driver says that something is wrong with it; nothing when no driver
///   says how it is
public record VolumeFigures(Instant at, Map<Figure, Long> known, Optional<Boolean> abnormal) {

  /// What may be known, in the words of kubelet's statistics.
  public enum Figure {
    AVAILABLE_BYTES(
        "availableBytes", "available_bytes", "Bytes that may still be written to the volume"),
    CAPACITY_BYTES("capacityBytes", "capacity_bytes", "Bytes that the volume holds"),
    USED_BYTES("usedBytes", "used_bytes", "Bytes that are taken in the volume"),
    INODES_FREE("inodesFree", "inodes_free", "Files that can still be made in the volume"),
    INODES("inodes", "inodes", "Files that the volume can have"),
    INODES_USED("inodesUsed", "inodes_used", "Files that the volume has");

    private final String field;
    private final String metric;
    private final String help;

    Figure(String field, String metric, String help) {
      this.field = field;
      this.metric = metric;
      this.help = help;
    }

    /// Its name in the summary of statistics.
    public String field() {
      return field;
    }

    /// The end of its name as a metric.
    public String metric() {
      return metric;
    }

    public String help() {
      return help;
    }
  }

  public VolumeFigures {
    known =
        known.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(Map.copyOf(known)));
  }

  /// Of a file system that is the volume.
  public static VolumeFigures of(FileSystemSpace space, Instant at) {
    return of(space, new DiskUse(space.usedBytes(), space.inodesUsed()), at);
  }

  /// Of something that has a part of a file system.
  public static VolumeFigures of(FileSystemSpace space, DiskUse use, Instant at) {
    Map<Figure, Long> known = new EnumMap<>(Figure.class);
    known.put(Figure.AVAILABLE_BYTES, space.availableBytes());
    known.put(Figure.CAPACITY_BYTES, space.capacityBytes());
    known.put(Figure.USED_BYTES, use.bytes());
    known.put(Figure.INODES_FREE, space.inodesFree());
    known.put(Figure.INODES, space.inodes());
    known.put(Figure.INODES_USED, use.inodes());
    return new VolumeFigures(at, known, Optional.empty());
  }
}
