package io.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What a cluster has on the machine and in its API, thing by thing, so that two moments can be
/// compared and whatever is left over has a name.
///
/// @param things by sort
/// @param bytes of files, by folder
record SoakInventory(Map<String, Set<String>> things, Map<String, Long> bytes) {

  /// What grows and changes by itself, or is nobody's: etcd's data, the parts' own logs, what `up`
  /// keeps, requests of this test.
  private static final Pattern ALIVE =
      Pattern.compile(
          "data/etcd/.*|data/pki/.*|data/cluster\\.env|logs/[^/]+\\.log(\\.1)?|run/etcd.*|run/state|run/\\.(now|seen)"
              + "|run/[^/]+\\.(pid|supervisor|ended)");

  /// Sorts of which not less may be there than before, either.
  private static final Set<String> WHOLE = Set.of("part", "link", "nft", "route", "object");

  private static final long GROWTH = 256 << 10;

  static SoakInventory take(SoakCluster soak, SoakProcesses processes) {
    TestCluster cluster = soak.cluster();
    Map<String, Set<String>> things = new TreeMap<>();
    Set<String> programs = new TreeSet<>();
    for (SoakProcesses.Seen seen : processes.scan()) {
      programs.add(
          "%d %s%s %s"
              .formatted(seen.pid(), seen.dead() ? "(dead) " : "", seen.key(), seen.command()));
    }
    things.put("process", programs);
    things.put("part", processes.parts());
    things.put("mount", mounts(cluster.root() + "/" + cluster.name()));
    things.put("cgroup", cgroups(cluster.name() + "-node-"));
    things.put("namespace", lines("", "ip netns list | awk '{print $1}' | grep " + cluster.name()));
    things.put("link", new TreeSet<>());
    things.put("nft", new TreeSet<>());
    things.put("route", new TreeSet<>());
    network(things, "machine", "");
    for (String node : soak.nodes()) {
      network(things, node, "nsenter --net=/run/netns/" + cluster.name() + "-" + node + " ");
    }
    Map<String, Long> bytes = new TreeMap<>();
    things.put("file", new TreeSet<>());
    for (String top : List.of("data", "run", "logs")) {
      files(cluster.root().resolve(cluster.name()), top, things, bytes);
    }
    things.put("object", objects(cluster));
    return new SoakInventory(things, bytes);
  }

  private static void network(Map<String, Set<String>> things, String where, String enter) {
    put(things, "link", lines(where, enter + "ip -o link | awk '{print $2}'"));
    put(things, "link", lines(where, enter + "ip -o -4 addr | awk '{print $2, $4}'"));
    put(
        things,
        "route",
        lines(where, enter + "ip -4 route | grep -v linkdown; " + enter + "ip rule"));
    put(things, "nft", lines(where, enter + "nft -s list ruleset"));
  }

  private static void put(Map<String, Set<String>> things, String sort, Set<String> more) {
    things.computeIfAbsent(sort, _ -> new TreeSet<>()).addAll(more);
  }

  private static Set<String> lines(String where, String command) {
    Set<String> lines = new TreeSet<>();
    SoakCluster.shell(command + " || true")
        .out()
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.equals("}"))
        .forEach(line -> lines.add((where + " " + line).strip()));
    return lines;
  }

  private static Set<String> mounts(String root) {
    Set<String> mounts = new TreeSet<>();
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
        String[] fields = line.split(" ", -1);
        if (fields[4].startsWith(root + "/")) {
          mounts.add(fields[4] + " " + line.substring(line.indexOf(" - ") + 3));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return mounts;
  }

  private static Set<String> cgroups(String prefix) {
    Set<String> groups = new TreeSet<>();
    SoakCluster.shell(
            "for root in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -L $root ] || find $root/%s* -type d 2>/dev/null; done; true"
                .formatted(prefix))
        .out()
        .lines()
        .forEach(groups::add);
    return groups;
  }

  private static void files(
      Path base, String top, Map<String, Set<String>> things, Map<String, Long> bytes) {
    Set<String> found = new TreeSet<>();
    try {
      Files.walkFileTree(
          base.resolve(top),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return add(folder, 0) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              add(file, attributes.size());
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE; // it went while it was looked at
            }

            private boolean add(Path path, long size) {
              String name = base.relativize(path).toString();
              if (ALIVE.matcher(name).matches()) {
                return false;
              }
              found.add(name);
              bytes.merge(folder(name), size, Long::sum);
              // a root file system is the machine's, by way of a mount
              return !name.matches("run/[^/]+/rootfs/[^/]+");
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("walking " + base.resolve(top), e);
    }
    put(things, "file", found);
  }

  /// The part of a path that says what the file is for, as `data/nodes/node-1/images`.
  private static String folder(String name) {
    String[] parts = name.split("/", -1);
    int depth = parts[0].equals("data") ? 4 : parts[0].equals("run") ? 3 : 2;
    return String.join("/", List.of(parts).subList(0, Math.min(depth, parts.length)));
  }

  private static Set<String> objects(TestCluster cluster) {
    List<String> kinds = new ArrayList<>();
    for (String kind :
        cluster
            .kubectl("api-resources", "--verbs=list", "-o", "name")
            .succeeded()
            .out()
            .split("\n", -1)) {
      if (!kind.isEmpty()
          && !kind.startsWith("events")
          && !kind.endsWith("metrics.k8s.io")
          && !kind.equals("componentstatuses")) {
        kinds.add(kind);
      }
    }
    Set<String> objects = new TreeSet<>();
    cluster
        .kubectl(
            "get",
            String.join(",", kinds),
            "-A",
            "--no-headers",
            "-o",
            "custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name")
        .succeeded()
        .out()
        .lines()
        .forEach(line -> objects.add(line.strip().replaceAll(" +", " ")));
    return objects;
  }

  /// What is here that was not there before, and of some sorts what is missing.
  List<String> leftOverSince(SoakInventory before) {
    List<String> found = new ArrayList<>();
    things.forEach((sort, now) -> {
      Set<String> then = before.things.getOrDefault(sort, Set.of());
      now.stream().filter(one -> !then.contains(one)).forEach(one -> found.add(sort + ": " + one));
      if (WHOLE.contains(sort)) {
        then.stream()
            .filter(one -> !now.contains(one))
            .forEach(one -> found.add(sort + " missing: " + one));
      }
    });
    bytes.forEach((folder, now) -> {
      long then = before.bytes.getOrDefault(folder, 0L);
      if (now > then + GROWTH) {
        found.add("bytes: %s has %d, and had %d".formatted(folder, now, then));
      }
    });
    return found;
  }

  /// How many of each sort, for people.
  String counts() {
    StringBuilder text = new StringBuilder();
    things.forEach((sort, all) -> text.append("%s %d, ".formatted(sort, all.size())));
    long kilobytes = bytes.values().stream().mapToLong(Long::longValue).sum() >> 10;
    return text + "bytes of files %d kB".formatted(kilobytes);
  }
}
