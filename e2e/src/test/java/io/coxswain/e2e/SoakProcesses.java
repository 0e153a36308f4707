package io.coxswain.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The processes of a cluster's pods, as the kernel has them: found by their control group, by what
/// their containers were given in the environment, or by folders that their command names. Nothing
/// is asked of the cluster.
final class SoakProcesses {

  private static final Path PROC = Path.of("/proc");

  /// Of a command: a supervisor and whose, a Java program and with what, or etcd.
  private static final Pattern PART =
      Pattern.compile("libexec/supervise \\S+|io\\.coxswain\\.deploy\\.Coxswain .*|^etcd ");

  private final String name;
  private final String root;
  private final String mark;

  /// @param pod its uid, empty where the process is none of a container's
  /// @param container its name, empty likewise
  /// @param first whether it is the first of its pid namespace, and not of the machine's
  /// @param dead whether it only waits to be collected
  record Seen(long pid, String command, String pod, String container, boolean first, boolean dead) {

    String key() {
      return pod + "/" + container;
    }
  }

  /// @param name of the cluster
  /// @param root the folder of all that it has
  /// @param mark in the environment of its containers
  SoakProcesses(String name, String root, String mark) {
    this.name = name;
    this.root = root;
    this.mark = mark;
  }

  /// All but the cluster's own parts.
  List<Seen> scan() {
    return each(this::look);
  }

  /// The cluster's own parts with their supervisors, each by what it is started with, and by its
  /// number where there is more than one.
  Set<String> parts() {
    Map<String, Integer> counts = new HashMap<>();
    Set<String> parts = new TreeSet<>();
    for (String part : each(this::part)) {
      int count = counts.merge(part, 1, Integer::sum);
      parts.add(count == 1 ? part : part + " #" + count);
    }
    return parts;
  }

  private static <T> List<T> each(Function<Path, Optional<T>> look) {
    List<T> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path folder : folders) {
        look.apply(folder).ifPresent(found::add);
      }
    } catch (IOException e) {
      throw new IllegalStateException("reading /proc", e);
    }
    return found;
  }

  private Optional<String> part(Path folder) {
    try {
      String command = command(folder);
      Matcher part = PART.matcher(command);
      return command.contains(root + "/") && part.find()
          ? Optional.of(part.group())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // it ended while it was looked at
    }
  }

  private Optional<Seen> look(Path folder) {
    try {
      String command = command(folder);
      if (PART.matcher(command).find()) {
        return Optional.empty();
      }
      String environment = text(folder.resolve("environ"));
      boolean marked = environment.contains(mark + "\0");
      if (!marked
          && !command.contains(root + "/")
          && !text(folder.resolve("cgroup")).contains("/" + name + "-node-")) {
        return Optional.empty();
      }
      String status = text(folder.resolve("status"));
      return Optional.of(
          new Seen(
              Long.parseLong(folder.getFileName().toString()),
              command.isEmpty() ? "[" + line(status, "Name:") + "]" : command,
              marked ? variable(environment, "SOAK_POD=") : "",
              marked ? variable(environment, "SOAK_CONTAINER=") : "",
              line(status, "NSpid:").matches("\\d+\\s.*\\b1"),
              line(status, "State:").startsWith("Z")));
    } catch (IOException e) {
      return Optional.empty(); // it ended while it was looked at
    }
  }

  private static String command(Path folder) throws IOException {
    return text(folder.resolve("cmdline")).replace('\0', ' ').strip();
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  private static String variable(String environment, String prefix) {
    return Stream.of(environment.split("\0", -1))
        .filter(entry -> entry.startsWith(prefix))
        .map(entry -> entry.substring(prefix.length()))
        .findFirst()
        .orElse("");
  }

  private static String line(String status, String prefix) {
    return status
        .lines()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()).strip())
        .findFirst()
        .orElse("");
  }
}
