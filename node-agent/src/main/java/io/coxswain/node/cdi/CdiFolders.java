package io.coxswain.node.cdi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The folders with CDI files, as `/etc/cdi` and `/var/run/cdi`. A later folder comes before an
/// earlier one; a device that two files of one folder describe is none, for nobody could say which
/// was meant. They are read when somebody asks for a device: few containers do, and what is on the
/// disk then is what counts.
public final class CdiFolders {

  private static final long MOST_BYTES = 4 << 20;

  private final List<Path> folders;

  /// @param folders the one that counts most comes last
  public CdiFolders(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  // One device, and the file that has it.
  private record Found(int folder, Path file, CdiSpec spec) {}

  /// What a container gets for these devices together. Blocks on the disk.
  ///
  /// @param names full names; the same one twice counts once
  /// @throws CdiException naming the devices that are not there, or what is wrong about one
  public ContainerEdits edits(Collection<String> names) throws CdiException {
    Set<CdiName> wanted = new LinkedHashSet<>();
    for (String name : names) {
      wanted.add(CdiName.parse(name));
    }
    if (wanted.isEmpty()) {
      return ContainerEdits.NONE;
    }
    List<String> faults = new ArrayList<>();
    Map<CdiName, Found> found = read(faults);
    Set<String> missing = new TreeSet<>();
    wanted.stream()
        .filter(name -> !found.containsKey(name))
        .map(CdiName::toString)
        .forEach(missing::add);
    if (!missing.isEmpty()) {
      throw new CdiException(
          "unresolvable CDI devices %s in %s%s"
              .formatted(
                  String.join(", ", missing),
                  folders,
                  faults.isEmpty() ? "" : "; " + String.join("; ", faults)));
    }
    ContainerEdits edits = ContainerEdits.NONE;
    Set<Path> files = new HashSet<>();
    for (CdiName name : wanted) {
      Found one = found.get(name);
      if (one == null) {
        continue;
      }
      try {
        if (files.add(one.file)) {
          edits = edits.plus(CdiSpec.resolve(one.spec.edits()));
        }
        edits = edits.plus(one.spec.device(name.device()));
      } catch (CdiException e) {
        throw new CdiException(
            "CDI device %s of %s: %s".formatted(name, one.file, e.getMessage()), e);
      }
    }
    return edits;
  }

  private Map<CdiName, Found> read(List<String> faults) {
    Map<CdiName, Found> found = new HashMap<>();
    Set<CdiName> conflicts = new HashSet<>();
    for (int i = 0; i < folders.size(); i++) {
      for (Path file : files(folders.get(i), faults)) {
        CdiSpec spec;
        try {
          if (Files.size(file) > MOST_BYTES) {
            throw new CdiException("it is larger than %d bytes".formatted(MOST_BYTES));
          }
          spec = CdiSpec.read(Files.readAllBytes(file));
        } catch (CdiException | IOException e) {
          faults.add("%s is not used: %s".formatted(file, e.getMessage()));
          continue;
        }
        for (String device : spec.devices().keySet()) {
          CdiName name = new CdiName(spec.kind(), device);
          Found before = found.put(name, new Found(i, file, spec));
          conflicts.remove(name);
          if (before != null && before.folder == i) {
            faults.add("%s is in %s and in %s".formatted(name, before.file, file));
            conflicts.add(name);
          }
        }
      }
    }
    found.keySet().removeAll(conflicts);
    return found;
  }

  private static List<Path> files(Path folder, List<String> faults) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(json|yaml|yml)"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      faults.add("%s cannot be read: %s".formatted(folder, e.getMessage()));
      return List.of();
    }
  }
}
