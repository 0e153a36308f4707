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
    Handlers.Maker standard = choose(folders, host, options);
    OciRuntime runtime = standard.runtime();
    Conmon conmon = standard.conmon();
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
            new UserRanges(folders, options.cgroupParent()),
            lookup,
            options),
        network,
        handlers(folders, host, options, standard),
        images,
        host.controlGroups(),
        host.processes(),
        host.watch(),
        host.machine(),
        new Confinements(
            new SeccompFolder(options.seccompProfiles(), host.machine()),
            options.seccompDefault(),
            AppArmor.ofMachine(folders.run(), host.processes()),
            host.machine()),
        new MappedMounts(folders.mapped(), host.mounts()),
        options,
        clock,
        new SecureRandom());
  }

  /// crun is the lighter one and comes first, where it works; runc works wherever there are
  /// containers. While there are containers of one, that one is kept: the other knows nothing of
  /// them.
  ///
  /// @throws IOException when nothing that was wanted is installed and works
  private static Handlers.Maker choose(PodFolders folders, Host host, RuntimeOptions options)
      throws IOException {
    List<String> refusals = new ArrayList<>();
    for (String name : wanted(folders, options)) {
      Optional<Path> program = find(name);
      if (program.isEmpty()) {
        refusals.add("install it with `apt-get install %s`".formatted(name));
        continue;
      }
      OciRuntime runtime =
          runtime(program.get(), folders, host, version(host.processes(), program.get()));
      Tried tried = tried(runtime, folders, host, options);
      if (tried.refusal().isEmpty()) {
        return tried.maker();
      }
      log.info("{} does not work on this machine: {}", name, tried.refusal().get());
      refusals.add(name + " does not work on this machine: " + tried.refusal().get());
    }
    throw new IOException("no runtime for containers: " + String.join("; ", refusals));
  }

  /// @param refusal why it does not work here; empty when it does
  private record Tried(Handlers.Maker maker, Optional<String> refusal) {}

  /// What tells of its features is asked; crun of Debian 12 does not, and is tried in any case.
  private static Tried tried(
      OciRuntime runtime, PodFolders folders, Host host, RuntimeOptions options)
      throws IOException {
    Conmon conmon = conmon(folders, host, options, runtime);
    Optional<String> refusal = Optional.empty();
    RuntimeFeatures features;
    if (runtime.name().equals("crun")) {
      RuntimeTrial.Outcome outcome =
          new RuntimeTrial(folders, host.controlGroups(), options.cgroupParent())
              .of(runtime, conmon);
      refusal = outcome.refusal();
      features = new RuntimeFeatures(outcome.recursiveReadOnly(), true);
    } else {
      features = asked(host.processes(), runtime.origin());
    }
    return new Tried(
        new Handlers.Maker(runtime, conmon, features.on(host.machine().kernel())), refusal);
  }

  private static RuntimeFeatures asked(Processes processes, Path program) throws IOException {
    try {
      return RuntimeFeatures.ask(processes, program);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("asking " + program + " for its features", e);
    }
  }

  /// The default is not tried again; of the two that are known by themselves, one that does not
  /// work here is none.
  private static Handlers handlers(
      PodFolders folders, Host host, RuntimeOptions options, Handlers.Maker standard)
      throws IOException {
    Map<String, Handlers.Maker> byHandler = new LinkedHashMap<>();
    for (String name : RUNTIMES) {
      if (standard.runtime().name().equals(name)) {
        byHandler.put(name, standard);
      } else if (find(name).isPresent()) {
        Tried tried = tried(runtime(find(name).get(), folders, host, ""), folders, host, options);
        if (tried.refusal().isEmpty()) {
          byHandler.put(name, tried.maker());
        }
      }
    }
    for (Map.Entry<String, Path> one : options.handlers().entrySet()) {
      if (!Files.isExecutable(one.getValue())) {
        throw new IOException(
            "runtime handler %s: %s is no program".formatted(one.getKey(), one.getValue()));
      }
      OciRuntime runtime = runtime(one.getValue(), folders, host, "");
      RuntimeFeatures features = asked(host.processes(), one.getValue());
      byHandler.put(
          one.getKey(),
          new Handlers.Maker(
              runtime,
              conmon(folders, host, options, runtime),
              features.on(host.machine().kernel())));
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
