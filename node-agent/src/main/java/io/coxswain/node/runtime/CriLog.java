package io.coxswain.node.runtime;

import io.coxswain.node.filesystem.ConfinedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The log format of the Container Runtime Interface: `TIME STREAM TAG TEXT`, the tag `F` for the
/// end of a line or `P` for a part of one.
public final class CriLog {

  private CriLog() {}

  /// One line of the file.
  ///
  /// @param time RFC 3339 with nanoseconds
  /// @param stream `stdout` or `stderr`
  /// @param partial whether the output's line goes on in the next entry
  public record Entry(String time, String stream, boolean partial, String text) {}

  /// A line without its end; one that is not in the format counts as output without a time.
  public static Entry parse(String line) {
    int time = line.indexOf(' ');
    int stream = line.indexOf(' ', time + 1);
    int tag = line.indexOf(' ', stream + 1);
    if (time < 0 || stream < 0 || tag < 0) {
      return new Entry("", "stdout", false, line);
    }
    boolean partial = line.startsWith("P", stream + 1);
    return new Entry(
        line.substring(0, time),
        line.substring(time + 1, stream),
        partial,
        line.substring(tag + 1));
  }

  /// The end of the log as the container wrote it, at most so many bytes and lines; empty when
  /// there is no log.
  ///
  /// @param root of all logs, see [ConfinedFiles]
  static String tail(Path root, Path log, int bytes, int lines) throws IOException {
    try (SeekableByteChannel channel = ConfinedFiles.open(root, log)) {
      // Each line has some 50 bytes before its text.
      int wanted = bytes + lines * 64;
      long from = Math.max(0, channel.size() - wanted);
      channel.position(from);
      ByteBuffer buffer = ByteBuffer.allocate((int) (channel.size() - from));
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // until all is read
      }
      String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
      List<String> all = new ArrayList<>(text.lines().toList());
      if (from > 0 && !all.isEmpty()) {
        all.removeFirst();
      }
      List<String> last = all.subList(Math.max(0, all.size() - lines), all.size());
      StringBuilder output = new StringBuilder();
      for (String line : last) {
        Entry entry = parse(line);
        output.append(entry.text()).append(entry.partial() ? "" : "\n");
      }
      return output.length() <= bytes
          ? output.toString()
          : output.substring(output.length() - bytes);
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
