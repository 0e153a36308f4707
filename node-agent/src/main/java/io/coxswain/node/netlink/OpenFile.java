package io.coxswain.node.netlink;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/// A file descriptor to hand to the kernel: the JDK does not give out its own.
final class OpenFile implements AutoCloseable {

  private static final int READ_ONLY_CLOEXEC = 0x80000;
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN = open();
  private static final MethodHandle CLOSE = closing();

  private final int descriptor;

  private OpenFile(int descriptor) {
    this.descriptor = descriptor;
  }

  static OpenFile open(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment name = arena.allocateFrom(path.toString());
      int descriptor = (int) OPEN.invokeExact(state, name, READ_ONLY_CLOEXEC, 0);
      if (descriptor < 0) {
        throw new NetlinkException("open " + path, (int) ERRNO.get(state, 0L), "");
      }
      return new OpenFile(descriptor);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }

  int descriptor() {
    return descriptor;
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) CLOSE.invokeExact(arena.allocate(STATE), descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException("close a file", e);
    }
  }

  // The agent runs with --enable-native-access: calling the kernel is what this package is for.
  @SuppressWarnings("restricted")
  private static MethodHandle open() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("open"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(2));
  }

  // The agent runs with --enable-native-access: calling the kernel is what this package is for.
  @SuppressWarnings("restricted")
  private static MethodHandle closing() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("close"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        Linker.Option.captureCallState("errno"));
  }
}
