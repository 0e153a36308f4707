package io.coxswain.node.service;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [Nftables] by libnftables(3) in this process: a transaction costs no fork. It works in the
/// network namespace of the thread that opened it.
public final class LibNftables implements Nftables {

  private static final Logger LOG = LoggerFactory.getLogger(LibNftables.class);
  private static final String LIBRARY = "libnftables.so.1";
  private static final int OUTPUT_TERSE = 1 << 11;

  private final Calls calls;
  private MemorySegment context;

  private record Calls(
      MethodHandle run, MethodHandle output, MethodHandle error, MethodHandle free) {}

  private LibNftables(Calls calls, MemorySegment context) {
    this.calls = calls;
    this.context = context;
  }

  /// libnftables where it is installed, the program `nft` otherwise. For the calling thread's
  /// namespace.
  public static Nftables openOrProgram() {
    try {
      return open();
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn(
          "{} cannot be used ({}): each change of the rules starts nft instead",
          LIBRARY,
          e.getMessage());
      return new NftProgram();
    }
  }

  // The agent runs with --enable-native-access: calling libnftables is what this class is for.
  @SuppressWarnings("restricted")
  static LibNftables open() throws IOException {
    SymbolLookup symbols = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    try {
      MethodHandle make = bind(symbols, "nft_ctx_new", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      MethodHandle bufferOutput =
          bind(symbols, "nft_ctx_buffer_output", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
      MethodHandle bufferError =
          bind(symbols, "nft_ctx_buffer_error", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
      MethodHandle flags =
          bindVoid(symbols, "nft_ctx_output_set_flags", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      Calls calls =
          new Calls(
              bind(
                  symbols,
                  "nft_run_cmd_from_buffer",
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS),
              bind(symbols, "nft_ctx_get_output_buffer", ValueLayout.ADDRESS, ValueLayout.ADDRESS),
              bind(symbols, "nft_ctx_get_error_buffer", ValueLayout.ADDRESS, ValueLayout.ADDRESS),
              bindVoid(symbols, "nft_ctx_free", ValueLayout.ADDRESS));
      MemorySegment context = (MemorySegment) make.invokeExact(0);
      if (context.equals(MemorySegment.NULL)) {
        throw new IOException("libnftables gave no context: are we root?");
      }
      if ((int) bufferOutput.invokeExact(context) != 0
          || (int) bufferError.invokeExact(context) != 0) {
        throw new IOException("libnftables has no memory for its output");
      }
      flags.invokeExact(context, OUTPUT_TERSE);
      return new LibNftables(calls, context);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  @Override
  public synchronized String run(String commands) throws IOException {
    if (context.equals(MemorySegment.NULL)) {
      throw new IOException("libnftables is closed");
    }
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) calls.run().invokeExact(context, arena.allocateFrom(commands));
      String output = text((MemorySegment) calls.output().invokeExact(context));
      String error = text((MemorySegment) calls.error().invokeExact(context));
      if (result != 0) {
        throw new IOException("nftables refused: " + error.strip());
      }
      return output;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  // The library gives text ended by a zero byte, of a length that it does not say.
  @SuppressWarnings("restricted")
  private static String text(MemorySegment text) {
    return text.equals(MemorySegment.NULL) ? "" : text.reinterpret(Integer.MAX_VALUE).getString(0);
  }

  @Override
  public synchronized void close() {
    if (context.equals(MemorySegment.NULL)) {
      return;
    }
    try {
      calls.free().invokeExact(context);
    } catch (Throwable e) {
      throw new IllegalStateException("free libnftables", e);
    }
    context = MemorySegment.NULL;
  }

  private static IOException failure(Throwable e) {
    return switch (e) {
      case IOException refused -> refused;
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      default -> new IOException(e);
    };
  }

  // The agent runs with --enable-native-access: calling libnftables is what this class is for.
  @SuppressWarnings("restricted")
  private static MethodHandle bind(
      SymbolLookup symbols, String name, MemoryLayout result, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  // The agent runs with --enable-native-access: calling libnftables is what this class is for.
  @SuppressWarnings("restricted")
  private static MethodHandle bindVoid(
      SymbolLookup symbols, String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.ofVoid(arguments));
  }
}
