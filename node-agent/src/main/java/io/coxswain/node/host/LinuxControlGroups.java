package io.coxswain.node.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Control groups through their file systems, as the mount table shows them.
public final class LinuxControlGroups implements ControlGroups {

  private static final Logger log = LoggerFactory.getLogger(LinuxControlGroups.class);
  private static final long PERIOD_MICROS = 100_000;
  private static final int REMOVE_TRIES = 200;
  private static final long UNCOUNTED = 1 << 20;
  private static final int SIGKILL = 9;
  private static final String HUGE_PAGES = "hugetlb";
  private static final Set<String> CONTROLLERS =
      Set.of(
          "cpu",
          "cpuacct",
          "cpuset",
          "memory",
          "devices",
          "freezer",
          "blkio",
          "pids",
          HUGE_PAGES,
          "net_cls",
          "net_prio",
          "perf_event",
          "rdma",
          "misc",
          "name=systemd");

  private final Set<String> missing = ConcurrentHashMap.newKeySet();
  private final Layout layout;
  private final Path unified;
  private final Map<String, Path> byController;
  private final Set<String> hugePages;

  private LinuxControlGroups(Layout layout, Path unified, Map<String, Path> byController)
      throws IOException {
    this.layout = layout;
    this.unified = unified;
    this.byController = Map.copyOf(byController);
    boolean bounded =
        layout == Layout.V2
            ? words(unified.resolve("cgroup.controllers")).contains(HUGE_PAGES)
            : byController.containsKey(HUGE_PAGES);
    this.hugePages = bounded ? Set.copyOf(HugePages.read(HugePages.SYSTEM).keySet()) : Set.of();
  }

  /// @throws IOException when no control groups are mounted
  public static LinuxControlGroups find(Mounts mounts) throws IOException {
    Map<String, Path> byController = new HashMap<>();
    Path unified = Path.of("");
    for (Mounts.MountPoint point : mounts.list()) {
      if (point.type().equals("cgroup2") && unified.toString().isEmpty()) {
        unified = point.target();
      } else if (point.type().equals("cgroup")) {
        for (String option : point.options().split(",", -1)) {
          if (CONTROLLERS.contains(option)) {
            byController.putIfAbsent(option, point.target());
          }
        }
      }
    }
    boolean hasUnified = !unified.toString().isEmpty();
    if (byController.isEmpty() && !hasUnified) {
      throw new IOException(
          "no control groups are mounted at /sys/fs/cgroup: mount cgroup2 there, or start systemd");
    }
    Layout layout = byController.isEmpty() ? Layout.V2 : hasUnified ? Layout.HYBRID : Layout.V1;
    return new LinuxControlGroups(layout, unified, byController);
  }

  @Override
  public Set<String> hugePages() {
    return hugePages;
  }

  @Override
  public Layout layout() {
    return layout;
  }

  @Override
  public void create(String path, Limits limits) throws IOException {
    if (layout == Layout.V2) {
      createUnified(path, limits);
      return;
    }
    for (String controller : List.of("cpu", "cpuacct", "memory", "pids")) {
      if (byController.containsKey(controller)) {
        Files.createDirectories(folder(controller, path));
      }
    }
    if (byController.containsKey("cpuset")) {
      inheritCpus(path);
    }
    write("cpu", path, "cpu.shares", limits.cpuShares());
    if (limits.cpuQuotaMicros() >= 0) {
      write("cpu", path, "cpu.cfs_period_us", PERIOD_MICROS);
      write("cpu", path, "cpu.cfs_quota_us", limits.cpuQuotaMicros());
    }
    write("memory", path, "memory.use_hierarchy", 1);
    write("memory", path, "memory.limit_in_bytes", limits.memoryBytes());
    // groups below are made with the same; it keeps the kernel from swapping to stay in a limit
    write("memory", path, "memory.swappiness", 0);
    write("pids", path, "pids.max", limits.processes());
  }

  private void createUnified(String path, Limits limits) throws IOException {
    Path folder = unified;
    for (Path part : Path.of(path.substring(1))) {
      allowBelow(folder);
      folder = folder.resolve(part);
      Files.createDirectories(folder);
    }
    Set<String> controllers = words(folder.resolve("cgroup.controllers"));
    if (limits.cpuShares() >= 0 && has("cpu", controllers)) {
      put(folder.resolve("cpu.weight"), Long.toString(UnifiedLimits.weight(limits.cpuShares())));
    }
    if (limits.cpuQuotaMicros() >= 0 && has("cpu", controllers)) {
      put(folder.resolve("cpu.max"), UnifiedLimits.max(limits.cpuQuotaMicros()));
    }
    if (limits.memoryBytes() >= 0 && has("memory", controllers)) {
      put(folder.resolve("memory.max"), Long.toString(limits.memoryBytes()));
    }
    Path swap = folder.resolve("memory.swap.max");
    if (Files.exists(swap)) { // a kernel may do without
      put(swap, "0");
    }
    if (limits.processes() >= 0 && has("pids", controllers)) {
      put(folder.resolve("pids.max"), Long.toString(limits.processes()));
    }
  }

  /// What the machine does not give, pods go without, as with v1; said once.
  private boolean has(String controller, Set<String> controllers) {
    boolean has = controllers.contains(controller);
    if (!has && missing.add(controller)) {
      log.warn("this machine's control groups have no {}: pods have no such limit", controller);
    }
    return has;
  }

  private static Set<String> words(Path file) throws IOException {
    return Set.of(Files.readString(file).strip().split(" ", -1));
  }

  private static void allowBelow(Path folder) throws IOException {
    Set<String> enabled = words(folder.resolve("cgroup.subtree_control"));
    for (String controller : words(folder.resolve("cgroup.controllers"))) {
      if (!controller.isEmpty() && !enabled.contains(controller)) {
        put(folder.resolve("cgroup.subtree_control"), "+" + controller);
      }
    }
  }

  /// A new cpuset group of v1 is empty, and takes no process until it has cpus and memory nodes.
  private void inheritCpus(String path) throws IOException {
    Path folder = folder("cpuset", path);
    Files.createDirectories(folder);
    for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
      String _ = inherited(folder, file);
    }
  }

  /// Those above are empty only when they are new, too; the topmost one never is.
  private static String inherited(Path folder, String file) throws IOException {
    Path own = folder.resolve(file);
    String value = Files.readString(own).strip();
    if (value.isEmpty()) {
      value = inherited(Objects.requireNonNull(folder.getParent()), file);
      put(own, value);
    }
    return value;
  }

  @Override
  public long limit(String path, Limit what) throws IOException {
    Path file = file(path, what);
    if (Files.notExists(file)) {
      return -1;
    }
    String text = Files.readString(file).strip();
    if (layout == Layout.V2) {
      return UnifiedLimits.read(what, text);
    }
    long value = Long.parseLong(text);
    // without a limit v1 has the largest number of whole pages that it can count
    return what == Limit.MEMORY && value >= Long.MAX_VALUE - UNCOUNTED ? -1 : value;
  }

  @Override
  public void limit(String path, Limit what, long value) throws IOException {
    Path file = file(path, what);
    if (Files.exists(file)) {
      put(file, layout == Layout.V2 ? UnifiedLimits.text(what, value) : Long.toString(value));
    }
  }

  private Path file(String path, Limit what) {
    if (layout == Layout.V2) {
      return below(unified, path).resolve(UnifiedLimits.file(what));
    }
    return switch (what) {
      case CPU_SHARES -> folder("cpu", path).resolve("cpu.shares");
      case CPU_QUOTA -> folder("cpu", path).resolve("cpu.cfs_quota_us");
      case MEMORY -> folder("memory", path).resolve("memory.limit_in_bytes");
    };
  }

  @Override
  public void remove(String path) throws IOException, InterruptedException {
    List<Path> roots = new ArrayList<>(new LinkedHashSet<>(byController.values()));
    if (!unified.toString().isEmpty()) {
      roots.add(unified);
    }
    for (Path root : roots) {
      Path folder = below(root, path);
      for (int i = 0; i < REMOVE_TRIES && !removed(folder); i++) {
        kill(path);
        // Killed processes leave their group some moments after the signal.
        LockSupport.parkNanos(5_000_000);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      if (Files.exists(folder)) {
        throw new IOException("processes in " + folder + " do not end");
      }
    }
  }

  private static boolean removed(Path folder) throws IOException {
    if (!Files.isDirectory(folder) || gone(folder)) {
      return true;
    }
    // Only now is it looked into: most groups have none below, and listing one costs more than all
    // the rest.
    for (Path child : folders(folder)) {
      if (!removed(child)) {
        return false;
      }
    }
    return gone(folder);
  }

  private static boolean gone(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    } catch (FileSystemException e) {
      if (e.getMessage() != null && e.getMessage().contains("busy")) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public long outOfMemoryKills(String path) {
    Path file =
        layout == Layout.V2
            ? below(unified, path).resolve("memory.events")
            : folder("memory", path).resolve("memory.oom_control");
    return keyed(file, "oom_kill");
  }

  @Override
  public void kill(String path) throws IOException {
    Path folder = layout == Layout.V2 ? below(unified, path) : folder("pids", path);
    if (layout == Layout.V2 && Files.exists(folder.resolve("cgroup.kill"))) {
      put(folder.resolve("cgroup.kill"), "1");
      return;
    }
    killBelow(folder);
  }

  private static void killBelow(Path folder) throws IOException {
    for (Path child : folders(folder)) {
      killBelow(child);
    }
    for (int pid : numbers(folder.resolve("cgroup.procs"))) {
      try {
        Libc.kill(pid, SIGKILL);
      } catch (SystemCallException e) {
        if (e.errno() != Errno.ESRCH) {
          throw e;
        }
      }
    }
  }

  @Override
  public Usage usage(String path) {
    if (layout == Layout.V2) {
      Path folder = below(unified, path);
      long memory = number(folder.resolve("memory.current"));
      Path details = folder.resolve("memory.stat");
      return new Usage(
          keyed(folder.resolve("cpu.stat"), "usage_usec") * 1000,
          memory,
          Math.max(0, memory - keyed(details, "inactive_file")),
          keyed(details, "anon"),
          number(folder.resolve("pids.current")));
    }
    Path folder = folder("memory", path);
    long memory = number(folder.resolve("memory.usage_in_bytes"));
    Path details = folder.resolve("memory.stat");
    return new Usage(
        number(folder("cpuacct", path).resolve("cpuacct.usage")),
        memory,
        Math.max(0, memory - keyed(details, "total_inactive_file")),
        keyed(details, "total_rss"),
        number(folder("pids", path).resolve("pids.current")));
  }

  @Override
  public List<Integer> processes(String path) {
    Path folder = layout == Layout.V2 ? below(unified, path) : folder("pids", path);
    return numbers(folder.resolve("cgroup.procs"));
  }

  @Override
  public List<String> children(String path) {
    Path folder = layout == Layout.V2 ? below(unified, path) : folder("pids", path);
    try {
      return folders(folder).stream().map(child -> child.getFileName().toString()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private Path folder(String controller, String path) {
    return below(byController.getOrDefault(controller, unified), path);
  }

  private static Path below(Path root, String path) {
    return root.resolve(path.substring(1));
  }

  private void write(String controller, String path, String file, long value) throws IOException {
    Path target = folder(controller, path).resolve(file);
    if (value >= 0 && byController.containsKey(controller) && Files.exists(target)) {
      if (file.equals("memory.use_hierarchy") && number(target) == 1) {
        return;
      }
      put(target, Long.toString(value));
    }
  }

  private static void put(Path file, String value) throws IOException {
    try {
      Files.write(file, value.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IOException("write %s to %s: %s".formatted(value, file, e.getMessage()), e);
    }
  }

  private static List<Path> folders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.filter(Files::isDirectory).toList();
    } catch (NoSuchFileException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static List<Integer> numbers(Path file) {
    try {
      return Files.readAllLines(file).stream().map(Integer::parseInt).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static long number(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.equals("max") ? -1 : Long.parseLong(text);
    } catch (IOException e) {
      return 0;
    }
  }

  /// The value in a file of `key value` lines.
  private static long keyed(Path file, String key) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(key + " ")) {
          return Long.parseLong(line.substring(key.length() + 1).strip());
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
