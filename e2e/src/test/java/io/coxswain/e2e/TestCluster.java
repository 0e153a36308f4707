package io.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// One cluster, started by `bin/coxswain up` in folders of its own, and ended with everything it
/// made.
final class TestCluster implements AutoCloseable {

  static final Duration START = Duration.ofMinutes(3);
  static final Duration ANSWER = Duration.ofSeconds(60);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Path home;
  private final Path root;
  private final String name;
  private final Map<String, String> variables = new HashMap<>();

  private TestCluster(Path home, Path root, String name) {
    this.home = home;
    this.root = root;
    this.name = name;
  }

  /// A cluster that is not started yet.
  static TestCluster prepared() {
    String root = System.getenv("E2E_ROOT");
    String home = System.getenv("E2E_HOME");
    if (root == null || home == null) {
      throw new IllegalStateException(
          "end-to-end suites run by ./dev e2e (a launcher gives them a network namespace)");
    }
    return of(Path.of(home), Path.of(root));
  }

  /// One that is started by the programs of another folder, as an unpacked distribution.
  static TestCluster unpacked(Path home) {
    return of(home, prepared().root);
  }

  private static TestCluster of(Path home, Path root) {
    String name = "cxse" + ProcessHandle.current().pid() + "x" + NUMBER.incrementAndGet();
    return new TestCluster(home, root, name);
  }

  /// With a variable in the environment of all that is started from now on.
  TestCluster with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  /// Starts one and waits until its nodes are ready.
  static TestCluster up(String... arguments) {
    TestCluster cluster = prepared();
    try {
      cluster.coxswain(concat("up", arguments)).succeeded();
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  Path home() {
    return home;
  }

  /// Of all clusters of this process, removed at its end.
  Path root() {
    return root;
  }

  Path data() {
    return root.resolve(name).resolve("data");
  }

  Path run() {
    return root.resolve(name).resolve("run");
  }

  Path logs() {
    return root.resolve(name).resolve("logs");
  }

  String name() {
    return name;
  }

  Path kubeconfig() {
    return data().resolve("pki/admin.kubeconfig");
  }

  Command.Result coxswain(String... arguments) {
    return Command.run(START, environment(), "", command("coxswain", arguments));
  }

  /// Started and left running; its output goes to the file. Whoever asks ends it.
  Process background(Path log, String program, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command(program, arguments))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment());
    return builder.start();
  }

  Command.Result kubectl(String... arguments) {
    return Command.run(ANSWER, environment(), "", command("kubectl-lite", arguments));
  }

  /// With a manifest on standard input.
  Command.Result kubectlWith(String manifest, String... arguments) {
    return Command.run(ANSWER, environment(), manifest, command("kubectl-lite", arguments));
  }

  Command.Result apply(String manifest) {
    return kubectlWith(manifest, "apply", "-f", "-");
  }

  /// The field of one object, as jsonpath prints it; empty when there is none.
  String field(String kind, String object, String jsonPath) {
    return kubectl("get", kind, object, "-o", "jsonpath={" + jsonPath + "}").out();
  }

  /// Where the real kubectl is installed.
  static boolean hasRealKubectl() {
    return Files.isExecutable(Path.of("/usr/bin/kubectl"));
  }

  Command.Result realKubectl(String input, String... arguments) {
    return Command.run(
        ANSWER,
        environment(),
        input,
        new ArrayList<>(List.of(concat("/usr/bin/kubectl", arguments))));
  }

  /// Inside the network namespace of one of several nodes.
  Command.Result onNode(String node, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + name + "-" + node));
    command.addAll(List.of(arguments));
    return Command.run(ANSWER, Map.of(), "", command);
  }

  long pid(String part) {
    try {
      return Long.parseLong(Files.readString(run().resolve(part + ".pid")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("the pid of " + part, e);
    }
  }

  private List<String> command(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(home.resolve("bin").resolve(program).toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("COXSWAIN_NAME", name);
    environment.put("COXSWAIN_DATA", data().toString());
    environment.put("COXSWAIN_RUN", run().toString());
    environment.put("COXSWAIN_LOGS", logs().toString());
    environment.put("KUBECONFIG", kubeconfig().toString());
    environment.put("HOME", root.toString());
    environment.putAll(variables);
    return environment;
  }

  private static String[] concat(String first, String... rest) {
    String[] all = new String[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  /// Ends it with its data; the logs of a failed suite are printed by [FailureLogs] before.
  @Override
  public void close() {
    coxswain("down", "--now", "--purge");
  }
}
