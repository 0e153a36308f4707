package io.coxswain.node.image;

import io.coxswain.client.codec.Sha256;
import io.coxswain.node.filesystem.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The image `host:///`: a small folder with the chosen part of `/etc` and empty places for all
/// else, and the host's own `/usr` and `/opt` to mount into it. The small folder is made once and
/// shared by containers; it is made anew when the host's configuration changes, while running
/// containers keep theirs. Safe for use by many threads.
final class HostSystem {

  private static final Logger log = LoggerFactory.getLogger(HostSystem.class);

  /// Programs and libraries, the whole of them.
  private static final List<String> TREES =
      List.of("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt");

  private static final Map<String, String> EMPTY_FOLDERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("boot", "rwxr-xr-x"),
              Map.entry("dev", "rwxr-xr-x"),
              Map.entry("etc", "rwxr-xr-x"),
              Map.entry("home", "rwxr-xr-x"),
              Map.entry("media", "rwxr-xr-x"),
              Map.entry("mnt", "rwxr-xr-x"),
              Map.entry("proc", "r-xr-xr-x"),
              Map.entry("root", "rwx------"),
              Map.entry("run", "rwxr-xr-x"),
              Map.entry("run/lock", "rwxrwxrwt"),
              Map.entry("srv", "rwxr-xr-x"),
              Map.entry("sys", "r-xr-xr-x"),
              Map.entry("tmp", "rwxrwxrwt"),
              Map.entry("var", "rwxr-xr-x"),
              Map.entry("var/cache", "rwxr-xr-x"),
              Map.entry("var/lib", "rwxr-xr-x"),
              Map.entry("var/log", "rwxr-xr-x"),
              Map.entry("var/opt", "rwxr-xr-x"),
              Map.entry("var/spool", "rwxr-xr-x"),
              Map.entry("var/tmp", "rwxrwxrwt")));

  /// The runtime binds its own over these.
  private static final List<String> EMPTY_FILES =
      List.of("etc/hostname", "etc/hosts", "etc/resolv.conf");

  /// How long a look at the host's configuration holds.
  private static final Duration FRESH = Duration.ofSeconds(1);

  /// @param id changes with what is in it
  /// @param root the small folder
  /// @param trees names below the host's root, each a folder to mount at the same name
  record Generation(String id, Path root, List<String> trees) {
    Generation {
      trees = List.copyOf(trees);
    }
  }

  private final Path host;
  private final Path data;
  private final ImageFolders folders;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Generation current;
  private Instant checked = Instant.MIN;
  private @Nullable InstalledPackages packages;
  private String packagesAsOf = "";

  /// @param host `/`
  /// @param data the agent's own folder, which no container is to see
  HostSystem(Path host, Path data, ImageFolders folders, Clock clock) {
    this.host = host;
    this.data = data;
    this.folders = folders;
    this.clock = clock;
  }

  Path host() {
    return host;
  }

  /// As the host is now, a second at most ago. Blocks some milliseconds when it has to look, longer
  /// when something changed.
  Generation generation() throws IOException {
    lock.lock();
    try {
      Instant now = clock.instant();
      Generation known = current;
      boolean fresh = now.isBefore(checked.plus(FRESH)) && !now.isBefore(checked);
      if (known != null && fresh) {
        return known;
      }
      Generation found = look();
      current = found;
      checked = now;
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// Takes away generations that nobody mounts.
  ///
  /// @param used ids of those that containers stand on
  void retain(Set<String> used) throws IOException {
    lock.lock();
    try (Stream<Path> all = Files.list(folders.host())) {
      for (Path generation : all.toList()) {
        String id = String.valueOf(generation.getFileName());
        boolean isCurrent = current != null && current.id().equals(id);
        if (!isCurrent && !used.contains(id)) {
          FileTree.delete(generation);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private Generation look() throws IOException {
    InstalledPackages installed = installed();
    HostConfiguration configuration =
        new HostConfiguration(host.resolve("etc"), installed.configuration()::contains);
    SortedMap<String, PosixFileAttributes> chosen = configuration.select();
    List<String> trees = trees();
    refuseOwnData(trees);
    String id = fingerprint(chosen, trees);
    Path root = folders.host().resolve(id);
    if (!Files.isDirectory(root)) {
      Path fresh = folders.newScratch("host");
      try {
        compose(fresh, chosen, installed);
        Files.move(fresh, root);
      } catch (IOException | RuntimeException e) {
        FileTree.delete(fresh);
        throw e;
      }
      log.info("host:/// is composed anew of {} files of /etc", chosen.size());
    }
    return new Generation(id, root, trees);
  }

  /// What is in the folders that pods see as a whole, they see: the cluster's keys must not be.
  private void refuseOwnData(List<String> trees) throws IOException {
    Path own = data.toRealPath();
    for (String tree : trees) {
      if (own.startsWith(host.resolve(tree).toRealPath())) {
        throw new IOException(
            "host:/// shows /%s to pods, and this node keeps its data and keys there, in %s: have them elsewhere (COXSWAIN_DATA), as in /var/lib"
                .formatted(tree, own));
      }
    }
  }

  private InstalledPackages installed() throws IOException {
    String asOf =
        stamp(host.resolve("var/lib/dpkg/status")) + stamp(host.resolve("var/lib/dpkg/info"));
    InstalledPackages known = packages;
    if (known == null || !asOf.equals(packagesAsOf)) {
      known = InstalledPackages.read(host);
      packages = known;
      packagesAsOf = asOf;
    }
    return known;
  }

  private static String stamp(Path path) throws IOException {
    try {
      return Files.getLastModifiedTime(path).toInstant() + " ";
    } catch (NoSuchFileException e) {
      return "- ";
    }
  }

  /// Folders with something in them; links (`/bin` on most systems) are copied as links instead.
  private List<String> trees() throws IOException {
    List<String> trees = new ArrayList<>();
    for (String name : TREES) {
      Path tree = host.resolve(name);
      if (Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
        try (Stream<Path> children = Files.list(tree)) {
          if (children.findAny().isPresent()) {
            trees.add(name);
          }
        }
      }
    }
    return trees;
  }

  private String fingerprint(SortedMap<String, PosixFileAttributes> chosen, List<String> trees) {
    MessageDigest hash = Sha256.begin();
    hash.update((trees + packagesAsOf).getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<String, PosixFileAttributes> file : chosen.entrySet()) {
      PosixFileAttributes attributes = file.getValue();
      String line =
          "%s %s %d %s %s\n"
              .formatted(
                  file.getKey(),
                  attributes.lastModifiedTime().toInstant(),
                  attributes.size(),
                  PosixFilePermissions.toString(attributes.permissions()),
                  attributes.fileKey());
      hash.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(hash.digest(), 0, 12);
  }

  private void compose(
      Path into, SortedMap<String, PosixFileAttributes> chosen, InstalledPackages installed)
      throws IOException {
    setMode(into, "rwxr-xr-x");
    for (Map.Entry<String, String> folder : EMPTY_FOLDERS.entrySet()) {
      setMode(Files.createDirectory(into.resolve(folder.getKey())), folder.getValue());
    }
    for (String name : TREES) {
      Path tree = host.resolve(name);
      if (Files.isSymbolicLink(tree)) {
        Files.createSymbolicLink(into.resolve(name), Files.readSymbolicLink(tree));
      } else if (Files.isDirectory(tree)) {
        Files.createDirectory(into.resolve(name));
      }
    }
    Files.createSymbolicLink(into.resolve("var/run"), Path.of("/run"));
    Files.createSymbolicLink(into.resolve("var/lock"), Path.of("/run/lock"));
    for (Map.Entry<String, PosixFileAttributes> file : chosen.entrySet()) {
      copy(file.getKey(), file.getValue(), into.resolve("etc"));
    }
    for (String name : EMPTY_FILES) {
      Files.deleteIfExists(into.resolve(name));
      Files.createFile(into.resolve(name));
      setMode(into.resolve(name), "rw-r--r--");
    }
    Files.createSymbolicLink(into.resolve("etc/mtab"), Path.of("/proc/self/mounts"));
    for (String folder : installed.state()) {
      copyState(folder.substring(1), into);
    }
  }

  private void copy(String name, PosixFileAttributes attributes, Path etc) throws IOException {
    Path from = host.resolve("etc").resolve(name);
    Path to = etc.resolve(name);
    try {
      if (attributes.isSymbolicLink()) {
        Files.createSymbolicLink(to, Files.readSymbolicLink(from));
        return;
      }
      if (attributes.isDirectory()) {
        Files.createDirectory(to);
      } else {
        byte[] content = Files.readAllBytes(from);
        if (HostConfiguration.holdsKey(content)) {
          log.info("/etc/{} holds a private key and is kept from host:///", name);
          return;
        }
        boolean accounts = name.equals("passwd") || name.equals("group");
        Files.write(to, accounts ? HostConfiguration.withoutPasswords(content) : content);
        Files.setLastModifiedTime(to, attributes.lastModifiedTime());
      }
      Files.setPosixFilePermissions(to, attributes.permissions());
    } catch (NoSuchFileException e) {
      log.debug("/etc/{} is gone meanwhile", name);
    }
  }

  /// Programs expect the folders they log and keep state in; what is in the host's stays there.
  private void copyState(String folder, Path into) throws IOException {
    Path to = into.resolve(folder);
    Path from = host.resolve(folder);
    Path parent = to.getParent();
    boolean placeable = parent != null && Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS);
    if (!placeable || Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.createDirectory(to);
    Map<String, Object> owner =
        Files.readAttributes(from, "unix:uid,gid,mode", LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(to, "unix:uid", owner.get("uid"));
    Files.setAttribute(to, "unix:gid", owner.get("gid"));
    Files.setAttribute(to, "unix:mode", owner.get("mode"));
  }

  private static void setMode(Path path, String mode) throws IOException {
    boolean sticky = mode.endsWith("t");
    Set<PosixFilePermission> permissions =
        PosixFilePermissions.fromString(sticky ? mode.substring(0, 8) + "x" : mode);
    Files.setPosixFilePermissions(path, permissions);
    if (sticky) {
      Files.setAttribute(path, "unix:mode", 01777);
    }
  }
}
