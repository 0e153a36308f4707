package io.coxswain.node.csi;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.codec.Sha256;
import io.coxswain.client.volume.Claims;
import io.coxswain.node.filesystem.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Where volumes of drivers are, and the note of each, in kubelet's layout: drivers that run as pods
/// have these paths mounted.
///
///     pods/<uid>/volumes/kubernetes.io~csi/<name>/mount            for one pod
///     pods/<uid>/volumes/kubernetes.io~csi/<name>/vol_data.json
///     plugins/kubernetes.io/csi/volumeDevices/publish/<name>/<uid> a block device for one pod
///     plugins/kubernetes.io/csi/<driver>/<digest>/globalmount      staged for all
///     plugins/kubernetes.io/csi/<driver>/<digest>/vol_data.json
///
final class CsiFolders {

  private static final String NOTE = "vol_data.json";
  private static final String KIND = "kubernetes.io~csi";
  private static final String STAGED = "plugins/kubernetes.io/csi";
  private static final String MODE = "volumeMode";

  private final Path root;

  CsiFolders(Path root) {
    this.root = root;
  }

  /// Drivers' pods name these as folders that are there already, before there is any volume.
  void make() throws IOException {
    Files.createDirectories(root.resolve("pods"));
    Files.createDirectories(root.resolve("plugins"));
  }

  /// A volume as its note has it.
  ///
  /// @param folder that holds the note
  /// @param target where the pod has it
  /// @param ephemeral whether it is there only for its pod, and never staged
  record Noted(Path folder, Path target, String driver, String handle, boolean ephemeral) {}

  /// A volume that is staged, or may be.
  record Staged(String driver, String handle) {}

  /// Where a driver puts a volume for one pod: a folder, or the file of a block device.
  ///
  /// @param name of the persistent volume, or the pod's volume
  Path target(String podUid, String name, boolean device) {
    return device
        ? root.resolve(STAGED)
            .resolve("volumeDevices/publish")
            .resolve(name.replace('/', '~'))
            .resolve(podUid)
        : published(podUid, name).resolve("mount");
  }

  /// The note's words on what sort of volume it is.
  static Map<String, String> mode(boolean device) {
    return device ? Map.of(MODE, Claims.BLOCK) : Map.of();
  }

  /// @param name of the persistent volume, or the pod's volume
  Path published(String podUid, String name) {
    return pod(podUid).resolve("volumes").resolve(KIND).resolve(name.replace('/', '~'));
  }

  private Path pod(String podUid) {
    return root.resolve("pods").resolve(podUid);
  }

  Path staged(String driver, String handle) {
    return root.resolve(STAGED).resolve(driver).resolve(Sha256.hex(handle));
  }

  Path stagingTarget(String driver, String handle) {
    return staged(driver, handle).resolve("globalmount");
  }

  void note(Path folder, Map<String, String> content) throws IOException {
    Files.createDirectories(folder);
    Path next = folder.resolve(NOTE + ".new");
    Files.write(next, JsonTrees.bytes(new LinkedHashMap<>(content)));
    Files.move(
        next,
        folder.resolve(NOTE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /// What a pod has.
  List<Noted> of(String podUid) throws IOException {
    List<Noted> noted = new ArrayList<>();
    for (Path folder : children(pod(podUid).resolve("volumes").resolve(KIND))) {
      try {
        JsonNode note = JsonTrees.read(Files.readAllBytes(folder.resolve(NOTE)));
        noted.add(
            new Noted(
                folder,
                target(
                    podUid,
                    String.valueOf(folder.getFileName()),
                    note.path(MODE).asString("").equals(Claims.BLOCK)),
                note.path("driverName").asString(""),
                note.path("volumeHandle").asString(""),
                note.path("volumeLifecycleMode").asString("").equals("Ephemeral")));
      } catch (NoSuchFileException e) {
        FileTree.delete(folder); // nothing was done yet
      } catch (JacksonException e) {
        throw new IOException("the note in %s cannot be read".formatted(folder), e);
      }
    }
    return noted;
  }

  /// What all pods have.
  List<Noted> all() throws IOException {
    List<Noted> noted = new ArrayList<>();
    for (Path pod : children(root.resolve("pods"))) {
      noted.addAll(of(String.valueOf(pod.getFileName())));
    }
    return noted;
  }

  /// What is staged for pods of any number.
  List<Staged> allStaged() throws IOException {
    List<Staged> all = new ArrayList<>();
    for (Path driver : children(root.resolve(STAGED))) {
      for (Path folder : children(driver)) {
        try {
          JsonNode note = JsonTrees.read(Files.readAllBytes(folder.resolve(NOTE)));
          all.add(
              new Staged(
                  note.path("driverName").asString(""), note.path("volumeHandle").asString("")));
        } catch (NoSuchFileException e) {
          // of block devices, or nothing was done yet
        } catch (JacksonException e) {
          throw new IOException("the note in %s cannot be read".formatted(folder), e);
        }
      }
    }
    return all;
  }

  /// Removes the note and its place, which must be empty by now.
  void forget(Path folder, Path place) throws IOException {
    Files.deleteIfExists(place);
    Path above = Objects.requireNonNull(place.getParent());
    if (!above.equals(folder) && Files.isDirectory(above) && children(above).isEmpty()) {
      Files.deleteIfExists(above); // of a device, of which no other pod has a file
    }
    Files.deleteIfExists(folder.resolve(NOTE));
    Files.deleteIfExists(folder);
  }

  /// Removes the folders of a pod that has nothing any more.
  void forgetPod(String podUid) throws IOException {
    Path volumes = pod(podUid).resolve("volumes");
    for (Path folder : List.of(volumes.resolve(KIND), volumes, pod(podUid))) {
      if (Files.isDirectory(folder) && children(folder).isEmpty()) {
        Files.deleteIfExists(folder);
      }
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }
}
