package io.coxswain.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Docker engine with folders, socket and network namespace of its own, as a swarm of one node.
/// Spoken with over its socket, so that no start of a command line tool is measured.
final class DockerEngine implements AutoCloseable {

  static final String IMAGE = "bench:1";

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Path DAEMON = Path.of("/usr/sbin/dockerd");
  private static final Path CLIENT = Path.of("/usr/bin/docker");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ADDRESS = "10.99.0.1";

  private final Setting setting;
  private final Path folder;
  private final ProcessGroup programs;
  private final ProcessGroup containers;
  private @Nullable Process daemon;

  DockerEngine(Setting setting) throws IOException {
    this.setting = setting;
    this.folder = setting.root().resolve("d");
    this.programs = ProcessGroup.named(setting.id() + "-docker").create();
    this.containers = ProcessGroup.named(setting.id() + "-dockerpods");
  }

  static boolean isInstalled() {
    return Files.isExecutable(DAEMON) && Files.isExecutable(CLIENT);
  }

  static String version() throws IOException, InterruptedException {
    return Program.run(CLIENT.toString(), "--version").strip();
  }

  /// Starts it on empty folders, and makes it a swarm.
  ///
  /// @return seconds until its node was ready
  double up() throws IOException, InterruptedException {
    Files.createDirectories(folder);
    List<String> command = new ArrayList<>(programs.enter());
    command.addAll(List.of("nsenter", "--net=" + networkNamespace()));
    command.addAll(List.of(DAEMON.toString(), "--host", "unix://" + socket()));
    command.addAll(List.of("--data-root", folder.resolve("data").toString()));
    command.addAll(List.of("--exec-root", memory().toString()));
    command.addAll(List.of("--pidfile", folder.resolve("pid").toString()));
    command.addAll(List.of("--storage-driver", "overlay2"));
    command.addAll(List.of("--exec-opt", "native.cgroupdriver=cgroupfs"));
    command.addAll(List.of("--cgroup-parent", "/" + setting.id() + "-dockerpods"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
    long begin = System.nanoTime();
    daemon = builder.start();
    until("answers", () -> call("GET", "/_ping", "").isPresent());
    Optional<JsonNode> _ =
        call(
            "POST",
            "/swarm/init",
            "{\"ListenAddr\": \"%s\", \"AdvertiseAddr\": \"%s\"}".formatted(ADDRESS, ADDRESS));
    until(
        "has a node that is ready",
        () ->
            call("GET", "/nodes", "")
                .map(nodes -> nodes.path(0).path("Status").path("State").asString(""))
                .filter("ready"::equals)
                .isPresent());
    return (System.nanoTime() - begin) / 1e9;
  }

  /// Makes an image of the root file system.
  void importImage() throws IOException, InterruptedException {
    Path archive = folder.resolve("image.tar");
    Program.run("tar", "-C", setting.rootfs().toString(), "-cf", archive.toString(), ".");
    docker(PATIENCE, "import", archive.toString(), IMAGE);
  }

  /// One command of the client.
  void docker(Duration patience, String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(CLIENT.toString(), "--host", "unix://" + socket()));
    command.addAll(List.of(words));
    String _ = Program.run(patience, Map.of("DOCKER_BUILDKIT", "0"), command);
  }

  Path networkNamespace() {
    return Path.of("/run/netns", setting.id() + "-d");
  }

  /// One request to the engine.
  ///
  /// @return the answer; nothing when the engine does not listen, or knows no such thing
  /// @throws IOException with the engine's words when it refused
  Optional<JsonNode> call(String verb, String path, String body) throws IOException {
    String request =
        "%s /v1.41%s HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(verb, path, body.getBytes(StandardCharsets.UTF_8).length, body);
    String answer;
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      try {
        channel.connect(UnixDomainSocketAddress.of(socket()));
      } catch (IOException e) {
        return Optional.empty();
      }
      ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      while (out.hasRemaining()) {
        channel.write(out);
      }
      ByteArrayOutputStream in = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      while (channel.read(buffer) >= 0) {
        in.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      answer = in.toString(StandardCharsets.UTF_8);
    }
    int status = Integer.parseInt(answer.split(" ", 3)[1]);
    String content = answer.substring(answer.indexOf("\r\n\r\n") + 4).strip();
    if (status == 404) {
      return Optional.empty();
    }
    if (status >= 400) {
      throw new IOException("docker: " + verb + " " + path + ": " + content);
    }
    boolean json = content.startsWith("{") || content.startsWith("[");
    return Optional.of(JSON.readTree(json ? content : "null"));
  }

  /// Something that will be true.
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  void until(String what, Condition condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos() * 5;
    while (!condition.holds()) {
      if (System.nanoTime() > deadline || (daemon != null && !daemon.isAlive())) {
        String log = Files.readString(folder.resolve("log"));
        throw new IOException(
            "docker: it is not so that it %s; its last words: %s"
                .formatted(what, log.substring(Math.max(0, log.length() - 2000))));
      }
      Thread.sleep(50);
    }
  }

  ProcessGroup programs() {
    return programs;
  }

  ProcessGroup containers() {
    return containers;
  }

  private Path memory() {
    return setting.root().resolve("run/d");
  }

  private Path socket() {
    return folder.resolve("s");
  }

  /// Ends the engine and forgets all that it had. Containers have to be gone.
  void down() throws IOException, InterruptedException {
    Process running = daemon;
    if (running == null) {
      return;
    }
    daemon = null;
    running.destroy();
    if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      running.destroyForcibly();
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo")).reversed()) {
      String point = line.split(" ", -1)[4];
      if (point.startsWith(folder + "/") || point.startsWith(memory() + "/")) {
        Program.run("umount", "-l", point);
      }
    }
    Program.run("rm", "-rf", "--one-file-system", folder.toString(), memory().toString());
  }

  @Override
  public void close() throws IOException {
    try {
      down();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ending it", e);
    }
  }
}
