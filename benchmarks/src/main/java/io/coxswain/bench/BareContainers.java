package io.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What an OCI runtime costs alone: no network but its own loopback, no log, nobody who watches. As
/// many at once as the machine has processors.
final class BareContainers implements Contender {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final String runtime;
  private final Path folder;
  private final ProcessGroup programs;
  private final ProcessGroup containers;
  private final List<Shell> shells = new ArrayList<>();
  private int started;

  /// @param runtime program, as `runc`
  BareContainers(String runtime, Setting setting) throws IOException, InterruptedException {
    this.runtime = runtime;
    this.folder = setting.root().resolve("bare-" + runtime);
    this.programs = ProcessGroup.named(setting.id() + "-" + runtime).create();
    this.containers = ProcessGroup.named(setting.id() + "-" + runtime + "pods");
    Files.createDirectories(folder);
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      shells.add(new Shell(programs, Map.of()));
    }
    Program.run(runtime, "spec", "--bundle", folder.toString());
    ObjectNode spec = (ObjectNode) JSON.readTree(Files.readAllBytes(folder.resolve("config.json")));
    ((ObjectNode) spec.path("process")).put("terminal", false);
    ((ObjectNode) spec.path("process")).putArray("args").add("/bin/sleep").add("100000");
    ((ObjectNode) spec.path("root")).put("path", setting.rootfs().toString());
    for (int i = 0; i < PodsBenchmark.MOST; i++) {
      ((ObjectNode) spec.path("linux"))
          .put("cgroupsPath", "/%s-%spods/%d".formatted(setting.id(), runtime, i));
      Files.createDirectories(folder.resolve("b" + i));
      Files.write(folder.resolve("b" + i).resolve("config.json"), JSON.writeValueAsBytes(spec));
    }
  }

  @Override
  public String name() {
    return "bare `" + runtime + " run`";
  }

  /// Whether the runtime accepts this machine's control groups; crun 1.8 takes no hybrid layout.
  boolean works() throws InterruptedException {
    try {
      Round _ = start(1);
      clear();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public Round start(int count) throws IOException, InterruptedException {
    double cpu = cpuSeconds();
    ConcurrentLinkedQueue<Integer> open = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < count; i++) {
      open.add(i);
    }
    ConcurrentLinkedQueue<Double> seconds = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<IOException> failures = new ConcurrentLinkedQueue<>();
    long begin = System.nanoTime();
    started = count;
    List<Thread> threads = new ArrayList<>();
    for (Shell shell : shells) {
      threads.add(
          Thread.startVirtualThread(() -> {
            try {
              for (Integer i = open.poll(); i != null; i = open.poll()) {
                shell.run(
                    "%s run --detach --bundle %s/b%d c%d 2>>%s/errors"
                        .formatted(command(), folder, i, i, folder));
                seconds.add((System.nanoTime() - begin) / 1e9);
              }
            } catch (IOException e) {
              failures.add(e);
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IOException(Files.readString(folder.resolve("errors")).strip(), failures.poll());
    }
    return new Round(List.copyOf(seconds), cpuSeconds() - cpu);
  }

  private String command() {
    return runtime + " --root " + folder.resolve("state");
  }

  private double cpuSeconds() throws IOException {
    return programs.cpuSeconds() + containers.cpuSeconds();
  }

  @Override
  public void clear() throws IOException {
    for (int i = 0; i < started; i++) {
      shells.getFirst().run(command() + " delete --force c" + i + " 2>&1 || true");
    }
    started = 0;
  }

  @Override
  public void close() throws IOException {
    clear();
    shells.forEach(Shell::close);
  }
}
