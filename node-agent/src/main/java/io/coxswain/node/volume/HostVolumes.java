package io.coxswain.node.volume;

import io.coxswain.api.core.v1.EmptyDirVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.filesystem.DiskMeter;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.Errno;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Mounts.Flag;
import io.coxswain.node.host.SystemCallException;
import io.coxswain.node.podsource.ConfigObjects;
import io.coxswain.node.podsource.TokenSource;
import io.coxswain.node.runtime.PodResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// [Volumes] below one folder of the node:
///
///     <pod uid>/volumes/<name>                  emptyDir, ConfigMap, downward API, NFS
///     <pod uid>/claims/<name>                   which persistent volume it is
///     <pod uid>/sub-paths/<container>/<mount>   parts of volumes
///
///     .memory/<pod uid>/<name>                  Secret and projected volumes
///
/// What may hold secrets is in memory (tmpfs), never on disk. All of it shares one mount: each line
/// in the machine's mount table makes every start of a container slower. Needs root.
public final class HostVolumes implements Volumes {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}");

  private static final String MEMORY = ".memory";

  /// tmpfs takes only what is in it.
  private static final String MEMORY_OPTIONS = "size=1g,mode=0700";

  /// A Secret holds a megabyte at most, a projected volume several: one pod shall not fill what all
  /// share.
  private static final long MOST_BYTES = 64 << 20;

  private final Path root;
  private final Path memory;
  private final VolumeFiles files;
  private final PodTokens tokens;
  private final Mounts mounts;
  private final SubPaths subPaths;
  private final ClaimVolumes claims;
  private final long nodeMemoryBytes;
  private final Clock clock;
  private volatile boolean knowsNoSwap = true;

  /// @param root folder of all pods' volumes, made when missing
  public HostVolumes(
      Path root,
      ConfigObjects objects,
      TokenSource tokens,
      ClaimVolumes claims,
      Mounts mounts,
      NodeCapacity node,
      Clock clock)
      throws IOException {
    this.root = Files.createDirectories(root.toAbsolutePath());
    // world-readable files are for the pod's users, not for the host's
    Files.setPosixFilePermissions(this.root, PosixFilePermissions.fromString("rwx------"));
    LinuxFiles.spreadFolders(this.root);
    this.memory = this.root.resolve(MEMORY);
    this.tokens = new PodTokens(tokens, clock);
    this.files = new VolumeFiles(objects, this.tokens, node);
    this.claims = claims;
    this.mounts = mounts;
    this.subPaths = new SubPaths(mounts);
    this.nodeMemoryBytes = node.memoryBytes();
    this.clock = clock;
  }

  @Override
  public Map<String, PodVolume> setUp(Pod pod) throws VolumeException, InterruptedException {
    tokens.looked(pod.getMetadata().getUid());
    Map<String, PodVolume> ready = new HashMap<>();
    VolumeException failure = null;
    for (Volume volume : pod.getSpec().getVolumesList()) {
      if (volume.getVolumeSource().hasImage()) {
        continue; // comes with the images of the containers that mount it
      }
      try {
        ready.put(volume.getName(), setUp(pod, volume));
      } catch (VolumeException | IOException | ApiException e) {
        // the others are brought up to date all the same
        if (failure == null) {
          failure =
              new VolumeException(
                  "MountVolume.SetUp failed for volume \"%s\": %s"
                      .formatted(volume.getName(), e.getMessage()),
                  e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return ready;
  }

  private PodVolume setUp(Pod pod, Volume volume)
      throws VolumeException, IOException, InterruptedException {
    VolumeSource source = volume.getVolumeSource();
    if (source.hasHostPath()) {
      return new PodVolume(HostPaths.prepare(source.getHostPath()), false);
    }
    Path own = pod(pod.getMetadata().getUid());
    Path folder = own.resolve("volumes").resolve(safe(volume.getName()));
    if (ClaimVolumes.concerns(volume)) {
      return claims.setUp(pod, volume, own, folder);
    }
    if (source.hasNfs()) {
      return claims.setUpNfs(pod, volume, folder);
    }
    if (source.hasCsi()) {
      return claims.setUpDriven(pod, volume);
    }
    Optional<Integer> group =
        pod.getSpec().getSecurityContext().hasFsGroup()
            ? Optional.of((int) pod.getSpec().getSecurityContext().getFsGroup())
            : Optional.empty();
    boolean plain = source.hasConfigMap() || source.hasDownwardAPI();
    if (!plain && !source.hasSecret() && !source.hasProjected() && !isEmptyDir(source)) {
      throw new VolumeException("volumes of kind %s are not supported yet".formatted(kind(source)));
    }
    if (isEmptyDir(source)) {
      emptyDir(pod, folder, source.getEmptyDir(), group);
      return new PodVolume(folder, false);
    }
    if (!plain) {
      folder = inMemory(pod, folder);
    }
    return new PodVolume(filled(pod, source, folder, group), true);
  }

  /// What is there stays as it is while nobody can say what it should be.
  private Path filled(Pod pod, VolumeSource source, Path folder, Optional<Integer> group)
      throws VolumeException, IOException {
    AtomicFiles atomic = new AtomicFiles(folder, clock);
    Map<String, FileContent> wanted;
    try {
      wanted = shared(files.of(pod, source), group);
    } catch (ApiException e) {
      if (!isUnreachable(e) || !atomic.written()) {
        throw e;
      }
      tokens.lookAgain(pod.getMetadata().getUid());
      return folder;
    }
    long bytes = wanted.values().stream().mapToLong(file -> file.bytes().size()).sum();
    if (bytes > MOST_BYTES) {
      throw new VolumeException(
          "its files have %d bytes, more than the %d that such a volume may have"
              .formatted(bytes, MOST_BYTES));
    }
    makeFolder(folder, 0755, Optional.empty());
    atomic.write(wanted, group);
    return folder;
  }

  private static boolean isUnreachable(ApiException e) {
    return e.error() instanceof ApiError.Unavailable || e.error() instanceof ApiError.Timeout;
  }

  /// @param own where an agent before this one mounted a tmpfs for this volume alone, if it did
  private Path inMemory(Pod pod, Path own) throws IOException {
    if (Files.isDirectory(own) && isMountPoint(own)) {
      return own;
    }
    synchronized (memory) {
      Files.createDirectories(memory);
      if (!isMountPoint(memory)) {
        mountTmpfs(memory, MEMORY_OPTIONS);
      }
    }
    return memory.resolve(pod.getMetadata().getUid()).resolve(String.valueOf(own.getFileName()));
  }

  @Override
  public Instant dueAt(Pod pod) {
    String uid = pod.getMetadata().getUid();
    Instant token = tokens.dueAt(uid);
    Instant driver = claims.dueAt(uid);
    return driver.isBefore(token) ? driver : token;
  }

  /// A source that says nothing is an emptyDir, as the API server's default has it.
  private static boolean isEmptyDir(VolumeSource source) {
    return source.hasEmptyDir() || source.equals(VolumeSource.getDefaultInstance());
  }

  private static String kind(VolumeSource source) {
    return source.getAllFields().keySet().stream()
        .map(field -> field.getName())
        .findFirst()
        .orElse("unknown");
  }

  /// With `fsGroup`, the group may read what its owner may.
  private static Map<String, FileContent> shared(
      Map<String, FileContent> files, Optional<Integer> group) {
    if (group.isEmpty()) {
      return files;
    }
    Map<String, FileContent> shared = new HashMap<>();
    files.forEach(
        (path, file) -> shared.put(path, new FileContent(file.bytes(), file.mode() | 0440)));
    return shared;
  }

  private void emptyDir(Pod pod, Path folder, EmptyDirVolumeSource source, Optional<Integer> group)
      throws VolumeException, IOException {
    // with a group, what is made in it belongs to the group, too
    int mode = group.isPresent() ? 02777 : 0777;
    switch (source.getMedium()) {
      case "" -> makeFolder(folder, mode, group);
      case "Memory" -> {
        makeFolder(folder, mode, group);
        if (!isMountPoint(folder)) {
          String owner = group.map(id -> ",gid=" + id).orElse("");
          long size = memorySize(pod.getSpec(), source);
          // as a tmpfs is by itself: nobody takes away what is another's
          mountTmpfs(folder, "size=%d,mode=%o%s".formatted(size, mode | 01000, owner));
        }
      }
      default -> {
        String options = HugePageMounts.options(pod, source);
        makeFolder(folder, mode, group);
        if (!isMountPoint(folder)) {
          String owner = group.map(id -> ",gid=" + id).orElse("");
          EnumSet<Flag> flags = EnumSet.of(Flag.NO_SUID, Flag.NO_DEV);
          mounts.mount(
              "nodev", folder, "hugetlbfs", flags, options + ",mode=%o".formatted(mode) + owner);
        }
      }
    }
  }

  /// What it may hold at the most: its own limit, and no more than the pod may have of memory, or
  /// the machine has.
  private long memorySize(PodSpec spec, EmptyDirVolumeSource source) {
    long size = nodeMemoryBytes;
    long ofPod = PodResources.of(spec).memoryBytes();
    if (ofPod > 0) {
      size = Math.min(size, ofPod);
    }
    long own = source.hasSizeLimit() ? Quantities.whole(source.getSizeLimit()) : 0;
    return own > 0 ? Math.min(size, own) : size;
  }

  /// Not to be swapped out, where the kernel (6.4 and later) can promise that. One that cannot is
  /// asked once: it writes each refusal to its log.
  private void mountTmpfs(Path folder, String options) throws IOException {
    EnumSet<Flag> flags = EnumSet.of(Flag.NO_SUID, Flag.NO_DEV);
    if (knowsNoSwap) {
      try {
        mounts.mount("tmpfs", folder, "tmpfs", flags, options + ",noswap");
        return;
      } catch (SystemCallException e) {
        if (e.errno() != Errno.EINVAL) {
          throw e;
        }
      }
    }
    mounts.mount("tmpfs", folder, "tmpfs", flags, options);
    knowsNoSwap = false;
  }

  @Override
  public Path subPath(
      Pod pod, PodVolume volume, String container, VolumeMount mount, String subPath)
      throws VolumeException {
    Path folder = pod(pod.getMetadata().getUid()).resolve("sub-paths");
    try {
      return subPaths.bind(folder, volume, safe(container), mount.getMountPath(), subPath);
    } catch (VolumeException e) {
      throw new VolumeException("volume \"%s\": %s".formatted(mount.getName(), e.getMessage()), e);
    }
  }

  @Override
  public void tearDown(String podUid) throws IOException, InterruptedException {
    Path folder = root.resolve(safeUid(podUid));
    tokens.forget(podUid);
    // parts of a volume first: they keep it busy
    subPaths.clear(folder.resolve("sub-paths"));
    claims.takeBack(podUid);
    FileTree.delete(memory.resolve(podUid));
    if (!Files.isDirectory(folder)) {
      return;
    }
    mounts.unmountBelow(folder);
    boolean mounted = mounts.list().stream().anyMatch(point -> point.target().startsWith(folder));
    if (mounted) {
      throw new IOException("something is still mounted below %s: not deleted".formatted(folder));
    }
    FileTree.delete(folder);
  }

  @Override
  public Map<String, Path> folders(Pod pod) {
    String uid = safeUid(pod.getMetadata().getUid());
    Map<String, Path> folders = new HashMap<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      VolumeSource source = volume.getVolumeSource();
      String name = volume.getName();
      boolean own = isEmptyDir(source) || source.hasConfigMap() || source.hasDownwardAPI();
      if (!NAME.matcher(name).matches() || !(own || source.hasSecret() || source.hasProjected())) {
        continue;
      }
      Path plain = root.resolve(uid).resolve("volumes").resolve(name);
      Path folder = own || Files.isDirectory(plain) ? plain : memory.resolve(uid).resolve(name);
      if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        folders.put(name, folder);
      }
    }
    return folders;
  }

  @Override
  public Map<String, Measure> measures(Pod pod) {
    return claims.measures(pod.getMetadata().getUid());
  }

  @Override
  public Optional<VolumeFigures> figures(Measure measure) throws IOException {
    return switch (measure) {
      case Measure.FileSystem one ->
          Optional.of(VolumeFigures.of(DiskMeter.space(one.folder()), clock.instant()));
      case Measure.Device one -> Optional.of(BlockDevices.figures(one.file(), clock.instant()));
      case Measure.Driver one -> claims.figures(one);
    };
  }

  @Override
  public Collection<String> owners() throws IOException {
    Set<String> owners = new HashSet<>();
    for (Path folder : List.of(root, memory)) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> pods = Files.list(folder)) {
          pods.forEach(pod -> owners.add(String.valueOf(pod.getFileName())));
        }
      }
    }
    owners.remove(MEMORY);
    return owners;
  }

  /// Whether a pod here has, or may still have, the persistent volume.
  public boolean isUsed(String persistentVolume) throws IOException {
    return ClaimVolumes.isUsed(root, persistentVolume);
  }

  private Path pod(String uid) throws VolumeException {
    if (!NAME.matcher(uid).matches()) {
      throw new VolumeException("the pod's uid \"%s\" is none".formatted(uid));
    }
    return root.resolve(uid);
  }

  private static String safeUid(String uid) {
    if (!NAME.matcher(uid).matches()) {
      throw new IllegalArgumentException("no pod has the uid " + uid);
    }
    return uid;
  }

  private static String safe(String name) throws VolumeException {
    if (!NAME.matcher(name).matches()) {
      throw new VolumeException("\"%s\" cannot be a name".formatted(name));
    }
    return name;
  }

  /// There with its owner and mode, or not at all.
  private static void makeFolder(Path folder, int mode, Optional<Integer> group)
      throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path parent = Files.createDirectories(Objects.requireNonNull(folder.getParent()));
    Path fresh = parent.resolve(".new-" + folder.getFileName());
    FileTree.delete(fresh);
    Files.createDirectory(fresh);
    if (group.isPresent()) {
      Files.setAttribute(fresh, "unix:gid", group.get());
    }
    LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, fresh.toString(), mode);
    Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  private static boolean isMountPoint(Path folder) throws IOException {
    Object own = Files.getAttribute(folder, "unix:dev");
    return !own.equals(Files.getAttribute(Objects.requireNonNull(folder.getParent()), "unix:dev"));
  }
}
