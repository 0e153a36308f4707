package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.coxswain.kubectl.KubectlLite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real shells on a terminal source their script, somebody types with the tabulator key, and the
/// command that runs has the words that were meant.
class CompletionTest extends AgainstFakeServer {

  /// @param program and its arguments, as a user without settings starts it
  /// @param sourcing what its users put into their settings
  record Shell(String program, String sourcing) {
    @Override
    public String toString() {
      return program.substring(0, program.indexOf(' '));
    }
  }

  static Stream<Shell> shells() {
    return Stream.of(
        new Shell("bash --norc --noprofile -i", "source <(kubectl-lite completion bash)"),
        new Shell(
            "zsh -f -i",
            "autoload -U compinit; compinit -u -D; source <(kubectl-lite completion zsh)"),
        new Shell("fish --no-config -i", "kubectl-lite completion fish | source"));
  }

  /// What is typed, and the words that come of it.
  private static final List<List<String>> LINES =
      List.of(
          List.of("get confi\t cap\t", "get configmaps captain"),
          List.of("get -o js\t", "get -o json"),
          List.of("get --output=na\t pods", "get --output=name pods"),
          List.of("--namespace=har\t get pods", "--namespace=harbour get pods"),
          List.of("delete configmap/cap\t", "delete configmap/captain"),
          List.of("logs ta\t --fol\t", "logs talker --follow"),
          List.of("cp tal\t/tmp/x x", "cp talker:/tmp/x x"),
          List.of("roll\t rest\t", "rollout restart"));

  @ParameterizedTest
  @MethodSource("shells")
  void wordsAreCompleted(Shell shell) throws Exception {
    String name = shell.toString();
    assumeThat(Stream.of("/usr/bin/", "/bin/").map(bin -> Path.of(bin + name)))
        .as("where %s is", name)
        .anyMatch(Files::isExecutable);
    serve();
    Path said = folder.resolve("said");
    Path bin = program(said);

    Process terminal =
        new ProcessBuilder("script", "-qec", shell.program(), "/dev/null")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("terminal").toFile())
            .directory(Files.createDirectory(folder.resolve("empty")).toFile())
            .start();
    try (var keys = terminal.outputWriter(StandardCharsets.UTF_8)) {
      keys.write("export PATH=" + bin + ":$PATH TERM=dumb\n" + shell.sourcing() + "\n");
      for (List<String> line : LINES) {
        keys.write("kubectl-lite " + line.getFirst() + "\n");
      }
      keys.write("exit\n");
      keys.flush();
      assertThat(terminal.waitFor(120, TimeUnit.SECONDS))
          .as(() -> text(folder.resolve("terminal")))
          .isTrue();
    } finally {
      terminal.descendants().forEach(ProcessHandle::destroyForcibly);
      terminal.destroyForcibly();
    }
    assertThat(Files.readAllLines(said))
        .as(() -> text(folder.resolve("terminal")))
        .containsExactlyElementsOf(LINES.stream().map(List::getLast).toList());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void serve() {
    String list = "{\"kind\":\"List\",\"items\":[{\"metadata\":{\"name\":\"%s\"}}]}";
    server
        .on("GET /api/v1/namespaces/default/configmaps", list.formatted("captain"))
        .on("GET " + PODS, list.formatted("talker"))
        .on("GET /api/v1/namespaces", list.formatted("harbour"));
  }

  /// `kubectl-lite` that completes as the real one, and writes down with what words it is run.
  private Path program(Path said) throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Files.createFile(said);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path program = bin.resolve("kubectl-lite");
    Files.writeString(
        program,
        """
        #!/bin/sh
        case $1 in
          __complete | completion)
            KUBECONFIG=%s exec %s -XX:TieredStopAtLevel=1 -Xshare:auto -cp '%s' %s "$@" ;;
          *) echo "$*" >> %s ;;
        esac
        """
            .formatted(
                folder.resolve("config"),
                java,
                System.getProperty("java.class.path"),
                KubectlLite.class.getName(),
                said));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return bin;
  }
}
