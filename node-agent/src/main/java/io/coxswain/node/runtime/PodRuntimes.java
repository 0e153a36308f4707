package io.coxswain.node.runtime;

import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Machine;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.host.ProcessWatch;
import io.coxswain.node.host.Processes;
import io.coxswain.node.image.Images;
import io.coxswain.node.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// Picks the runtime that works on this machine, and wires it.
public final class PodRuntimes {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
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
    OciRuntime runtime = choose(folders, host, options);
    return new MonitoredRuntime(
        folders,
        new Sandboxes(
            folders, host.controlGroups(), host.namespaces(), host.mounts(), network, options),
        runtime,
        new Conmon(options.conmon(), runtime, folders.sockets(), PATIENCE),
        images,
        host.controlGroups(),
        host.processes(),
        host.watch(),
        host.machine(),
        options,
        clock,
        new SecureRandom());
  }

  /// crun is the lighter one, but takes no hybrid layout of control groups; runc takes all.
  static OciRuntime choose(PodFolders folders, Host host, RuntimeOptions options)
      throws IOException {
    List<String> wanted =
        !options.runtime().isEmpty()
            ? List.of(options.runtime())
            : host.controlGroups().layout() == ControlGroups.Layout.V2
                ? List.of("crun", "runc")
                : List.of("runc");
    for (String name : wanted) {
      for (String place : PLACES) {
        // a path stays the path that it is
        Path program = Path.of(place).resolve(name);
        if (Files.isExecutable(program)) {
          String called = program.getFileName().toString();
          return new CommandRuntime(
              called,
              program,
              folders.run().resolve(called),
              host.processes(),
              version(host.processes(), program));
        }
      }
    }
    throw new IOException(
        "no runtime for containers: install %s with `apt-get install %s`"
            .formatted(String.join(" or ", wanted), wanted.getLast()));
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
