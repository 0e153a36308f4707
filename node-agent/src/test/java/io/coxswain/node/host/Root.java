package io.coxswain.node.host;

import java.nio.file.Files;
import java.nio.file.Path;

/// Whether tests that need root can run here.
public final class Root {

  private Root() {}

  public static boolean present() {
    return System.getProperty("user.name").equals("root")
        && Files.isExecutable(Path.of("/usr/sbin/runc"));
  }
}
