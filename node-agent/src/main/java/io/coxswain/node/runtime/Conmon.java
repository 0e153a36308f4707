package io.coxswain.node.runtime;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.host.Daemons;
import io.coxswain.node.host.Fifo;
import io.coxswain.node.host.Signals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;

/// Starts a monitor for one container: a process of about a megabyte, in a session of its own, that
/// has the runtime make the container, writes its output in CRI format, and its exit code to a file
/// when it ends.
final class Conmon {

  private final Path program;
  private final Daemons daemons;
  private final OciRuntime runtime;
  private final Path sockets;
  private final Duration patience;
  private final List<String> environment = new ArrayList<>();

  /// @param sockets folder for links to the monitors' sockets, as short as can be: a socket's path
  ///   has 108 bytes
  Conmon(Path program, Daemons daemons, OciRuntime runtime, Path sockets, Duration patience) {
    this.program = program;
    this.daemons = daemons;
    this.runtime = runtime;
    this.sockets = sockets;
    this.patience = patience;
    System.getenv().forEach((name, value) -> environment.add(name + "=" + value));
    environment.add("_OCI_SYNCPIPE=" + Daemons.WORD);
  }

  /// @param bundle folder with `config.json`; gets the monitor's `attach` and `ctl`, `pid` and
  ///   `monitor.pid`
  /// @param state folder that gets the `exit` file and, out of memory, `oom`
  record Request(String id, Path bundle, Path state, Path log, boolean terminal, boolean stdin) {}

  record Made(int pid, int monitorPid) {}

  /// Makes the container and leaves it waiting to be started. Blocks until it is there.
  ///
  /// @throws IOException with the runtime's words when it could not
  Made create(Request request) throws IOException, InterruptedException {
    Path word = request.bundle().resolve("sync");
    try (Fifo fifo = Fifo.create(word)) {
      int monitor =
          daemons.start(new Daemons.Daemon(command(request), environment, request.bundle(), word));
      Files.writeString(request.bundle().resolve("monitor.pid"), Integer.toString(monitor));
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(fifo.listen(), StandardCharsets.UTF_8))) {
        return new Made(pid(firstLine(reader), request), monitor);
      } catch (IOException e) {
        // So that nobody waits for its word any more.
        Signals.send(monitor, "", Signals.SIGKILL);
        throw e;
      }
    }
  }

  private String firstLine(BufferedReader reader) throws IOException, InterruptedException {
    CompletableFuture<String> line = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        String read = reader.readLine();
        line.complete(read == null ? "" : read);
      } catch (IOException e) {
        line.completeExceptionally(e);
      }
    });
    try {
      return line.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("the monitor said nothing within " + patience, e);
    } catch (ExecutionException e) {
      throw new IOException("reading the monitor's word", e.getCause());
    }
  }

  private int pid(String line, Request request) throws IOException {
    if (line.isEmpty()) {
      throw new IOException(
          "container %s: %s ended without a word, look for its complaint in the system log"
              .formatted(request.id(), program));
    }
    JsonNode word = JsonTrees.read(line);
    int pid = word.path("pid").asInt(-1);
    if (pid <= 0) {
      throw new IOException(complaint(word.path("message").asString("")));
    }
    return pid;
  }

  /// The runtime's own message, out of its log line.
  static String complaint(String said) {
    String text = said.strip();
    int message = text.indexOf("msg=\"");
    if (message < 0) {
      return text.isEmpty() ? "the runtime gave no reason" : text;
    }
    int end = text.lastIndexOf('"');
    String inner = text.substring(message + 5, Math.max(end, message + 5));
    return inner.replace("\\\"", "\"");
  }

  private List<String> command(Request request) {
    // It stays the process that it was started as, instead of leaving the work to a child.
    List<String> words = new ArrayList<>(List.of(program.toString(), "--sync"));
    words.addAll(List.of("--cid", request.id(), "--cuuid", request.id(), "--name", request.id()));
    words.addAll(List.of("--runtime", runtime.program().toString()));
    words.addAll(List.of("--bundle", request.bundle().toString()));
    words.addAll(List.of("--container-pidfile", request.bundle().resolve("pid").toString()));
    words.addAll(List.of("--log-path", "k8s-file:" + request.log()));
    words.addAll(List.of("--persist-dir", request.state().toString()));
    words.addAll(List.of("--socket-dir-path", sockets.toString()));
    // A forced write to the disk at each container's end costs more than it saves.
    words.add("--no-sync-log");
    if (request.terminal()) {
      words.add("--terminal");
    }
    if (request.stdin()) {
      words.addAll(List.of("--stdin", "--leave-stdin-open"));
    }
    for (String argument : runtime.globalArguments()) {
      words.addAll(List.of("--runtime-arg", argument));
    }
    return words;
  }
}
