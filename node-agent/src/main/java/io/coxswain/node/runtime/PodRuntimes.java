package io.coxswain.node.runtime;

import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Daemons;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.host.ProcessWatch;
import io.coxswain.node.host.Processes;
import io.coxswain.node.host.SealedProgram;
import io.coxswain.node.image.Images;
import io.coxswain.node.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Picks the runtime that works on this machine, and wires it.
public final class PodRuntimes {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Logger log = LoggerFactory.getLogger(PodRuntimes.class);
  private static final List<String> RUNTIMES = List.of("crun", "runc");
  private static final List<String> PLACES =
      List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec");

  private PodRuntimes() {}

  /// The parts of the machine below the runtime.
  public record Host(
      Machine machine,
      ControlGroups controlGroups,
      Namespaces namespaces,
      Mounts mounts,
      Processes processes,
      Daemons daemons,
      ProcessWatch watch) {}

  /// @throws IOException when conmon or a runtime that fits is not installed; the message says what
  ///   to install
  public static PodRuntime of(
      PodFolders folders,
      Host host,
      Images images,
      PodNetwork network,
      HandlerLookup lookup,
      RuntimeOptions options,
      Clock clock)
      throws IOException {
    if (!Files.isExecutable(options.conmon())) {
      throw new IOException(
          options.conmon() + " is not there: install it with `apt-get install conmon`");
    }
    LinuxFiles.spreadFolders(Files.createDirectories(folders.logs()));
    OciRuntime runtime = choose(folders, host, options);
    Conmon conmon = conmon(folders, host, options, runtime);
    PodInit init =
        new PodInit(
            folders,
            runtime,
            conmon,
            host.controlGroups(),
            host.mounts(),
            host.machine(),
            PLACES.stream().map(Path::of).toList());
    return new MonitoredRuntime(
        folders,
        new Sandboxes(
            folders,
            host.controlGroups(),
            host.namespaces(),
            host.mounts(),
            network,
            init,
            lookup,
            options),
        handlers(folders, host, options, new Handlers.Maker(runtime, conmon)),
        images,
        host.controlGroups(),
        host.processes(),
        host.watch(),
        host.machine(),
        options,
        clock,
        new SecureRandom());
  }

  /// crun is the lighter one and comes first, where it works; runc works wherever there are
  /// containers. While there are containers of one, that one is kept: the other knows nothing of
  /// them.
  ///
  /// @throws IOException when nothing that was wanted is installed and works
  static OciRuntime choose(PodFolders folders, Host host, RuntimeOptions options)
      throws IOException {
    RuntimeTrial trial = new RuntimeTrial(folders, host.controlGroups(), options.cgroupParent());
    List<String> refusals = new ArrayList<>();
    for (String name : wanted(folders, options)) {
      Optional<Path> program = find(name);
      if (program.isEmpty()) {
        refusals.add("install it with `apt-get install %s`".formatted(name));
        continue;
      }
      OciRuntime runtime =
          runtime(program.get(), folders, host, version(host.processes(), program.get()));
      Optional<String> refusal =
          runtime.name().equals("crun")
              ? trial.refusal(runtime, conmon(folders, host, options, runtime))
              : Optional.empty();
      if (refusal.isEmpty()) {
        return runtime;
      }
      log.info("{} does not work on this machine: {}", name, refusal.get());
      refusals.add(name + " does not work on this machine: " + refusal.get());
    }
    throw new IOException("no runtime for containers: " + String.join("; ", refusals));
  }

  /// The default is not tried again; of the two that are known by themselves, one that does not
  /// work here is none.
  private static Handlers handlers(
      PodFolders folders, Host host, RuntimeOptions options, Handlers.Maker standard)
      throws IOException {
    Map<String, Handlers.Maker> byHandler = new LinkedHashMap<>();
    RuntimeTrial trial = new RuntimeTrial(folders, host.controlGroups(), options.cgroupParent());
    for (String name : RUNTIMES) {
      if (standard.runtime().name().equals(name)) {
        byHandler.put(name, standard);
      } else if (find(name).isPresent()) {
        OciRuntime runtime = runtime(find(name).get(), folders, host, "");
        Conmon conmon = conmon(folders, host, options, runtime);
        if (!name.equals("crun") || trial.refusal(runtime, conmon).isEmpty()) {
          byHandler.put(name, new Handlers.Maker(runtime, conmon));
        }
      }
    }
    for (Map.Entry<String, Path> one : options.handlers().entrySet()) {
      if (!Files.isExecutable(one.getValue())) {
        throw new IOException(
            "runtime handler %s: %s is no program".formatted(one.getKey(), one.getValue()));
      }
      OciRuntime runtime = runtime(one.getValue(), folders, host, "");
      byHandler.put(
          one.getKey(), new Handlers.Maker(runtime, conmon(folders, host, options, runtime)));
    }
    return new Handlers(standard, byHandler);
  }

  private static Optional<Path> find(String program) {
    return PLACES.stream()
        .map(place -> Path.of(place).resolve(program)) // a path stays the path that it is
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Conmon conmon(
      PodFolders folders, Host host, RuntimeOptions options, OciRuntime runtime) {
    return new Conmon(options.conmon(), host.daemons(), runtime, folders.sockets(), PATIENCE);
  }

  private static List<String> wanted(PodFolders folders, RuntimeOptions options)
      throws IOException {
    if (!options.runtime().isEmpty()) {
      return List.of(options.runtime());
    }
    for (String name : RUNTIMES) {
      for (Path container : DiskState.children(folders.run().resolve(name))) {
        if (Files.exists(folders.bundle(container.getFileName().toString()))) {
          return List.of(name);
        }
      }
    }
    return RUNTIMES;
  }

  /// @param version asked only of the default, which the node reports: asking costs a process
  private static OciRuntime runtime(Path program, PodFolders folders, Host host, String version)
      throws IOException {
    String name = program.getFileName().toString();
    return new CommandRuntime(
        name,
        program,
        // runc gains little by it, and has twenty times the size.
        name.equals("crun") ? SealedProgram.of(program) : program,
        folders.run().resolve(name),
        host.processes(),
        host.mounts(),
        version);
  }

  /// The last word of the first line that `--version` says.
  private static String version(Processes processes, Path program) throws IOException {
    try {
      String said =
          processes.run(Processes.Command.of(program.toString(), "--version")).out().strip();
      String line = said.lines().findFirst().orElse("");
      return line.substring(line.lastIndexOf(' ') + 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("asking " + program + " for its version", e);
    }
  }
}
