package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The folder of a node's manifests. A file that cannot be understood hurts no other, and while it
/// is there, what it said when it could still holds: a slip of the pen ends no pod. Used by one
/// thread.
final class ManifestFolder {

  private static final long MOST_BYTES = 10L << 20;

  private final Path folder;
  private final String node;
  private final Map<String, List<Pod>> understood = new HashMap<>();

  /// What the folder says.
  ///
  /// @param pods one for each namespace and name
  /// @param problems by file
  /// @param unsure whether a file is there of which nobody knows what it said before
  record Reading(List<Pod> pods, Map<String, String> problems, boolean unsure) {
    Reading {
      pods = List.copyOf(pods);
      problems = Map.copyOf(problems);
    }
  }

  ManifestFolder(Path folder, String node) {
    this.folder = folder;
    this.node = node;
  }

  Path path() {
    return folder;
  }

  /// A folder that is not there says that there are no pods.
  ///
  /// @throws IOException when it cannot be listed
  Reading read() throws IOException {
    Map<String, String> problems = new LinkedHashMap<>();
    List<Pod> pods = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<String> there = new HashSet<>();
    boolean unsure = false;
    for (Path file : files()) {
      String name = String.valueOf(file.getFileName());
      there.add(name);
      try {
        understood.put(name, Manifest.read(content(file), name, node));
      } catch (ManifestException | IOException e) {
        problems.put(name, String.valueOf(e.getMessage()));
        unsure |= !understood.containsKey(name);
      }
      for (Pod pod : understood.getOrDefault(name, List.of())) {
        String full = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        if (names.add(full)) {
          pods.add(pod);
        } else {
          problems.put(
              name, "metadata.name: another manifest describes the pod %s, too".formatted(full));
        }
      }
    }
    understood.keySet().retainAll(there);
    return new Reading(pods, problems, unsure);
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static byte[] content(Path file) throws IOException, ManifestException {
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new ManifestException(
          "it has %d bytes: a manifest may have %d".formatted(size, MOST_BYTES));
    }
    return Files.readAllBytes(file);
  }
}
