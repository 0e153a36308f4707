package io.coxswain.node.stream;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.ProcessTree;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One more process in a container, its input and output on a stream. It is killed when the one who
/// asked leaves.
final class ExecStreams {

  private static final Logger log = LoggerFactory.getLogger(ExecStreams.class);

  /// A process that the command left behind may hold its output open.
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

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
      if (!wanted.getTty()) {
        return onPipes(command, wanted, carrier, tasks);
      }
      try (ExecTerminal terminal = new ExecTerminal(command.words(), carrier, wanted.getStdin())) {
        return terminal.run(tasks);
      }
    } finally {
      Files.deleteIfExists(command.file());
    }
  }

  private static int onPipes(
      PodRuntime.ExecCommand command, ExecStream wanted, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException {
    Path beside = command.file();
    String name = beside.getFileName().toString();
    try (ExecOutput out =
            new ExecOutput(
                beside.resolveSibling(name + ".out"), carrier, Carrier.STDOUT, wanted.getStdout());
        ExecOutput err =
            new ExecOutput(
                beside.resolveSibling(name + ".err"),
                carrier,
                Carrier.STDERR,
                wanted.getStderr())) {
      Process process =
          new ProcessBuilder(command.words())
              .redirectOutput(out.file())
              .redirectError(err.file())
              .start();
      try {
        out.carry();
        err.carry();
        OutputStream input = process.getOutputStream();
        if (!wanted.getStdin()) {
          input.close();
        }
        tasks.fork("stdin", () -> feed(carrier, input, process));
        int code = process.waitFor();
        out.await(LAST_WORDS);
        err.await(LAST_WORDS);
        return code;
      } finally {
        ProcessTree.kill(process);
      }
    }
  }

  private static void feed(Carrier carrier, OutputStream input, Process process)
      throws InterruptedException {
    while (true) {
      Optional<Frame> next = carrier.receive();
      if (next.isEmpty()) {
        ProcessTree.kill(process);
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
}
