package io.coxswain.node.volume;

import io.coxswain.api.core.v1.NFSVolumeSource;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Processes;
import io.coxswain.node.host.Processes.Command;
import io.coxswain.node.host.Processes.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Directories of NFS servers, mounted by the machine's own `mount.nfs` (mount.nfs(8)), which looks
/// up the server and finds out what it speaks.
public final class NfsMounts {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path program;
  private final Processes processes;
  private final Mounts mounts;

  /// @param program `mount.nfs`, which may not be there
  public NfsMounts(Path program, Processes processes, Mounts mounts) {
    this.program = program;
    this.processes = processes;
    this.mounts = mounts;
  }

  /// Mounts it, unless it is. Blocks, for two minutes at most.
  void mount(NFSVolumeSource source, List<String> options, boolean readOnly, Path place)
      throws VolumeException, IOException, InterruptedException {
    if (!Files.isExecutable(program)) {
      throw new VolumeException(
          "%s is not on this node: install the package nfs-common".formatted(program));
    }
    Files.createDirectories(place);
    if (mounts.isMounted(place)) {
      return;
    }
    String share = source.getServer() + ":" + source.getPath();
    List<String> all = new ArrayList<>(options);
    if (readOnly) {
      all.add("ro");
    }
    List<String> command = new ArrayList<>(List.of(program.toString(), share, place.toString()));
    if (!all.isEmpty()) {
      command.add("-o");
      command.add(String.join(",", all));
    }
    Outcome outcome = processes.run(Command.of(command).within(PATIENCE));
    if (!outcome.ok()) {
      throw new VolumeException(
          "mount of %s failed: exit status %d: %s"
              .formatted(share, outcome.exit(), outcome.err().strip()));
    }
  }
}
