package io.coxswain.deploy;

import io.coxswain.node.host.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The folder in which vendors' plugins find the agent. Drivers that run as pods mount volumes in
/// it for the agent, which must see them: where the machine's mounts do not spread by themselves,
/// the folder is mounted onto itself as one whose do. That outlives the agent, as do its
/// containers; `node-cleanup` takes it away.
final class SharedFolder {

  /// In the run folder; has the path of what was mounted.
  private static final String NOTE = "shared-folder";

  private SharedFolder() {}

  /// @param run what is gone after a restart of the machine
  static void make(Path folder, Path run, Mounts mounts) throws IOException {
    Files.createDirectories(folder);
    Files.createDirectories(run);
    if (mounts.share(folder)) {
      Files.writeString(run.resolve(NOTE), folder.toRealPath().toString());
    }
  }
}
