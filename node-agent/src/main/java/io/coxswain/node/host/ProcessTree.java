package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Kills programs that have others work for them. A container runtime that is killed in the middle
/// of an `exec` leaves what it began in the container, at whatever point it was: not even made, not
/// yet known by its number, or running.
public final class ProcessTree {

  private static final Logger log = LoggerFactory.getLogger(ProcessTree.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = 500_000;

  private ProcessTree() {}

  /// Kills the program and its children; what these started is left. One that has ended is fine.
  ///
  /// It is stopped first, and so starts nothing more while its children are looked for. What a
  /// child was about to hand over to it (`CLONE_PARENT`, `PR_SET_CHILD_SUBREAPER`) is found in the
  /// next round. Blocks for some milliseconds.
  public static void kill(Process program) {
    if (!program.isAlive()) {
      return;
    }
    int pid = (int) program.pid();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      Signals.send(pid, "", Signals.SIGSTOP);
      boolean stopped = false;
      while (true) {
        stopped = stopped || "TZX".indexOf(state(pid)) >= 0;
        boolean killed = killChildren(pid);
        if (stopped && !killed) {
          return;
        }
        if (System.nanoTime() > deadline) {
          log.warn("children of process {}, which is killed, do not end", pid);
          return;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      log.warn("killing the children of process {}", pid, e);
    } finally {
      program.destroyForcibly();
    }
  }

  /// @return whether there were any
  private static boolean killChildren(int pid) throws IOException {
    boolean any = false;
    for (ProcessHandle child : children(pid)) {
      int number = (int) child.pid();
      if ("ZX".indexOf(state(number)) < 0) {
        Signals.send(number, "", Signals.SIGKILL);
        any = true;
      }
    }
    return any;
  }

  private static List<ProcessHandle> children(int pid) {
    return ProcessHandle.of(pid).map(program -> program.children().toList()).orElse(List.of());
  }

  /// The letter of proc(5): Z is a zombie; X here also for one that is gone.
  private static char state(int pid) {
    try {
      String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return line.charAt(line.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return 'X';
    }
  }
}
