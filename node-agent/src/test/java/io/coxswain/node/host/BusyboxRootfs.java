package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// The smallest root file system with a shell.
public final class BusyboxRootfs {

  private BusyboxRootfs() {}

  public static Path create(Path folder) throws IOException {
    for (String name : List.of("bin", "etc", "proc", "sys", "dev", "tmp", "root")) {
      Files.createDirectories(folder.resolve(name));
    }
    Files.copy(
        Path.of("/bin/busybox"),
        folder.resolve("bin/busybox"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.COPY_ATTRIBUTES);
    for (String applet :
        List.of(
            "sh",
            "sleep",
            "echo",
            "cat",
            "ls",
            "id",
            "true",
            "false",
            "hostname",
            "dd",
            "head",
            "tail",
            "seq",
            "nc",
            "httpd",
            "wget",
            "kill",
            "touch",
            "stty",
            "date",
            "env",
            "ps",
            "tr",
            "mount",
            "mknod",
            "grep",
            "wc",
            "yes",
            "ip")) {
      Path link = folder.resolve("bin").resolve(applet);
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, Path.of("busybox"));
    }
    Files.writeString(
        folder.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/tmp:/bin/sh\n");
    Files.writeString(folder.resolve("etc/group"), "root:x:0:\napp:x:1000:\nextra:x:2000:app\n");
    return folder;
  }
}
