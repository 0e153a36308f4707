package io.coxswain.kubectl.testing;

import io.coxswain.kubectl.KubectlLite;
import io.coxswain.kubectl.Session;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Runs commands in a folder of their own, at a fixed time.
public final class CommandLine {

  public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  /// What a command left behind.
  public record Ran(int code, String out, String err) {}

  private final Path folder;
  private final Map<String, String> environment;

  private CommandLine(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /// @param environment without a home: that is the folder
  public static CommandLine in(Path folder, Map<String, String> environment) {
    Map<String, String> all = new java.util.TreeMap<>(environment);
    all.put("HOME", folder.toString());
    return new CommandLine(folder, all);
  }

  /// Whose kubeconfig leads to the server.
  public static CommandLine against(FakeServer server, Path folder) throws IOException {
    Path file = folder.resolve("config");
    Files.writeString(file, kubeconfig(server.url(), ""));
    return in(folder, Map.of("KUBECONFIG", file.toString()));
  }

  /// @param cluster further lines of the cluster, indented by four
  public static String kubeconfig(String server, String cluster) {
    return """
    apiVersion: v1
    kind: Config
    current-context: test
    contexts:
    - {name: test, context: {cluster: test, user: test-admin}}
    - {name: other, context: {cluster: test, user: other}}
    users:
    - {name: test-admin, user: {token: secret}}
    - {name: other, user: {token: other}}
    clusters:
    - name: test
      cluster:
        server: %s
    %s\
    """
        .formatted(server, cluster);
  }

  /// With one more variable in its environment.
  public CommandLine with(String variable, String value) {
    Map<String, String> all = new java.util.TreeMap<>(environment);
    all.put(variable, value);
    return new CommandLine(folder, all);
  }

  public Ran run(String... words) {
    return typing("", words);
  }

  /// @param input what standard input holds
  public Ran typing(String input, String... words) {
    return run(input, false, words);
  }

  /// With a terminal to write to.
  public Ran onTerminal(String... words) {
    return run("", true, words);
  }

  private Ran run(String input, boolean terminal, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Session.World world =
        new Session.World(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            environment,
            folder,
            Clock.fixed(NOW, ZoneOffset.UTC),
            () -> terminal);
    int code = KubectlLite.run(new ArrayList<>(List.of(words)), world);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
