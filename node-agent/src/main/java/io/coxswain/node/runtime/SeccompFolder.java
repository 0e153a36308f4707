package io.coxswain.node.runtime;

import io.coxswain.node.filesystem.ConfinedFiles;
import io.coxswain.node.filesystem.ErrnoException;
import io.coxswain.node.host.Machine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/// The folder of the node in which the profiles lie that pods name (`seccompProfile.type:
/// Localhost`). Read at each start of a container, so a file that is put there later is found.
final class SeccompFolder {

  private static final int MOST_BYTES = 4 << 20;

  private final Path folder;
  private final Machine machine;

  SeccompFolder(Path folder, Machine machine) {
    this.folder = folder;
    this.machine = machine;
  }

  /// @param name path below the folder
  /// @param capabilities that the container has
  /// @throws IOException when it is not there, leads out of the folder, or is no profile
  Map<String, Object> read(String name, Set<String> capabilities) throws IOException {
    Path file = folder.resolve(name).normalize();
    if (name.isEmpty() || !file.startsWith(folder) || file.equals(folder)) {
      throw new IOException(
          "localhostProfile \"%s\" must be the path of a file below %s".formatted(name, folder));
    }
    byte[] content;
    try (InputStream in = Channels.newInputStream(ConfinedFiles.openByLinks(folder, file))) {
      content = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw new IOException("cannot load seccomp profile \"%s\": %s".formatted(file, why(e)), e);
    }
    if (content.length > MOST_BYTES) {
      throw new IOException(
          "cannot load seccomp profile \"%s\": it has more than %d bytes"
              .formatted(file, MOST_BYTES));
    }
    try {
      return new SeccompFile(machine.architecture(), machine.kernel(), capabilities).read(content);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "cannot load seccomp profile \"%s\": %s".formatted(file, e.getMessage()), e);
    }
  }

  private static String why(IOException e) {
    boolean missing =
        e instanceof NoSuchFileException
            || (e instanceof ErrnoException errno && errno.errno() == ErrnoException.ENOENT);
    return missing ? "no such file or directory" : String.valueOf(e.getMessage());
  }
}
