package io.coxswain.node.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the machine is and offers, as read once when the agent starts.
///
/// @param cpus that processes may run on
/// @param diskBytes size of the file system that the agent's data is on
/// @param kernel release, as `6.1.0-18-amd64`
/// @param osImage for people, as `Debian GNU/Linux 12 (bookworm)`
/// @param architecture as Go names it: `amd64` or `arm64`
/// @param bootId changes with each start of the machine
/// @param oomScore the agent's own place in the order in which the kernel ends processes
/// @param capabilities what the agent may give to containers, as a bit mask
public record Machine(
    String hostname,
    int cpus,
    long memoryBytes,
    long swapBytes,
    long diskBytes,
    String kernel,
    String osImage,
    String architecture,
    String machineId,
    String systemUuid,
    String bootId,
    int oomScore,
    long capabilities) {

  private static final Logger log = LoggerFactory.getLogger(Machine.class);
  private static final int CAP_SYS_RESOURCE = 24;

  /// Reads the machine. What cannot be read is empty or zero.
  ///
  /// @param data folder whose file system counts
  public static Machine read(Path data) throws IOException {
    Files.createDirectories(data);
    List<String> memory = lines("/proc/meminfo");
    Machine machine =
        new Machine(
            ownName(),
            Runtime.getRuntime().availableProcessors(),
            kilobytes(memory, "MemTotal:") * 1024,
            kilobytes(memory, "SwapTotal:") * 1024,
            Files.getFileStore(data).getTotalSpace(),
            first("/proc/sys/kernel/osrelease"),
            osImage(lines("/etc/os-release")),
            goArchitecture(),
            first("/etc/machine-id"),
            first("/sys/class/dmi/id/product_uuid"),
            first("/proc/sys/kernel/random/boot_id"),
            number(first("/proc/self/oom_score_adj")),
            boundingSet(lines("/proc/self/status")));
    if (!machine.maySetResources()) {
      log.warn(
          "the agent lacks CAP_SYS_RESOURCE: containers keep its resource limits and its place in"
              + " the order in which the kernel ends processes");
    }
    return machine;
  }

  /// Whether the agent may give processes more than it has itself: limits, and a better place when
  /// memory runs out.
  public boolean maySetResources() {
    return (capabilities >> CAP_SYS_RESOURCE & 1) == 1;
  }

  private static int number(String text) {
    return text.matches("-?[0-9]+") ? Integer.parseInt(text) : 0;
  }

  static long kilobytes(List<String> lines, String key) {
    for (String line : lines) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.substring(key.length()).replace("kB", "").strip());
      }
    }
    return 0;
  }

  static String osImage(List<String> lines) {
    for (String line : lines) {
      if (line.startsWith("PRETTY_NAME=")) {
        return line.substring("PRETTY_NAME=".length()).replace("\"", "");
      }
    }
    return "Linux";
  }

  static long boundingSet(List<String> lines) {
    for (String line : lines) {
      if (line.startsWith("CapBnd:")) {
        return Long.parseUnsignedLong(line.substring("CapBnd:".length()).strip(), 16);
      }
    }
    return 0;
  }

  private static String goArchitecture() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64" -> "arm64";
      default -> "amd64";
    };
  }

  private static String ownName() {
    String kernel = first("/proc/sys/kernel/hostname");
    if (!kernel.isEmpty()) {
      return kernel;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static String first(String file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "" : lines.getFirst().strip();
  }

  private static List<String> lines(String file) {
    try {
      return new ArrayList<>(Files.readAllLines(Path.of(file)));
    } catch (IOException e) {
      return List.of();
    }
  }
}
