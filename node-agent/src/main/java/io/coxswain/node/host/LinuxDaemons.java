package io.coxswain.node.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Daemons by posix_spawn(3). The JDK starts a program by way of another one that tidies up before
/// it, and has a thread wait for each; for a pod a second that is much of what the agent itself
/// costs.
public final class LinuxDaemons implements Daemons {

  private static final Logger log = LoggerFactory.getLogger(LinuxDaemons.class);

  /// More than the C library's opaque structures have on any architecture served here.
  private static final long STRUCTURE_BYTES = 512;

  private static final short POSIX_SPAWN_SETSIGMASK = 8;
  private static final long SIGNAL_SET_BYTES = 128;
  private static final int O_WRONLY = 1;

  private static final MethodHandle ACTIONS_INIT =
      Libc.bind("posix_spawn_file_actions_init", ValueLayout.ADDRESS);
  private static final MethodHandle ACTIONS_DESTROY =
      Libc.bind("posix_spawn_file_actions_destroy", ValueLayout.ADDRESS);
  private static final MethodHandle ADD_OPEN =
      Libc.bind(
          "posix_spawn_file_actions_addopen",
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT);
  private static final MethodHandle ADD_CHDIR =
      Libc.bind("posix_spawn_file_actions_addchdir_np", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
  private static final MethodHandle ADD_CLOSE_FROM =
      Libc.bind(
          "posix_spawn_file_actions_addclosefrom_np", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle ATTRIBUTES_INIT =
      Libc.bind("posix_spawnattr_init", ValueLayout.ADDRESS);
  private static final MethodHandle ATTRIBUTES_DESTROY =
      Libc.bind("posix_spawnattr_destroy", ValueLayout.ADDRESS);
  private static final MethodHandle SET_FLAGS =
      Libc.bind("posix_spawnattr_setflags", ValueLayout.ADDRESS, ValueLayout.JAVA_SHORT);
  private static final MethodHandle SET_MASK =
      Libc.bind("posix_spawnattr_setsigmask", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
  private static final MethodHandle SPAWN =
      Libc.bind(
          "posix_spawn",
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS);

  private final ProcessWatch watch;

  /// @param watch tells when a daemon ended, so that it does not stay as a zombie
  public LinuxDaemons(ProcessWatch watch) {
    this.watch = watch;
  }

  @Override
  public int start(Daemon daemon) throws IOException {
    int pid = spawn(daemon);
    watch.whenEnded(pid, () -> reap(pid));
    return pid;
  }

  private static void reap(int pid) {
    try {
      Libc.reap(pid);
    } catch (SystemCallException e) {
      log.warn("process {} stays as a zombie", pid, e);
    }
  }

  private static int spawn(Daemon daemon) throws SystemCallException {
    String what = "start " + daemon.arguments().getFirst();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment actions = arena.allocate(STRUCTURE_BYTES, 16);
      MemorySegment attributes = arena.allocate(STRUCTURE_BYTES, 16);
      check((int) ACTIONS_INIT.invokeExact(state, actions), what);
      check((int) ATTRIBUTES_INIT.invokeExact(state, attributes), what);
      try {
        MemorySegment none = arena.allocateFrom("/dev/null");
        for (int stream = 0; stream < 3; stream++) {
          int opened = (int) ADD_OPEN.invokeExact(state, actions, stream, none, Libc.O_RDWR, 0);
          check(opened, what);
        }
        MemorySegment word = arena.allocateFrom(daemon.word().toString());
        check((int) ADD_OPEN.invokeExact(state, actions, WORD, word, O_WRONLY, 0), what);
        // The JDK's own files are not all closed by the kernel when a program starts.
        check((int) ADD_CLOSE_FROM.invokeExact(state, actions, WORD + 1), what);
        MemorySegment folder = arena.allocateFrom(daemon.folder().toString());
        check((int) ADD_CHDIR.invokeExact(state, actions, folder), what);
        // The JVM's threads block signals that the program wants to hear.
        check((int) SET_FLAGS.invokeExact(state, attributes, POSIX_SPAWN_SETSIGMASK), what);
        MemorySegment mask = arena.allocate(SIGNAL_SET_BYTES, 8);
        check((int) SET_MASK.invokeExact(state, attributes, mask), what);
        MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
        int result =
            (int)
                SPAWN.invokeExact(
                    state,
                    pid,
                    arena.allocateFrom(daemon.arguments().getFirst()),
                    actions,
                    attributes,
                    words(arena, daemon.arguments()),
                    words(arena, daemon.environment()));
        check(result, what);
        return pid.get(ValueLayout.JAVA_INT, 0);
      } finally {
        int _ = (int) ACTIONS_DESTROY.invokeExact(state, actions);
        int _ = (int) ATTRIBUTES_DESTROY.invokeExact(state, attributes);
      }
    } catch (Throwable e) {
      throw Libc.failure(e);
    }
  }

  /// As `argv` and `envp`: pointers, the last one null.
  private static MemorySegment words(Arena arena, List<String> words) {
    long size = ValueLayout.ADDRESS.byteSize();
    MemorySegment array =
        arena.allocate(MemoryLayout.sequenceLayout(words.size() + 1L, ValueLayout.ADDRESS));
    for (int i = 0; i < words.size(); i++) {
      array.set(ValueLayout.ADDRESS, i * size, arena.allocateFrom(words.get(i)));
    }
    return array;
  }

  /// These calls give the error's number as their result.
  private static void check(int result, String what) throws SystemCallException {
    if (result != 0) {
      throw new SystemCallException(what, result);
    }
  }
}
