package io.coxswain.node.image;

import io.coxswain.node.image.ImageException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/// Which folders of the node may be an image (`host:///srv/app`): those with applications, and none
/// with the host's own configuration, state, secrets, homes or the agent's data.
final class HostFolders {

  /// These and all in them.
  private static final List<String> CLOSED =
      List.of(
          "/boot",
          "/dev",
          "/etc",
          "/home",
          "/lost+found",
          "/proc",
          "/root",
          "/run",
          "/sys",
          "/var/backups",
          "/var/cache",
          "/var/lib",
          "/var/log",
          "/var/mail",
          "/var/run",
          "/var/spool");

  private final Path data;

  /// @param data the agent's own folder
  HostFolders(Path data) {
    this.data = data;
  }

  /// The folder without symbolic links. What it is now: check again before use.
  ///
  /// @throws ImageException saying what is wrong with the folder and what to do
  Path check(Path folder) throws ImageException {
    Path real;
    try {
      real = folder.toRealPath();
      if (!Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
        throw new NotDirectoryException(folder.toString());
      }
      refuseIfClosed(folder, real, data.toRealPath());
    } catch (NoSuchFileException e) {
      throw refused(folder, "it does not exist on this node: put the application's files there", e);
    } catch (NotDirectoryException e) {
      throw refused(folder, "it is no folder", e);
    } catch (IOException e) {
      throw refused(folder, "it cannot be read: " + e.getMessage(), e);
    }
    return real;
  }

  private static void refuseIfClosed(Path folder, Path real, Path data) throws ImageException {
    if (data.startsWith(real) || real.startsWith(data)) {
      throw closed(folder, real, "it holds the node agent's data");
    }
    if (real.getNameCount() == 0 || real.equals(Path.of("/var"))) {
      throw closed(folder, real, "it holds the host's own data");
    }
    for (String closed : CLOSED) {
      if (real.startsWith(closed)) {
        throw closed(folder, real, "nothing in %s may be an image".formatted(closed));
      }
    }
  }

  private static ImageException closed(Path folder, Path real, String why) {
    String where = folder.equals(real) ? "" : " (it leads to %s)".formatted(real);
    return new ImageException(
        Reason.PULL,
        "image host://%s%s is not allowed: %s; use a folder such as /srv/app, or host:/// for the programs of the node"
            .formatted(folder, where, why));
  }

  private static ImageException refused(Path folder, String why, IOException cause) {
    return new ImageException(Reason.PULL, "image host://%s: %s".formatted(folder, why), cause);
  }
}
