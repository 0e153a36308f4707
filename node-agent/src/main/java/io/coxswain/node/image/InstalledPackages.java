package io.coxswain.node.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/// What the host's package manager says belongs to packages. Knows dpkg; with another one, or none,
/// names of common server software stand in for it.
///
/// @param configuration names directly below `/etc`
/// @param state folders below `/var`, as `/var/lib/nginx`, the outer before the inner
record InstalledPackages(Set<String> configuration, Set<String> state) {

  private static final Set<String> COMMON =
      Set.of(
          "apache2",
          "bind",
          "caddy",
          "fonts",
          "haproxy",
          "httpd",
          "java",
          "memcached",
          "my.cnf",
          "my.cnf.d",
          "mysql",
          "nginx",
          "nodejs",
          "perl",
          "php",
          "postgresql",
          "postgresql-common",
          "prometheus",
          "python3",
          "redis",
          "tomcat",
          "varnish");

  private static final int MAX_FOLDERS = 5_000;

  InstalledPackages {
    configuration = Set.copyOf(configuration);
  }

  /// Reads dpkg's lists of files. Blocks for some tens of milliseconds on a large system.
  static InstalledPackages read(Path root) throws IOException {
    Path info = root.resolve("var/lib/dpkg/info");
    if (!Files.isDirectory(info)) {
      return new InstalledPackages(COMMON, new TreeSet<>());
    }
    Set<String> configuration = new HashSet<>();
    Set<String> state = new TreeSet<>();
    try (DirectoryStream<Path> lists = Files.newDirectoryStream(info, "*.list")) {
      for (Path list : lists) {
        read(list, configuration, state);
      }
    }
    state.removeIf(folder -> !Files.isDirectory(root.resolve(folder.substring(1))));
    return new InstalledPackages(configuration, state);
  }

  private static void read(Path list, Set<String> configuration, Set<String> state)
      throws IOException {
    // as single bytes: names are compared, and not every one is UTF-8
    try (BufferedReader lines = Files.newBufferedReader(list, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("/etc/")) {
          int end = line.indexOf('/', 5);
          configuration.add(end < 0 ? line.substring(5) : line.substring(5, end));
        } else if (line.startsWith("/var/") && state.size() < MAX_FOLDERS) {
          state.add(line);
        }
      }
    }
  }
}
