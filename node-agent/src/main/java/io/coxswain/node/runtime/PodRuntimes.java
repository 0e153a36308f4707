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
import java.util.List;
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
            options),
        runtime,
        conmon,
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
      Optional<Path> program =
          PLACES.stream()
              .map(place -> Path.of(place).resolve(name)) // a path stays the path that it is
              .filter(Files::isExecutable)
              .findFirst();
      if (program.isEmpty()) {
        refusals.add("install it with `apt-get install %s`".formatted(name));
        continue;
      }
      OciRuntime runtime = runtime(program.get(), folders, host);
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

  private static OciRuntime runtime(Path program, PodFolders folders, Host host)
      throws IOException {
    String name = program.getFileName().toString();
    return new CommandRuntime(
        name,
        // runc gains little by it, and has twenty times the size.
        name.equals("crun") ? SealedProgram.of(program) : program,
        folders.run().resolve(name),
        host.processes(),
        host.mounts(),
        version(host.processes(), program));
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
