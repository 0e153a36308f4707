package io.coxswain.node.stream;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.Pty;
import io.coxswain.node.host.Signals;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One more process in a container, its input and output on a stream. It is killed when the one who
/// asked leaves.
final class ExecStreams {

  private static final Logger log = LoggerFactory.getLogger(ExecStreams.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int BUFFER_BYTES = 16 << 10;

  private final PodRuntime runtime;

  ExecStreams(PodRuntime runtime) {
    this.runtime = runtime;
  }

  /// Blocks until the process has ended.
  ///
  /// @return its exit code
  int run(ContainerRecord container, ExecStream wanted, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException, StreamRefused {
    if (wanted.getCommandCount() == 0) {
      throw StreamRefused.badRequest("no command was given");
    }
    PodRuntime.ExecCommand command =
        runtime.execCommand(container, wanted.getCommandList(), wanted.getTty());
    try {
      return wanted.getTty()
          ? onTerminal(command.words(), wanted, carrier, tasks)
          : onPipes(command.words(), wanted, carrier, tasks);
    } finally {
      Files.deleteIfExists(command.file());
    }
  }

  private static int onPipes(
      List<String> words, ExecStream wanted, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).start();
    try {
      CountDownLatch said = new CountDownLatch(2);
      tasks.fork(
          "stdout",
          () -> copy(process.getInputStream(), carrier, Carrier.STDOUT, wanted.getStdout(), said));
      tasks.fork(
          "stderr",
          () -> copy(process.getErrorStream(), carrier, Carrier.STDERR, wanted.getStderr(), said));
      OutputStream input = process.getOutputStream();
      if (!wanted.getStdin()) {
        input.close();
      }
      tasks.fork("stdin", () -> feed(carrier, input, process));
      int code = process.waitFor();
      // A process that the command left behind may hold its output open.
      boolean _ = said.await(2, TimeUnit.SECONDS);
      return code;
    } finally {
      process.destroyForcibly();
    }
  }

  private static void copy(
      InputStream from, Carrier carrier, int channel, boolean wanted, CountDownLatch said)
      throws InterruptedException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (from) {
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        if (wanted) {
          carrier.send(channel, buffer, n);
        }
      }
    } catch (IOException e) {
      log.debug("output of an exec ended", e);
    } finally {
      said.countDown();
    }
  }

  private static void feed(Carrier carrier, OutputStream input, Process process)
      throws InterruptedException {
    while (true) {
      Optional<Frame> next = carrier.receive();
      if (next.isEmpty()) {
        process.destroyForcibly();
        return;
      }
      Frame frame = next.get();
      try {
        if (frame.getChannel() == Carrier.STDIN) {
          frame.getData().writeTo(input);
          input.flush();
        } else if (closesInput(frame)) {
          input.close();
        }
      } catch (IOException e) {
        log.debug("an exec no longer reads", e);
      }
    }
  }

  private static boolean closesInput(Frame frame) {
    return frame.getChannel() == Carrier.CLOSE
        && (frame.getData().isEmpty() || frame.getData().byteAt(0) == Carrier.STDIN);
  }

  private static int onTerminal(
      List<String> words, ExecStream wanted, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException {
    try (Pty terminal = Pty.open()) {
      // A shell opens the terminal: the agent itself must not, for as leader of its session it
      // would get it as its controlling terminal.
      List<String> shell = new ArrayList<>();
      shell.addAll(List.of("/bin/sh", "-c", "exec \"$@\" <\"$0\" >\"$0\" 2>&1", terminal.slave()));
      shell.addAll(words);
      Process process = new ProcessBuilder(shell).start();
      try {
        CountDownLatch said = new CountDownLatch(1);
        Thread output =
            Thread.ofPlatform()
                .daemon()
                .name("terminal")
                .start(() -> show(terminal, carrier, said));
        tasks.fork("stdin", () -> type(carrier, terminal, wanted, process));
        int code = process.waitFor();
        terminal.hangUp();
        if (!said.await(2, TimeUnit.SECONDS)) {
          output.interrupt();
        }
        return code;
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static void show(Pty terminal, Carrier carrier, CountDownLatch said) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int n = terminal.read(buffer); n > 0; n = terminal.read(buffer)) {
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

  private static void type(Carrier carrier, Pty terminal, ExecStream wanted, Process process)
      throws InterruptedException {
    while (true) {
      Optional<Frame> next = carrier.receive();
      if (next.isEmpty()) {
        process.destroyForcibly();
        return;
      }
      Frame frame = next.get();
      try {
        if (frame.getChannel() == Carrier.STDIN && wanted.getStdin()) {
          terminal.write(frame.getData().toByteArray());
        } else if (frame.getChannel() == Carrier.RESIZE) {
          resize(terminal, frame, process);
        }
      } catch (IOException e) {
        log.debug("a terminal no longer reads", e);
      }
    }
  }

  private static void resize(Pty terminal, Frame frame, Process process) throws IOException {
    try {
      JsonNode size = JSON.readTree(frame.getData().toByteArray());
      terminal.resize(size.path("Width").asInt(80), size.path("Height").asInt(24));
      // The runtime copies the size to the container's terminal when it hears this.
      Signals.send((int) process.pid(), "", Signals.SIGWINCH);
    } catch (JacksonException e) {
      log.debug("no size of a terminal: {}", frame.getData().toStringUtf8());
    }
  }
}
