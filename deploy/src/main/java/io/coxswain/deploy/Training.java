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
/// An agent on its own needs a third of these classes, and gets a cache of its own: when the load
/// has ended, the node's agent leaves this process and goes on in another, as after an update, with
/// pods to run again.
public final class Training {

  private static final Logger log = LoggerFactory.getLogger(Training.class);

  /// Tried first, and always free in namespaces that are made for this alone.
  private static final int PORT = 16443;

  private Training() {}

  /// @param arguments a folder for everything, which gets `ready`, with the port in it, when
  ///   requests are answered; and the program that stands in for a container's, when a node may be
  ///   made here: in a network and a mount namespace of its own. A line on standard input asks the
  ///   node's agent to leave, and `agent-left` tells that it has; the end of standard input ends
  ///   all. With the port as well, this is the agent that goes on, and tells that by `agent-ready`.
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    if (arguments.length > 2) {
      agentAlone(
          folder, Path.of(arguments[1]).toAbsolutePath(), Integer.parseInt(arguments[2]) + 1);
    } else {
      cluster(
          folder,
          arguments.length > 1
              ? Optional.of(Path.of(arguments[1]).toAbsolutePath())
              : Optional.empty());
    }
    System.exit(0);
  }

  private static void cluster(Path folder, Optional<Path> program)
      throws IOException, InterruptedException {
    Lifecycle lifecycle = new Lifecycle("training");
    int port = freePort();
    server(lifecycle, folder, port);
    scheduler(lifecycle, folder, port + 1);
    Lifecycle node = new Lifecycle("training node");
    if (program.isPresent()) {
      agent(lifecycle.own("node", node), folder, program.get(), port + 1);
    } else {
      log.info("no node can be made here: its classes are loaded, and none of them is run");
      loadAgent();
    }
    tell(folder, "ready", port + "\n");
    for (int said = System.in.read(); said >= 0; said = System.in.read()) {
      if (said == '\n') {
        node.close();
        tell(folder, "agent-left", "");
      }
    }
    lifecycle.close();
  }

  private static void agentAlone(Path folder, Path program, int port)
      throws IOException, InterruptedException {
    Lifecycle lifecycle = new Lifecycle("training agent");
    assembleAgent(lifecycle, folder, program, port);
    lifecycle.start();
    tell(folder, "agent-ready", "");
    while (System.in.read() >= 0) {
      // whatever is said, only the end counts
    }
    lifecycle.close();
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

  private static void server(Lifecycle lifecycle, Path folder, int port)
      throws IOException, InterruptedException {
    Flags flags =
        Server.flags(Server.Shape.SERVER)
            .parse(places(folder))
            .parse(List.of("--advertise=127.0.0.1", "--port=" + port));
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
  private static void agent(Lifecycle node, Path folder, Path program, int port)
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
