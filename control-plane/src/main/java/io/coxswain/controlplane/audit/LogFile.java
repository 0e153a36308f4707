package io.coxswain.controlplane.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file of events, one a line. When it is large enough it is put aside under a name with the time
/// in it, and a new one is begun; old ones go by age and number. A line is there as a whole or not
/// at all, also after a disk was full.
final class LogFile implements Sink {

  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS", Locale.ROOT);

  private static final Set<StandardOpenOption> APPENDING =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

  /// @param bytes at which a new file is begun; 0 for never
  /// @param age after which an old file goes; zero for never
  /// @param backups how many old files stay; 0 for all
  record Limits(long bytes, Duration age, int backups) {}

  private record Backup(Path file, Instant time) {}

  private final Path file;
  private final Limits limits;
  private final InstantSource clock;
  private @Nullable FileChannel channel;
  private long size;

  /// Opens the file, and makes it where there is none, readable by its owner alone.
  ///
  /// @throws IOException when it cannot be written; the message names it
  LogFile(Path file, Limits limits, InstantSource clock) throws IOException {
    this.file = file.toAbsolutePath();
    this.limits = limits;
    this.clock = clock;
    try {
      var _ = opened();
    } catch (IOException e) {
      throw new IOException("The audit log " + file + " cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return "log";
  }

  private FileChannel opened() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      Path folder = file.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      open =
          FileChannel.open(
              file,
              APPENDING,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      size = open.size();
      channel = open;
    }
    return open;
  }

  @Override
  public void write(List<byte[]> events) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    var _ = opened();
    for (byte[] event : events) {
      boolean full = limits.bytes() > 0 && size + lines.size() + event.length + 1 > limits.bytes();
      if (full && size + lines.size() > 0) {
        append(lines.toByteArray());
        lines.reset();
        rotate();
      }
      lines.writeBytes(event);
      lines.write('\n');
    }
    append(lines.toByteArray());
  }

  private void append(byte[] lines) throws IOException {
    FileChannel open = opened();
    ByteBuffer buffer = ByteBuffer.wrap(lines);
    try {
      while (buffer.hasRemaining()) {
        int _ = open.write(buffer);
      }
      size += lines.length;
    } catch (IOException e) {
      repair(open);
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /// Takes half a line away again, and opens the file anew the next time.
  private void repair(FileChannel broken) {
    channel = null;
    try (broken) {
      FileChannel _ = broken.truncate(size);
    } catch (IOException e) {
      LOG.debug("{} may end in half a line: {}", file, e.getMessage());
    }
  }

  private void rotate() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
    Files.move(file, aside());
    var _ = opened();
    removeOld();
  }

  /// A name that is free.
  private Path aside() {
    Instant time = clock.instant();
    Path path = backup(time);
    while (Files.exists(path)) {
      time = time.plusMillis(1);
      path = backup(time);
    }
    return path;
  }

  private Path backup(Instant time) {
    return file.resolveSibling(
        stem() + "-" + STAMP.format(LocalDateTime.ofInstant(time, ZoneOffset.UTC)) + extension());
  }

  private String fileName() {
    return String.valueOf(file.getFileName());
  }

  private String stem() {
    int dot = fileName().lastIndexOf('.');
    return dot < 0 ? fileName() : fileName().substring(0, dot);
  }

  private String extension() {
    int dot = fileName().lastIndexOf('.');
    return dot < 0 ? "" : fileName().substring(dot);
  }

  private void removeOld() throws IOException {
    List<Backup> backups = backups();
    Instant oldest = limits.age().isZero() ? Instant.MIN : clock.instant().minus(limits.age());
    for (int i = 0; i < backups.size(); i++) {
      boolean surplus = limits.backups() > 0 && i >= limits.backups();
      if (surplus || backups.get(i).time().isBefore(oldest)) {
        boolean _ = Files.deleteIfExists(backups.get(i).file());
      }
    }
  }

  /// The newest first. Files with other names are somebody else's.
  private List<Backup> backups() throws IOException {
    List<Backup> backups = new ArrayList<>();
    String before = stem() + "-";
    try (Stream<Path> files = Files.list(file.resolveSibling("."))) {
      for (Path one : files.toList()) {
        String name = String.valueOf(one.getFileName());
        if (name.length() > before.length() + extension().length()
            && name.startsWith(before)
            && name.endsWith(extension())) {
          String stamp = name.substring(before.length(), name.length() - extension().length());
          try {
            backups.add(
                new Backup(one, LocalDateTime.parse(stamp, STAMP).toInstant(ZoneOffset.UTC)));
          } catch (DateTimeException e) {
            LOG.trace("{} is none of the audit log's files", one);
          }
        }
      }
    }
    backups.sort(Comparator.comparing(Backup::time).reversed());
    return backups;
  }

  @Override
  public void hurry() {}

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    if (open != null) {
      open.close();
    }
  }
}
