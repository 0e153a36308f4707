package io.coxswain.node.image;

import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.Errno;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Mounts.Flag;
import io.coxswain.node.host.SystemCallException;
import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Root file systems of containers: overlayfs of an image's layers and a private writable one.
///
///     containers/<id>/upper<n>    what the container wrote; work<n> is overlayfs's own
///
/// and, in the folder of what ends with the machine's run,
///
///     rootfs/<id>/source          what it stands on, for collecting what nobody uses
///     rootfs/<id>/rootfs          the mount
///
/// The kernel and these files are the only state. Safe for use by many threads, one at a time for
/// one container.
final class RootFilesystems implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RootFilesystems.class);
  private static final Pattern CONTAINER_ID = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

  /// mount(2) takes one page of options.
  private static final int MAX_OPTIONS = 4000;

  /// One overlay of a root file system.
  ///
  /// @param at empty for the root, or a folder in it, as `usr`
  /// @param lowers read-only layers, the topmost first, at least one
  record Overlay(String at, List<Path> lowers) {
    Overlay {
      lowers = List.copyOf(lowers);
    }
  }

  private final ImageFolders folders;
  private final Mounts mounts;
  // writable layers can be large: they are deleted behind the caller's back, one after the other
  private final ExecutorService reaper = reaper();
  private final AtomicBoolean volatileKnown = new AtomicBoolean(true);

  RootFilesystems(ImageFolders folders, Mounts mounts) {
    this.folders = folders;
    this.mounts = mounts;
  }

  /// Idempotent.
  ///
  /// @param source what the file system stands on, one line
  /// @param users whose root has what belongs to root in the layers
  Path mount(String containerId, String source, List<Overlay> overlays, UserRange users)
      throws IOException {
    Path container = container(containerId);
    Path mounted = mounted(containerId);
    Path rootfs = mounted.resolve("rootfs");
    try {
      Files.createDirectory(container);
      Files.createDirectory(mounted);
      Files.writeString(mounted.resolve("source"), source);
      Files.createDirectory(rootfs);
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(rootfs) && isMountPoint(rootfs)) {
        boolean whole = true;
        for (Overlay overlay : overlays) {
          whole = whole && isMountPoint(rootfs.resolve(overlay.at()));
        }
        if (whole) {
          return rootfs;
        }
      }
      reset(container, source, rootfs);
    }
    try {
      for (int i = 0; i < overlays.size(); i++) {
        mount(container, rootfs, i, overlays.get(i), users);
      }
    } catch (IOException e) {
      mounts.unmount(rootfs);
      throw e;
    }
    return rootfs;
  }

  /// Layers that nobody writes to. Idempotent.
  ///
  /// @param empty folder that stands below them: overlayfs takes no layer alone
  Path mountReadOnly(String id, String source, List<Path> lowers, Path empty) throws IOException {
    Path container = Files.createDirectories(container(id));
    Path mounted = Files.createDirectories(mounted(id));
    Path rootfs = Files.createDirectories(mounted.resolve("rootfs"));
    reset(container, source, rootfs);
    List<Path> layers = new ArrayList<>(lowers);
    layers.add(empty);
    if (lowers.isEmpty()) {
      layers.add(container);
    }
    mountLayers(rootfs, layers, "", this::mountReadOnly);
    return rootfs;
  }

  /// Where a root file system is mounted, if it is.
  Optional<Path> find(String id) throws IOException {
    Path rootfs = mounted(id).resolve("rootfs");
    return Files.isDirectory(rootfs) && isMountPoint(rootfs)
        ? Optional.of(rootfs)
        : Optional.empty();
  }

  /// The agent, or the machine, ended in the middle. What was written in the container stays.
  private void reset(Path container, String source, Path rootfs) throws IOException {
    mounts.unmountBelow(rootfs);
    Files.createDirectories(container);
    Files.createDirectories(rootfs);
    Files.writeString(rootfs.resolveSibling("source"), source);
    try (Stream<Path> children = Files.list(container)) {
      for (Path child : children.toList()) {
        // overlayfs refuses to mount on the work folder of a mount that ended with the machine
        if (String.valueOf(child.getFileName()).startsWith("work")) {
          FileTree.delete(child);
        }
      }
    }
  }

  private void mount(Path container, Path rootfs, int number, Overlay overlay, UserRange users)
      throws IOException {
    Path upper = container.resolve("upper" + number);
    Path work = container.resolve("work" + number);
    Path target = rootfs.resolve(overlay.at());
    if (!Files.isDirectory(upper)) {
      Files.createDirectory(upper);
      copyMode(overlay.lowers().getFirst(), upper, users);
    }
    Files.createDirectories(work);
    String own = ",upperdir=%s,workdir=%s".formatted(escaped(upper), escaped(work));
    if (users.isOwn()) {
      mountMapped(target, overlay.lowers(), own, users);
    } else {
      mountLayers(target, overlay.lowers(), own, this::mount);
    }
  }

  /// What a container of other users writes belongs to them on the disk, too; what is below it is
  /// shown as theirs. The places where it is shown are needed only while overlayfs looks at them.
  private void mountMapped(Path target, List<Path> lowers, String own, UserRange users)
      throws IOException {
    Path folder = folders.newScratch("mapped");
    List<Path> mapped = new ArrayList<>();
    try {
      for (Path lower : lowers) {
        Path place = Files.createDirectory(folder.resolve("" + mapped.size()));
        mapped.add(place);
        mounts.bindMapped(lower, place, false, true, users);
      }
      mountLayers(target, mapped, own, this::mount);
    } catch (SystemCallException e) {
      throw new IOException(
          "the layers of the image cannot be shown to other users than the node's: %s; the data folder must be on a file system with idmapped mounts (ext4, xfs, btrfs)"
              .formatted(e.getMessage()),
          e);
    } finally {
      for (Path place : mapped) {
        mounts.unmount(place);
        Files.delete(place); // never what is in it, should the mount have stayed
      }
      Files.delete(folder);
    }
  }

  @FunctionalInterface
  private interface Mounting {
    void mount(Path target, String options) throws IOException;
  }

  /// @param more options that follow the layers
  private void mountLayers(Path target, List<Path> lowers, String more, Mounting mounting)
      throws IOException {
    String layers = joined(lowers);
    String options = "lowerdir=" + layers + more;
    if (options.length() <= MAX_OPTIONS) {
      mounting.mount(target, options);
      return;
    }
    Path links = folders.newScratch("lowers");
    int descriptor = LinuxFiles.openDirectory(links.toString());
    try {
      StringBuilder names = new StringBuilder();
      for (int i = 0; i < lowers.size(); i++) {
        Files.createSymbolicLink(links.resolve("" + i), lowers.get(i).toAbsolutePath());
        names.append(i == 0 ? "" : ":").append("/proc/self/fd/" + descriptor + "/" + i);
      }
      mounting.mount(target, options.replace("lowerdir=" + layers, "lowerdir=" + names));
    } finally {
      LinuxFiles.close(descriptor);
      FileTree.delete(links);
    }
  }

  private void mountReadOnly(Path target, String options) throws IOException {
    mounts.mount("overlay", target, "overlay", EnumSet.of(Flag.NO_DEV, Flag.READ_ONLY), options);
  }

  /// With `volatile`, as what a container writes here does not outlive it: its fsyncs, and taking
  /// the file system away, need not wait for the disk. Kernels before 5.10 do not know it.
  private void mount(Path target, String options) throws IOException {
    EnumSet<Flag> flags = EnumSet.of(Flag.NO_DEV);
    if (volatileKnown.get()) {
      try {
        mounts.mount("overlay", target, "overlay", flags, options + ",volatile");
        return;
      } catch (SystemCallException e) {
        if (e.errno() != Errno.EINVAL) {
          throw e;
        }
      }
    }
    try {
      mounts.mount("overlay", target, "overlay", flags, options);
    } catch (SystemCallException e) {
      throw new IOException(
          "cannot mount a container's file system at %s: %s; the data folder must be on a file system that overlayfs can write to (ext4, xfs, btrfs), see dmesg"
              .formatted(target, e.getMessage()),
          e);
    }
    if (volatileKnown.getAndSet(false)) {
      log.info("this kernel has no volatile overlays: fsync in containers waits for the disk");
    }
  }

  /// Idempotent. The place is free when this returns, the disk soon after.
  void unmount(String containerId) throws IOException {
    Path mounted = mounted(containerId);
    Path rootfs = mounted.resolve("rootfs");
    while (Files.isDirectory(rootfs) && isMountPoint(rootfs)) {
      mounts.unmount(rootfs); // with what is mounted in it
    }
    Files.deleteIfExists(rootfs);
    Files.deleteIfExists(mounted.resolve("source"));
    Files.deleteIfExists(mounted);
    Path container = container(containerId);
    if (!Files.isDirectory(container)) {
      return;
    }
    Path grave = folders.newScratch("container");
    Files.move(container, grave.resolve("rest"));
    reaper.execute(() -> {
      try {
        FileTree.delete(grave);
      } catch (IOException e) {
        log.warn("{} cannot be deleted; it is tried again when the agent starts", grave, e);
      }
    });
  }

  Collection<String> owners() throws IOException {
    try (Stream<Path> all = Files.list(folders.containers())) {
      return all.map(container -> String.valueOf(container.getFileName())).toList();
    }
  }

  /// Where that stands what the container wrote.
  Optional<Path> written(String containerId) {
    return Optional.of(container(containerId)).filter(Files::isDirectory);
  }

  /// What the container's file system stands on, as given to [#mount]; empty when it is gone.
  String source(String containerId) throws IOException {
    try {
      return Files.readString(mounted(containerId).resolve("source"));
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private Path container(String id) {
    return folders.containers().resolve(checked(id));
  }

  private Path mounted(String id) {
    return folders.mounted().resolve(checked(id));
  }

  private static String checked(String id) {
    if (!CONTAINER_ID.matcher(id).matches()) {
      throw new IllegalArgumentException("no container has the id " + id);
    }
    return id;
  }

  /// An overlay has a device number of its own: one look at the folder, where the mount table would
  /// take as many as there are mounts.
  private static boolean isMountPoint(Path path) throws IOException {
    Path parent = Objects.requireNonNull(path.getParent());
    try {
      Object own = Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS);
      return !own.equals(Files.getAttribute(parent, "unix:dev", LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /// The writable layer's own folder is what shows as the root.
  private static void copyMode(Path from, Path to, UserRange users) throws IOException {
    var attributes = Files.readAttributes(from, "unix:uid,gid,mode");
    Files.setAttribute(to, "unix:uid", users.first() + (int) attributes.getOrDefault("uid", 0));
    Files.setAttribute(to, "unix:gid", users.first() + (int) attributes.getOrDefault("gid", 0));
    Files.setAttribute(to, "unix:mode", attributes.get("mode"));
  }

  private static String joined(List<Path> lowers) {
    return String.join(":", lowers.stream().map(RootFilesystems::escaped).toList());
  }

  private static String escaped(Path path) {
    return path.toAbsolutePath()
        .toString()
        .replace("\\", "\\\\")
        .replace(":", "\\:")
        .replace(",", "\\,");
  }

  private static ExecutorService reaper() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("rootfs-reaper").daemon().factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  @Override
  public void close() {
    reaper.shutdown();
  }
}
