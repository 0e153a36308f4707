package io.coxswain.node.stream;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.ProcessTree;
import io.coxswain.node.host.Pty;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A program on a terminal of ours, which copies to and from one that it makes in the container.
final class ExecTerminal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ExecTerminal.class);
  private static final int BUFFER_BYTES = 16 << 10;

  private record Size(int columns, int rows) {}

  private final Carrier carrier;
  private final boolean typed;
  private final Pty terminal;
  private final Process process;
  private final CountDownLatch said = new CountDownLatch(1);
  private Optional<Size> size = Optional.empty();

  /// Starts the program.
  ///
  /// @param typed whether it hears what comes from the carrier
  ExecTerminal(List<String> words, Carrier carrier, boolean typed) throws IOException {
    this.carrier = carrier;
    this.typed = typed;
    this.terminal = Pty.open();
    // A shell opens the terminal: the agent itself must not, for as leader of its session it would
    // get it as its controlling terminal.
    List<String> shell = new ArrayList<>();
    shell.addAll(List.of("/bin/sh", "-c", "exec \"$@\" <\"$0\" >\"$0\" 2>&1", terminal.slave()));
    shell.addAll(words);
    try {
      this.process = new ProcessBuilder(shell).start();
    } catch (IOException e) {
      terminal.close();
      throw e;
    }
  }

  /// Blocks until the program has ended.
  ///
  /// @return its exit code
  int run(TaskScope tasks) throws IOException, InterruptedException {
    Thread output = Thread.ofPlatform().daemon().name("terminal").start(this::show);
    tasks.fork("stdin", this::type);
    int code = process.waitFor();
    terminal.hangUp();
    if (!said.await(2, TimeUnit.SECONDS)) {
      output.interrupt();
    }
    return code;
  }

  private void show() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      boolean first = true;
      for (int n = terminal.read(buffer); n > 0; n = terminal.read(buffer)) {
        if (first) {
          // By now the terminal in the container is there, and whoever made it has given it the
          // size that he saw then.
          resize();
          first = false;
        }
        carrier.send(Carrier.STDOUT, buffer, n);
      }
    } catch (IOException e) {
      log.debug("a terminal ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      said.countDown();
    }
  }

  private void type() throws InterruptedException {
    while (true) {
      Optional<Frame> next = carrier.receive();
      if (next.isEmpty()) {
        ProcessTree.kill(process);
        return;
      }
      Frame frame = next.get();
      try {
        if (frame.getChannel() == Carrier.STDIN && typed) {
          terminal.write(frame.getData().toByteArray());
        } else if (frame.getChannel() == Carrier.RESIZE) {
          resizeTo(frame);
        }
      } catch (IOException e) {
        log.debug("a terminal no longer reads", e);
      }
    }
  }

  private void resizeTo(Frame frame) {
    try {
      JsonNode wanted = JsonTrees.read(frame.getData().toByteArray());
      synchronized (this) {
        size =
            Optional.of(new Size(wanted.path("Width").asInt(80), wanted.path("Height").asInt(24)));
      }
      resize();
    } catch (JacksonException e) {
      log.debug("no size of a terminal: {}", frame.getData().toStringUtf8());
    }
  }

  private synchronized void resize() {
    if (size.isEmpty() || !process.isAlive()) {
      return;
    }
    Size now = size.get();
    try {
      terminal.resize(now.columns(), now.rows());
      Pty.resizeThoseOf((int) process.pid(), now.columns(), now.rows());
    } catch (IOException e) {
      log.debug("a terminal keeps its size", e);
    }
  }

  @Override
  public void close() throws IOException {
    ProcessTree.kill(process);
    terminal.close();
  }
}
