package io.coxswain.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// What is done to a cluster from outside. Faults that last end by themselves when their time is
/// over, or all together.
final class SoakFaults {

  private static final byte[] BLOCK = new byte[1 << 16];

  private final SoakCluster soak;
  private final SoakProcesses processes;
  private final SoakInvariants invariants;
  private final SoakLog log;
  private final List<Lasting> lasting = new ArrayList<>();

  private record Lasting(String what, String node, long until, Runnable end) {}

  SoakFaults(SoakCluster soak, SoakProcesses processes, SoakInvariants invariants, SoakLog log) {
    this.soak = soak;
    this.processes = processes;
    this.invariants = invariants;
    this.log = log;
  }

  /// A process of some container, as by somebody with root.
  String killContainer(RandomGenerator random) {
    List<SoakProcesses.Seen> all =
        processes.scan().stream()
            .filter(seen -> !seen.container().isEmpty() && !seen.dead())
            .toList();
    if (all.isEmpty()) {
      return "";
    }
    SoakProcesses.Seen victim = all.get(random.nextInt(all.size()));
    // a child's end may end its container, too
    invariants.mayRestart(victim.key());
    // where processes are shared, the first may be the one that holds them all
    if (victim.first()) {
      all.stream()
          .filter(seen -> seen.pod().equals(victim.pod()))
          .map(SoakProcesses.Seen::key)
          .distinct()
          .filter(key -> !key.equals(victim.key()))
          .forEach(invariants::mayRestart);
    }
    ProcessHandle.of(victim.pid()).ifPresent(ProcessHandle::destroyForcibly);
    return "killed %d (%s) of %s".formatted(victim.pid(), victim.command(), victim.key());
  }

  /// One of a container that is known by name: then it is known, too, what may restart.
  String killMonitor(RandomGenerator random) {
    List<SoakProcesses.Seen> seen = processes.scan();
    List<SoakProcesses.Seen> monitors =
        seen.stream()
            .filter(one -> one.command().contains("conmon "))
            .filter(
                one -> children(seen, one).stream().anyMatch(child -> !child.container().isEmpty()))
            .toList();
    if (monitors.isEmpty()) {
      return "";
    }
    SoakProcesses.Seen victim = monitors.get(random.nextInt(monitors.size()));
    List<SoakProcesses.Seen> children = children(seen, victim);
    invariants.mayRestart(children);
    ProcessHandle.of(victim.pid()).ifPresent(ProcessHandle::destroyForcibly);
    return "killed the monitor %d of %s"
        .formatted(victim.pid(), children.stream().map(SoakProcesses.Seen::key).toList());
  }

  private static List<SoakProcesses.Seen> children(
      List<SoakProcesses.Seen> all, SoakProcesses.Seen parent) {
    return all.stream()
        .filter(one ->
            ProcessHandle.of(one.pid())
                .flatMap(ProcessHandle::parent)
                .filter(handle -> handle.pid() == parent.pid())
                .isPresent())
        .toList();
  }

  String killPart(String part) {
    return soak.kill(part) ? "kill -9 " + part : "";
  }

  /// A supervisor is started again by a person: so by `up`.
  String killSupervisor(String part) {
    boolean killed = soak.kill(part + ".supervisor");
    soak.cluster().coxswain("up").succeeded();
    return killed ? "kill -9 %s.supervisor, and up".formatted(part) : "";
  }

  String powerOff(RandomGenerator random) {
    String node = node(random);
    if (busy(node)) {
      return "";
    }
    List<SoakProcesses.Seen> seen = processes.scan();
    invariants.mayRestart(seen);
    // and what had ended before them begins again with their pod
    seen.stream()
        .map(SoakProcesses.Seen::pod)
        .distinct()
        .forEach(pod -> invariants.mayRestart(pod + "/" + SoakWorkloads.FIRST));
    soak.losePower(node);
    soak.cluster().coxswain("up").succeeded();
    return node + " lost all its processes, and up";
  }

  String cut(RandomGenerator random, Duration time) {
    String node = node(random);
    if (busy(node)) {
      return "";
    }
    soak.cluster().onNode(node, "ip", "link", "set", "eth0", "down").succeeded();
    return last(
        "%s is cut off for %s".formatted(node, time),
        node,
        time,
        () -> {
          soak.cluster().onNode(node, "ip", "link", "set", "eth0", "up").succeeded();
          // the kernel drops routes with the link
          soak.cluster()
              .onNode(node, "ip", "route", "replace", "default", "via", "10.90.0.1")
              .succeeded();
        });
  }

  /// @param left bytes that stay free
  String fill(RandomGenerator random, long left, Duration time) {
    String node = node(random);
    if (busy(node)) {
      return "";
    }
    Path filler = soak.disk(node).resolve("filler");
    try {
      FileStore store = Files.getFileStore(soak.disk(node));
      try (OutputStream out = Files.newOutputStream(filler)) {
        while (store.getUsableSpace() > left) {
          out.write(BLOCK, 0, (int) Math.min(BLOCK.length, store.getUsableSpace() - left));
        }
      }
    } catch (IOException e) {
      log.say("filling %s ended early: %s", filler, e);
    }
    return last(
        "the disk of %s is full but for %d kB for %s".formatted(node, left >> 10, time),
        node,
        time,
        () -> {
          try {
            Files.deleteIfExists(filler);
          } catch (IOException e) {
            throw new IllegalStateException("freeing the disk of " + node, e);
          }
        });
  }

  private String last(String what, String node, Duration time, Runnable end) {
    lasting.add(new Lasting(what, node, System.nanoTime() + time.toNanos(), end));
    return what;
  }

  private String node(RandomGenerator random) {
    return soak.nodes().get(random.nextInt(soak.nodes().size()));
  }

  /// One at a time on a node, and never on all of them.
  private boolean busy(String node) {
    return lasting.size() >= 2 || lasting.stream().anyMatch(one -> one.node().equals(node));
  }

  /// Ends those whose time is over.
  void pass() {
    end(System.nanoTime());
  }

  void endAll() {
    end(Long.MAX_VALUE);
  }

  private void end(long now) {
    for (Lasting one : List.copyOf(lasting)) {
      if (now == Long.MAX_VALUE || one.until() - now <= 0) {
        one.end().run();
        lasting.remove(one);
        log.say("over: %s", one.what());
      }
    }
  }
}
