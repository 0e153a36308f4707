package io.coxswain.deploy;

import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.node.NodeAgent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the build runs once while the JVM records which classes it loads and what in them runs
/// often: the program's own roles, each wired as it always is, in one process. [TrainingLoad] is
/// who gives them work. The start-up cache is made of what was seen.
///
/// Two things are not as usual. Objects are kept in memory where etcd is not installed; and what a
/// container is made by is [TrainingContainers], so that the machine's control groups stay as they
/// are and no runtime has to be installed.
///
/// A server and an agent in processes of their own need fewer classes than both in one, and get
/// caches of their own: when the load has ended, both are ended and go on in two processes, as
/// after an update, with all of the load again.
public final class Training {

  private static final Logger log = LoggerFactory.getLogger(Training.class);

  /// Tried first, and always free in namespaces that are made for this alone.
  private static final int PORT = 16443;

  private Training() {}

  /// @param arguments `all`, `server` or `agent`, which goes on with that server; a folder for
  ///   everything; and, but for a server, the program that stands in for a container's, when a node
  ///   may be made here: in a network and a mount namespace of its own. A file in the folder tells
  ///   when there is something to load: `all-ready` and `server-ready`, with the server's port in
  ///   it, and `agent-ready`. The end of standard input ends all.
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[1]).toAbsolutePath();
    Optional<Path> program =
        arguments.length > 2
            ? Optional.of(Path.of(arguments[2]).toAbsolutePath())
            : Optional.empty();
    Lifecycle lifecycle = new Lifecycle("training");
    String told =
        switch (arguments[0]) {
          case "all" -> all(lifecycle, folder, program);
          case "server" -> server(lifecycle, folder);
          case "agent" -> agent(lifecycle, folder, program.orElseThrow());
          default -> throw new IllegalArgumentException("no such training: " + arguments[0]);
        };
    tell(folder, arguments[0] + "-ready", told);
    while (System.in.read() >= 0) {
      // whatever is said, only the end counts
    }
    lifecycle.close();
    System.exit(0);
  }

  private static String all(Lifecycle lifecycle, Path folder, Optional<Path> program)
      throws IOException, InterruptedException {
    int port = freePort();
    server(lifecycle, folder, port);
    scheduler(lifecycle, folder, port + 1);
    if (program.isPresent()) {
      node(lifecycle.own("node", new Lifecycle("training node")), folder, program.get(), port + 1);
    } else {
      log.info("no node can be made here: its classes are loaded, and none of them is run");
      loadAgent();
    }
    return port + "\n";
  }

  private static String server(Lifecycle lifecycle, Path folder)
      throws IOException, InterruptedException {
    int port = freePort();
    server(lifecycle, folder, port, "--with-scheduler");
    return port + "\n";
  }

  private static String agent(Lifecycle lifecycle, Path folder, Path program)
      throws IOException, InterruptedException {
    int port = Integer.parseInt(Files.readString(folder.resolve("server-ready")).strip());
    assembleAgent(lifecycle, folder, program, port + 1);
    lifecycle.start();
    return "";
  }

  private static void tell(Path folder, String name, String text) throws IOException {
    Path told = Files.writeString(folder.resolve(name + ".new"), text);
    Files.move(told, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /// One that is free with the next, which gRPC has.
  private static int freePort() throws IOException {
    for (int port = PORT; port < PORT + 200; port += 2) {
      if (isFree(port) && isFree(port + 1)) {
        return port;
      }
    }
    throw new IOException("no free port from " + PORT + " on");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> places(Path folder) {
    return List.of(
        "--data=" + folder.resolve("data"),
        "--run=" + folder.resolve("run"),
        "--logs=" + folder.resolve("logs"),
        "--name=training");
  }

  private static void server(Lifecycle lifecycle, Path folder, int port, String... more)
      throws IOException, InterruptedException {
    Flags flags =
        Server.flags(Server.Shape.SERVER)
            .parse(places(folder))
            .parse(List.of("--advertise=127.0.0.1", "--port=" + port))
            .parse(List.of(more));
    Server.assemble(
        lifecycle,
        flags,
        Server.Shape.SERVER,
        hasProgram("etcd") ? Server.Storage.ETCD : Server.Storage.MEMORY);
    lifecycle.start();
  }

  private static void scheduler(Lifecycle lifecycle, Path folder, int port) throws IOException {
    Flags flags =
        SchedulerRole.flags()
            .parse(places(folder))
            .parse(List.of("--server=127.0.0.1:" + port, "--health-port=0"));
    SchedulerRole.assemble(lifecycle, flags);
    lifecycle.start();
  }

  /// A cache that knows no agent is better than none.
  private static void node(Lifecycle node, Path folder, Path program, int port)
      throws IOException, InterruptedException {
    try {
      assembleAgent(node, folder, program, port);
      node.start();
    } catch (IOException | RuntimeException e) {
      log.warn("the node does not start: its classes are loaded, and some of them are not run", e);
      node.close();
      loadAgent();
    }
  }

  private static void assembleAgent(Lifecycle lifecycle, Path folder, Path program, int port)
      throws IOException, InterruptedException {
    Path token = folder.resolve("data/pki/join-token");
    Flags flags =
        AgentRole.flags()
            .parse(places(folder.resolve("node")))
            .parse(
                List.of(
                    "--node=training",
                    "--address=127.0.0.1",
                    "--server=127.0.0.1:" + port,
                    "--token-file=" + token));
    AgentRole.assemble(
        lifecycle, flags, TrainingContainers.by(program, folder.resolve("containers")));
  }

  private static boolean hasProgram(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }

  /// Loads the agent's classes; what they do when they begin to be used may need a node.
  private static void loadAgent() throws IOException {
    try {
      Path jar =
          Path.of(NodeAgent.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (JarFile file = new JarFile(jar.toFile())) {
        for (Enumeration<JarEntry> all = file.entries(); all.hasMoreElements(); ) {
          String name = all.nextElement().getName();
          if (name.endsWith(".class") && !name.contains("-info") && !name.contains("/testing/")) {
            Class<?> _ =
                Class.forName(
                    name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                    false,
                    Training.class.getClassLoader());
          }
        }
      }
    } catch (URISyntaxException | ClassNotFoundException e) {
      throw new IOException("load the agent's classes", e);
    }
  }
}
