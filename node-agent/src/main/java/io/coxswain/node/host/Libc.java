package io.coxswain.node.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The few calls of the C library that the JDK has no method for. Numbers are Linux's, the same on
/// x86-64 and AArch64.
final class Libc {

  static final int MS_RDONLY = 1;
  static final int MS_NOSUID = 2;
  static final int MS_NODEV = 4;
  static final int MS_NOEXEC = 8;
  static final int MS_REMOUNT = 32;
  static final int MS_NOATIME = 1024;
  static final int MS_BIND = 4096;
  static final int MS_REC = 16384;
  static final int MS_PRIVATE = 1 << 18;
  static final int MS_SHARED = 1 << 20;
  private static final long SYS_OPEN_TREE = 428;
  private static final long SYS_MOVE_MOUNT = 429;
  private static final long SYS_MOUNT_SETATTR = 442;
  private static final long AT_FDCWD = -100;
  private static final long AT_EMPTY_PATH = 0x1000;
  private static final long OPEN_TREE_CLONE_CLOEXEC = 1 | 0x80000;
  private static final long AT_RECURSIVE = 0x8000;
  private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final long MOUNT_ATTR_RDONLY = 1;
  private static final long MOUNT_ATTR_IDMAP = 0x100000;
  static final int MNT_DETACH = 2;
  static final int UMOUNT_NOFOLLOW = 8;
  static final int CLONE_NEWUTS = 0x04000000;
  static final int CLONE_NEWIPC = 0x08000000;
  static final int CLONE_NEWNET = 0x40000000;
  static final int O_RDWR = 2;
  static final int O_NOCTTY = 0x100;
  static final int O_CLOEXEC = 0x80000;
  static final long TIOCSPTLCK = 0x40045431L;
  static final long TIOCGPTN = 0x80045430L;
  private static final long TIOCSWINSZ = 0x5414L;
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET_CLOEXEC = 5 | O_CLOEXEC;
  private static final int SHUT_RDWR = 2;
  private static final int SOCKET_PATH_BYTES = 108;
  private static final int WNOHANG = 1;
  private static final int MFD_CLOEXEC_AND_SEALING = 3;
  private static final int F_ADD_SEALS = 1033;
  private static final int ALL_SEALS = 15;
  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final long SYS_PIDFD_GETFD = 438;
  private static final int EPOLLIN = 1;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;

  /// The structure is packed on x86-64 only.
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

  private static final long EPOLL_EVENT_BYTES = PACKED ? 12 : 16;
  private static final long EPOLL_DATA_OFFSET = PACKED ? 4 : 8;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle MOUNT =
      bind(
          "mount",
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS);
  private static final MethodHandle UMOUNT2 =
      bind("umount2", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle UNSHARE = bind("unshare", ValueLayout.JAVA_INT);
  private static final MethodHandle SETNS =
      bind("setns", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle OPEN =
      bindVariadic("open", 2, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", ValueLayout.JAVA_INT);
  private static final MethodHandle SETHOSTNAME =
      bind("sethostname", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
  private static final MethodHandle KILL = bind("kill", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle GETTID = bind("gettid");
  private static final MethodHandle MKFIFO =
      bind("mkfifo", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle WAITPID =
      bind("waitpid", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle MEMFD_CREATE =
      bind("memfd_create", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle FCNTL =
      bindVariadic("fcntl", 2, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle SYSCALL2 =
      bindLongVariadic("syscall", ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
  private static final MethodHandle SYSCALL4 =
      bindLongVariadic(
          "syscall",
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);
  private static final MethodHandle SYSCALL5 =
      bindLongVariadic(
          "syscall",
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_LONG);
  private static final MethodHandle EPOLL_CREATE1 = bind("epoll_create1", ValueLayout.JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      bind(
          "epoll_ctl",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS);
  private static final MethodHandle EPOLL_WAIT =
      bind(
          "epoll_wait",
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT);
  private static final MethodHandle EVENTFD =
      bind("eventfd", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle IOCTL =
      bindVariadic("ioctl", 2, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
  private static final MethodHandle READ =
      bindLong("read", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
  private static final MethodHandle WRITE =
      bindLong("write", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
  private static final MethodHandle SOCKET =
      bind("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle CONNECT =
      bind("connect", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle SHUTDOWN =
      bind("shutdown", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private static final MethodHandle EVENTFD_WRITE =
      bind("eventfd_write", ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);

  private Libc() {}

  static void mount(String source, String target, String type, long flags, String data)
      throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment options = data.isEmpty() ? MemorySegment.NULL : arena.allocateFrom(data);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target),
                  arena.allocateFrom(type),
                  flags,
                  options);
      check(result, state, "mount %s at %s".formatted(source, target));
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void umount(String target, int flags) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags);
      check(result, state, "unmount " + target);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void unshare(int namespaces) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) UNSHARE.invokeExact(state, namespaces), state, "make namespaces");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void setns(int descriptor, int kind) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) SETNS.invokeExact(state, descriptor, kind), state, "enter a namespace");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static int open(String path, int flags) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, 0);
      return check(result, state, "open " + path);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void close(int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) CLOSE.invokeExact(state, descriptor), state, "close a file");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void setHostname(String name) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment text = arena.allocateFrom(name);
      int result = (int) SETHOSTNAME.invokeExact(state, text, text.byteSize() - 1);
      check(result, state, "set the host name " + name);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void kill(int pid, int signal) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) KILL.invokeExact(state, pid, signal);
      check(result, state, "send signal %d to process %d".formatted(signal, pid));
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void makeFifo(String path, int mode) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) MKFIFO.invokeExact(state, arena.allocateFrom(path), mode);
      check(result, state, "make the fifo " + path);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// The kernel's number of the calling thread, which must be a platform thread.
  static int threadId() throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return check((int) GETTID.invokeExact(state), state, "ask for the thread's number");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// A descriptor that becomes readable when the process ends (pidfd_open(2)).
  static int pidfdOpen(int pid) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) SYSCALL2.invokeExact(state, SYS_PIDFD_OPEN, (long) pid, 0L);
      return check((int) result, state, "open process " + pid);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void pidfdSignal(int descriptor, int signal) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL4.invokeExact(
                  state, SYS_PIDFD_SEND_SIGNAL, (long) descriptor, (long) signal, 0L, 0L);
      check((int) result, state, "send signal " + signal);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// A descriptor of the caller's own for what another process has open (pidfd_getfd(2)).
  static int pidfdGet(int process, int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL4.invokeExact(
                  state, SYS_PIDFD_GETFD, (long) process, (long) descriptor, 0L, 0L);
      return check((int) result, state, "get descriptor " + descriptor + " of a process");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// A copy of what is mounted at a path that is nowhere yet (open_tree(2)).
  ///
  /// @param recursive with what is mounted below it
  /// @return its descriptor
  static int copyOfMount(String path, boolean recursive) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL4.invokeExact(
                  state,
                  SYS_OPEN_TREE,
                  AT_FDCWD,
                  arena.allocateFrom(path).address(),
                  OPEN_TREE_CLONE_CLOEXEC | (recursive ? AT_RECURSIVE : 0L),
                  0L);
      return check((int) result, state, "copy the mount of " + path);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Has the files of a mount that is nowhere yet belong to whom the namespace says
  /// (mount_setattr(2)).
  static void mapOwners(int mount, int userNamespace, boolean readOnly) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      // attributes to set, to clear, propagation, descriptor
      MemorySegment attributes = arena.allocate(ValueLayout.JAVA_LONG, 4);
      attributes.setAtIndex(
          ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_IDMAP | (readOnly ? MOUNT_ATTR_RDONLY : 0L));
      attributes.setAtIndex(ValueLayout.JAVA_LONG, 3, userNamespace);
      long result =
          (long)
              SYSCALL5.invokeExact(
                  state,
                  SYS_MOUNT_SETATTR,
                  (long) mount,
                  arena.allocateFrom("").address(),
                  AT_EMPTY_PATH,
                  attributes.address(),
                  attributes.byteSize());
      check((int) result, state, "map the owners of a mount's files");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Puts a mount that is nowhere yet at a place (move_mount(2)).
  static void placeMount(int mount, String target) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL5.invokeExact(
                  state,
                  SYS_MOVE_MOUNT,
                  (long) mount,
                  arena.allocateFrom("").address(),
                  AT_FDCWD,
                  arena.allocateFrom(target).address(),
                  MOVE_MOUNT_F_EMPTY_PATH);
      check((int) result, state, "mount at " + target);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static int epollCreate() throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return check((int) EPOLL_CREATE1.invokeExact(state, O_CLOEXEC), state, "make an epoll");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Watches the descriptor until it is readable.
  static void epollAdd(int epoll, int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment event = arena.allocate(EPOLL_EVENT_BYTES, 8);
      event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
      event.set(ValueLayout.JAVA_INT, EPOLL_DATA_OFFSET, descriptor);
      int result = (int) EPOLL_CTL.invokeExact(state, epoll, EPOLL_CTL_ADD, descriptor, event);
      check(result, state, "watch a descriptor");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void epollRemove(int epoll, int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int) EPOLL_CTL.invokeExact(state, epoll, EPOLL_CTL_DEL, descriptor, MemorySegment.NULL);
      check(result, state, "no longer watch a descriptor");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Sleeps until some of the watched descriptors are readable.
  static int[] epollWait(int epoll) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int most = 64;
      MemorySegment events = arena.allocate(EPOLL_EVENT_BYTES * most, 8);
      int count = (int) EPOLL_WAIT.invokeExact(state, epoll, events, most, -1);
      if (count < 0 && (int) ERRNO.get(state, 0L) == Errno.EINTR) {
        return new int[0];
      }
      int[] ready = new int[check(count, state, "wait for descriptors")];
      for (int i = 0; i < ready.length; i++) {
        ready[i] =
            events.get(ValueLayout.JAVA_INT_UNALIGNED, i * EPOLL_EVENT_BYTES + EPOLL_DATA_OFFSET);
      }
      return ready;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static int eventfd() throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      return check((int) EVENTFD.invokeExact(state, 0, O_CLOEXEC), state, "make an eventfd");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static void eventfdSignal(int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) EVENTFD_WRITE.invokeExact(state, descriptor, 1L), state, "signal an eventfd");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// An ioctl(2) whose argument is a number that the kernel reads, or writes and that is returned.
  static int ioctlInt(int descriptor, long request, int value) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_INT, value);
      int result = (int) IOCTL.invokeExact(state, descriptor, request, number);
      check(result, state, "set up a terminal");
      return number.get(ValueLayout.JAVA_INT, 0);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  static int setWindowSize(int descriptor, int columns, int rows) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment size = arena.allocate(8, 2);
      size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
      size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
      int result = (int) IOCTL.invokeExact(state, descriptor, TIOCSWINSZ, size);
      return check(result, state, "resize a terminal");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// @return how many bytes came; 0 at the end
  static int read(int descriptor, byte[] buffer) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment copy = arena.allocate(buffer.length);
      long length = buffer.length;
      int count;
      do {
        count = (int) (long) READ.invokeExact(state, descriptor, copy, length);
      } while (count < 0 && (int) ERRNO.get(state, 0L) == Errno.EINTR);
      check(count, state, "read");
      MemorySegment.copy(copy, ValueLayout.JAVA_BYTE, 0, buffer, 0, count);
      return count;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// @return how many bytes were written: all
  static int writeAll(int descriptor, byte[] data) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment left = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
      while (left.byteSize() > 0) {
        long size = left.byteSize();
        int count = (int) (long) WRITE.invokeExact(state, descriptor, left, size);
        if (count < 0 && (int) ERRNO.get(state, 0L) == Errno.EINTR) {
          continue;
        }
        left = left.asSlice(check(count, state, "write"));
      }
      return data.length;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// A connection to a Unix socket of sequenced packets.
  static int connectPackets(String path) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment address = arena.allocate(2 + SOCKET_PATH_BYTES, 2);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      address.setString(2, path);
      int descriptor = (int) SOCKET.invokeExact(state, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0);
      check(descriptor, state, "make a socket");
      int size = (int) address.byteSize();
      int result = (int) CONNECT.invokeExact(state, descriptor, address, size);
      if (result < 0) {
        int errno = (int) ERRNO.get(state, 0L);
        close(descriptor);
        throw new SystemCallException("connect to " + path, errno);
      }
      return descriptor;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Ends both directions; a connection that has ended is fine.
  static int shutdown(int descriptor) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) SHUTDOWN.invokeExact(state, descriptor, SHUT_RDWR);
      return Math.max(0, result);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Takes note that a child has ended; one that goes on, and somebody else's, is fine.
  static void reap(int pid) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) WAITPID.invokeExact(state, pid, MemorySegment.NULL, WNOHANG);
      if (result < 0 && (int) ERRNO.get(state, 0L) != Errno.ECHILD) {
        check(result, state, "take note of the end of process " + pid);
      }
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// A file in memory with this content that can be changed no more.
  static int sealed(String name, byte[] content) throws SystemCallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int made =
          (int) MEMFD_CREATE.invokeExact(state, arena.allocateFrom(name), MFD_CLOEXEC_AND_SEALING);
      int descriptor = check(made, state, "make a file in memory");
      try {
        writeAll(descriptor, content);
        check((int) FCNTL.invokeExact(state, descriptor, F_ADD_SEALS, ALL_SEALS), state, "seal it");
        return descriptor;
      } catch (SystemCallException e) {
        close(descriptor);
        throw e;
      }
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Where a call of [#bind] puts the error's number.
  static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  private static int check(int result, MemorySegment state, String what)
      throws SystemCallException {
    if (result < 0) {
      throw new SystemCallException(what, (int) ERRNO.get(state, 0L));
    }
    return result;
  }

  static SystemCallException failure(Throwable e) {
    return switch (e) {
      case SystemCallException refused -> refused;
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      default -> throw new IllegalStateException(e);
    };
  }

  // The agent runs with --enable-native-access: calling the kernel is what this class is for.
  @SuppressWarnings("restricted")
  static MethodHandle bind(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        SYMBOLS.findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  // See above.
  @SuppressWarnings("restricted")
  private static MethodHandle bindLong(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        SYMBOLS.findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments),
        Linker.Option.captureCallState("errno"));
  }

  // See above.
  @SuppressWarnings("restricted")
  private static MethodHandle bindLongVariadic(String name, MemoryLayout... arguments) {
    MemoryLayout[] all = new MemoryLayout[arguments.length + 1];
    all[0] = ValueLayout.JAVA_LONG;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return LINKER.downcallHandle(
        SYMBOLS.findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, all),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(1));
  }

  // See above.
  @SuppressWarnings("restricted")
  private static MethodHandle bindVariadic(String name, int fixed, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        SYMBOLS.findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }
}
