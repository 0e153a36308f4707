package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Times;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.CriLog;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.rpc.v1.LogStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a container's log for somebody: all or its end, now or for as long as it runs, over as
/// many files as rotation made of it.
final class LogReader {

  private static final long LOOK_MILLIS = 1000;
  private static final int FRAME_BYTES = 16 << 10;

  private final PodRuntime runtime;
  private final FolderWatch folders;

  LogReader(PodRuntime runtime, FolderWatch folders) {
    this.runtime = runtime;
    this.folders = folders;
  }

  void write(Pod pod, LogStream wanted, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException, StreamRefused {
    ContainerRecord record = record(pod, wanted);
    Path current = runtime.log(pod, record);
    Path folder = current.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw StreamRefused.notFound("the log of container \"" + record.container() + "\" is gone");
    }
    Output output = new Output(wanted, carrier);
    Thread reader = Thread.currentThread();
    if (wanted.getFollow()) {
      // Who leaves says so by ending the stream; only then is somebody waiting for it.
      tasks.fork(
          "watch-reader",
          () -> {
            while (carrier.receive().isPresent()) {
              // nothing that a reader of logs sends means anything
            }
            reader.interrupt();
          });
    }
    try (FolderWatch.Subscription changes = folders.subscribe(folder)) {
      List<Path> files = files(current);
      output.skip(wanted.hasTailLines() ? skip(files, wanted.getTailLines()) : 0);
      read(files, changes, () -> !wanted.getFollow() || ended(pod, record), output);
      output.flush();
    } catch (LimitReached e) {
      output.flush();
    }
  }

  private ContainerRecord record(Pod pod, LogStream wanted) throws IOException, StreamRefused {
    String name =
        wanted.getContainer().isEmpty()
            ? pod.getSpec().getContainers(0).getName()
            : wanted.getContainer();
    List<ContainerRecord> records =
        runtime.containers(pod.getMetadata().getUid()).stream()
            .filter(record -> record.container().equals(name))
            .toList();
    if (wanted.getPrevious()) {
      if (records.size() < 2) {
        throw StreamRefused.badRequest(
            "previous terminated container \"%s\" in pod \"%s\" not found"
                .formatted(name, pod.getMetadata().getName()));
      }
      return records.get(records.size() - 2);
    }
    if (records.isEmpty()) {
      throw StreamRefused.badRequest(
          "container \"%s\" in pod \"%s\" is waiting to start: ContainerCreating"
              .formatted(name, pod.getMetadata().getName()));
    }
    return records.getLast();
  }

  /// Rotated files, the oldest first, then the current one.
  private static List<Path> files(Path current) throws IOException {
    String name = current.getFileName() + ".";
    List<Path> files = new ArrayList<>();
    Path folder = current.getParent();
    if (folder != null) {
      try (var all = Files.list(folder)) {
        all.filter(file -> file.getFileName().toString().startsWith(name))
            .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
            .filter(file -> !file.getFileName().toString().endsWith(".tmp"))
            .sorted()
            .forEach(files::add);
      }
    }
    files.add(current);
    return files;
  }

  /// How many entries from the oldest file on stand before the last `tail` lines.
  private long skip(List<Path> files, long tail) throws IOException {
    long entries = 0;
    long whole = 0;
    List<Boolean> ends = new ArrayList<>();
    for (Path file : files) {
      try (InputStream in = input(file)) {
        LineBuffer lines = new LineBuffer(in);
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
          boolean end = !CriLog.parse(line.get()).partial();
          ends.add(end);
          whole += end ? 1 : 0;
        }
      } catch (NoSuchFileException e) {
        // rotated away meanwhile
      }
    }
    long before = Math.max(0, whole - tail);
    for (boolean end : ends) {
      if (before == 0) {
        break;
      }
      entries++;
      before -= end ? 1 : 0;
    }
    return entries;
  }

  /// Reads from the oldest file to the current one, and what is added to it and to those that
  /// replace it, until the end is reached.
  private void read(
      List<Path> files, FolderWatch.Subscription changes, Ending ending, Output output)
      throws IOException, InterruptedException, LimitReached {
    Path current = files.getLast();
    Path next = files.getFirst();
    while (true) {
      boolean over = ending.reached();
      Optional<OpenFile> opened = open(next);
      if (opened.isEmpty()) {
        if (over && next.equals(current)) {
          return;
        }
        // not written yet, or removed for its age meanwhile
        if (next.equals(current)) {
          changes.await(LOOK_MILLIS);
        }
        next = files(current).getFirst();
        continue;
      }
      try (OpenFile file = opened.get()) {
        if (!readToEnd(file, current, ending, changes, output)) {
          return;
        }
        next = after(file, current);
      }
    }
  }

  /// Reads a file until another is written in its place.
  ///
  /// @return false when the log ends with this file
  private static boolean readToEnd(
      OpenFile file, Path current, Ending ending, FolderWatch.Subscription changes, Output output)
      throws IOException, InterruptedException, LimitReached {
    while (true) {
      // What is looked at before the last read cannot hide lines from it. While there is no current
      // file, it was renamed and no other has been begun: what is written still goes into this one.
      boolean ended = ending.reached();
      Optional<Object> written = OpenFile.key(current);
      for (Optional<String> line = file.next(); line.isPresent(); line = file.next()) {
        output.write(CriLog.parse(line.get()));
      }
      if (written.isPresent() && !written.get().equals(file.key)) {
        return true;
      }
      if (ended) {
        return written.isEmpty() && !after(file, current).equals(current);
      }
      output.flush();
      changes.await(LOOK_MILLIS);
    }
  }

  /// The file that was begun when this one was full; the oldest that is left when this one has been
  /// removed meanwhile.
  private static Path after(OpenFile file, Path current) throws IOException {
    List<Path> files = files(current);
    for (int i = 0; i < files.size() - 1; i++) {
      if (OpenFile.key(files.get(i)).filter(file.key::equals).isPresent()) {
        return files.get(i + 1);
      }
    }
    return files.getFirst();
  }

  private InputStream input(Path file) throws IOException {
    return new BufferedInputStream(Channels.newInputStream(runtime.openLog(file)));
  }

  /// Nothing when there is no such file.
  private Optional<OpenFile> open(Path path) throws IOException {
    while (true) {
      Optional<Object> before = OpenFile.key(path);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      InputStream in;
      try {
        in = input(path);
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
      // another one may have taken its name between the look and the opening
      if (OpenFile.key(path).equals(before)) {
        return Optional.of(new OpenFile(in, before.get()));
      }
      in.close();
    }
  }

  /// Whether nothing more will be written.
  private interface Ending {
    boolean reached() throws IOException;
  }

  private boolean ended(Pod pod, ContainerRecord record) throws IOException {
    return runtime.containers(pod.getMetadata().getUid()).stream()
        .filter(one -> one.id().equals(record.id()))
        .noneMatch(ContainerRecord::running);
  }

  /// A file of the log, which keeps its identity when it is renamed.
  private static final class OpenFile implements AutoCloseable {
    private final InputStream in;
    private final LineBuffer lines;
    private final Object key;

    private OpenFile(InputStream in, Object key) {
      this.in = in;
      this.lines = new LineBuffer(in);
      this.key = key;
    }

    /// Tells a file from those that had its name before.
    static Optional<Object> key(Path path) throws IOException {
      try {
        return Optional.of(Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
    }

    /// A whole line without its end, or nothing at the end of the file.
    Optional<String> next() throws IOException {
      return lines.next();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /// Keeps the beginning of a line whose end is not written yet.
  private static final class LineBuffer {
    private final InputStream in;
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

    LineBuffer(InputStream in) {
      this.in = in;
    }

    Optional<String> next() throws IOException {
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '\n') {
          String line = begun.toString(StandardCharsets.UTF_8);
          begun.reset();
          return Optional.of(line);
        }
        begun.write(c);
      }
      return Optional.empty();
    }
  }

  /// `limitBytes` were written.
  private static final class LimitReached extends Exception {
    private static final long serialVersionUID = 1;
  }

  /// Gathers lines into frames.
  private static final class Output {
    private final Carrier carrier;
    private final boolean timestamps;
    private final Instant since;
    private final ByteArrayOutputStream frame = new ByteArrayOutputStream();
    private long left;
    private long skip;
    private boolean lineBegun;

    Output(LogStream wanted, Carrier carrier) {
      this.carrier = carrier;
      this.timestamps = wanted.getTimestamps();
      this.left = wanted.getLimitBytes() > 0 ? wanted.getLimitBytes() : Long.MAX_VALUE;
      this.since =
          wanted.hasSinceSeconds()
              ? Instant.ofEpochSecond(wanted.getSinceSeconds(), wanted.getSinceNanos())
              : Instant.MIN;
    }

    void skip(long entries) {
      skip = entries;
    }

    void write(CriLog.Entry entry) throws IOException, InterruptedException, LimitReached {
      if (skip > 0) {
        skip--;
        return;
      }
      boolean old =
          !since.equals(Instant.MIN)
              && Times.parse(entry.time()).map(time -> time.isBefore(since)).orElse(false);
      if (old) {
        return;
      }
      String text =
          (timestamps && !lineBegun ? entry.time() + " " : "")
              + entry.text()
              + (entry.partial() ? "" : "\n");
      lineBegun = entry.partial();
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int length = (int) Math.min(bytes.length, left);
      frame.write(bytes, 0, length);
      left -= length;
      if (left == 0) {
        throw new LimitReached();
      }
      if (frame.size() >= FRAME_BYTES) {
        flush();
      }
    }

    void flush() throws IOException, InterruptedException {
      if (frame.size() > 0) {
        carrier.send(Carrier.STDOUT, frame.toByteArray());
        frame.reset();
      }
    }
  }
}
