package io.coxswain.node.runtime;

import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Signals;
import io.coxswain.node.image.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/// Takes away what stands on the node of a container, of which no more than its id need be known.
/// Idempotent.
final class Remains {

  private final PodFolders folders;
  private final Images images;
  private final ControlGroups controlGroups;
  private final MappedMounts mapped;

  Remains(PodFolders folders, Images images, ControlGroups controlGroups, MappedMounts mapped) {
    this.folders = folders;
    this.images = images;
    this.controlGroups = controlGroups;
    this.mapped = mapped;
  }

  /// Ends the monitor, if there is one: it would write of the container's end.
  void endMonitor(String id) throws IOException {
    Path file = folders.bundle(id).resolve("monitor.pid");
    if (Files.isRegularFile(file)) {
      int pid = Integer.parseInt(Files.readString(file).strip());
      if (Signals.hasArgument(pid, id)) {
        Signals.send(pid, "", Signals.SIGKILL);
      }
    }
  }

  /// Frees what it holds: what its bundle has stays.
  ///
  /// @param podGroups control groups of pods, in one of which it may be
  /// @param runtimes one of which has made it
  void free(String id, Collection<String> podGroups, Collection<OciRuntime> runtimes)
      throws IOException, InterruptedException {
    for (String group : podGroups) {
      controlGroups.remove(group + "/" + id);
    }
    mapped.clear(id); // first: a volume may be of a folder in which the others are
    for (OciRuntime runtime : runtimes) {
      runtime.forget(id);
    }
    images.unmountRootfs(id);
    Files.deleteIfExists(folders.sockets().resolve(id));
  }

  /// The last of it, by which another agent would have known that there was something.
  void deleteBundle(String id) throws IOException {
    DiskState.deleteAll(folders.bundle(id));
  }
}
