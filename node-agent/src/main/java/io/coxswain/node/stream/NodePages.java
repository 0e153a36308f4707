package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodList;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.node.filesystem.ConfinedFiles;
import io.coxswain.node.runtime.PodRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What an agent tells about its node under the paths that the kubelet has: health, figures, what
/// the node uses, its pods, and the files of `/var/log`.
public final class NodePages {

  public static final Path LOGS = Path.of("/var/log");

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int PIECE = 32 << 10;
  private static final int MOST_FILES = 10_000;

  private final PodRuntime runtime;
  private final StatsSummary stats;
  private final Supplier<String> metrics;
  private final Supplier<String> unready;
  private final Path logs;

  /// @param metrics the present figures in Prometheus' text form
  /// @param unready why the node is not well; empty when it is
  /// @param logs the folder that `/logs/` shows
  public NodePages(
      PodRuntime runtime,
      StatsSummary stats,
      Supplier<String> metrics,
      Supplier<String> unready,
      Path logs) {
    this.runtime = runtime;
    this.stats = stats;
    this.metrics = metrics;
    this.unready = unready;
    this.logs = logs;
  }

  /// Blocks while the other side is behind.
  ///
  /// @throws StreamRefused when there is no such page
  void write(String path, Carrier carrier) throws IOException, InterruptedException, StreamRefused {
    switch (path) {
      case "/healthz", "/healthz/ping", "/healthz/syncloop" -> health(carrier);
      case "/metrics" -> page(carrier, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
      case "/stats/summary" -> page(carrier, "application/json", stats.json());
      case "/pods", "/pods/" -> page(carrier, "application/json", pods());
      default -> {
        if (!path.startsWith("/logs/")) {
          throw StreamRefused.notFound(
              "this node's agent has no "
                  + path
                  + ": it has /healthz, /metrics, /stats/summary, /pods and /logs/");
        }
        log(path.substring("/logs/".length()), carrier);
      }
    }
  }

  private static void page(Carrier carrier, String type, String content)
      throws IOException, InterruptedException {
    carrier.send(Carrier.STDOUT, type.getBytes(StandardCharsets.UTF_8));
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length; at += PIECE) {
      byte[] piece = java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + PIECE));
      carrier.send(Carrier.STDOUT, piece);
    }
  }

  private void health(Carrier carrier) throws IOException, InterruptedException, StreamRefused {
    String why = unready.get();
    if (!why.isEmpty()) {
      throw StreamRefused.internal("the node is not ready: " + why);
    }
    page(carrier, TEXT, "ok");
  }

  /// As the agent knows them, which may be more than the API has: their ends are not over yet.
  private String pods() throws IOException {
    PodList.Builder list = PodList.newBuilder();
    for (Pod pod : runtime.known()) {
      list.addItems(pod);
    }
    return new String(new JsonCodec().encode(list.build()), StandardCharsets.UTF_8);
  }

  /// A file below the folder of logs, or what a folder has. Links are followed as long as they stay
  /// below it: containers' logs are links, too, and lead elsewhere only if somebody means harm.
  private void log(String name, Carrier carrier)
      throws IOException, InterruptedException, StreamRefused {
    Path wanted = logs.resolve(name).normalize();
    if (!wanted.startsWith(logs) || !Files.exists(wanted)) {
      throw noFile(name);
    }
    Path real = wanted.toRealPath();
    if (!real.startsWith(logs.toRealPath())) {
      throw noFile(name);
    }
    if (Files.isDirectory(real)) {
      page(carrier, "text/html; charset=utf-8", listing(real));
      return;
    }
    if (!Files.isRegularFile(real)) {
      throw noFile(name);
    }
    carrier.send(Carrier.STDOUT, TEXT.getBytes(StandardCharsets.UTF_8));
    // what the path was a moment ago it need not be any more
    try (InputStream file = Channels.newInputStream(ConfinedFiles.open(logs.toRealPath(), real))) {
      byte[] piece = new byte[PIECE];
      for (int n = file.read(piece); n >= 0; n = file.read(piece)) {
        carrier.send(Carrier.STDOUT, piece, n);
      }
    }
  }

  private static StreamRefused noFile(String name) {
    return StreamRefused.notFound("there is no file \"" + name + "\" among the node's logs");
  }

  private static String listing(Path folder) throws IOException {
    StringBuilder page = new StringBuilder("<!doctype html>\n<pre>\n");
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.limit(MOST_FILES).sorted().toList();
    }
    for (Path file : files) {
      String name = file.getFileName() + (Files.isDirectory(file) ? "/" : "");
      page.append("<a href=\"").append(escaped(name)).append("\">").append(escaped(name));
      page.append("</a>\n");
    }
    return page.append("</pre>\n").toString();
  }

  private static String escaped(String name) {
    return name.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&#34;");
  }
}
