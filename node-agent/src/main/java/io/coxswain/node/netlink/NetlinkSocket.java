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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A socket to one part of the kernel (netlink(7)). Requests go one at a time: each blocks until
/// the kernel has done it, most often for less than a millisecond. Belongs to the network namespace
/// of the thread that opened it, and works from any thread.
public final class NetlinkSocket implements AutoCloseable {

  /// Links, addresses, routes, neighbours.
  public static final int ROUTE = 0;

  /// nftables and connection tracking.
  public static final int NETFILTER = 12;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NLMSG_NOOP = 1;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int FLAG_ACK_ATTRIBUTES = 0x200;
  private static final int ADDRESS_BYTES = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// The kernel's own bound for what it says at once.
  private static final int BUFFER_BYTES = 32 * 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET =
      bind(
          "socket",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT);
  private static final MethodHandle BIND =
      bind(
          "bind",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      bind(
          "setsockopt",
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_INT);
  private static final MethodHandle SEND =
      bind(
          "send",
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT);
  private static final MethodHandle RECV =
      bind(
          "recv",
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT);
  private static final MethodHandle CLOSE =
      bind("close", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

  private final int descriptor;
  private int sequence;
  private boolean closed;

  private NetlinkSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  /// Opens one in the calling thread's network namespace.
  ///
  /// @param family [#ROUTE] or [#NETFILTER]
  public static NetlinkSocket open(int family) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      NetlinkSocket socket = make(family, state);
      MemorySegment time = arena.allocate(16, 8);
      time.set(ValueLayout.JAVA_LONG, 0, PATIENCE.toSeconds());
      socket.option(state, SOL_SOCKET, SO_RCVTIMEO, time);
      MemorySegment on = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
      // Only comfort: an older kernel without them answers with less explanation.
      socket.option(state, SOL_NETLINK, NETLINK_CAP_ACK, on);
      socket.option(state, SOL_NETLINK, NETLINK_EXT_ACK, on);
      return socket;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Opens one in the calling thread's network namespace that hears what the kernel tells these
  /// groups: see [#receive].
  ///
  /// @param groups as bits
  static NetlinkSocket listen(int family, int groups) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      NetlinkSocket socket = make(family, state);
      // struct sockaddr_nl; the kernel chooses the port
      MemorySegment address = arena.allocate(ADDRESS_BYTES, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      address.set(ValueLayout.JAVA_INT, 8, groups);
      if ((int) BIND.invokeExact(state, socket.descriptor, address, ADDRESS_BYTES) < 0) {
        int errno = (int) ERRNO.get(state, 0L);
        socket.close();
        throw new NetlinkException("listen to the kernel", errno, "");
      }
      return socket;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  private static NetlinkSocket make(int family, MemorySegment state) throws Throwable {
    int descriptor = (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW_CLOEXEC, family);
    if (descriptor < 0) {
      throw new NetlinkException("open a netlink socket", (int) ERRNO.get(state, 0L), "");
    }
    return new NetlinkSocket(descriptor);
  }

  /// What the kernel tells next. Blocks until then, or until somebody calls [#wake]; by one thread
  /// at a time, which also closes the socket.
  ///
  /// @return nothing when more was told than there was room for
  List<NetlinkReply> receive() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
      ByteBuffer told = next("listen to the kernel", buffer, arena.allocate(STATE));
      return split(told).stream().map(Received::reply).toList();
    } catch (Throwable e) {
      if (e instanceof NetlinkException refused && refused.errno() == NetlinkException.ENOBUFS) {
        return List.of();
      }
      throw failure(e);
    }
  }

  /// Has the kernel say something to who waits in [#receive]: nothing else ends that.
  void wake() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      send(new NetlinkMessage("wake a listener", NLMSG_NOOP, 0), 0, arena);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /// Sends the request and reads the whole answer.
  ///
  /// @throws NetlinkException when the kernel refused
  public synchronized List<NetlinkReply> request(NetlinkMessage message) throws IOException {
    if (closed) {
      throw new IOException(message.what() + ": the netlink socket is closed");
    }
    sequence++;
    try (Arena arena = Arena.ofConfined()) {
      send(message, sequence, arena);
      MemorySegment state = arena.allocate(STATE);
      MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
      List<NetlinkReply> replies = new ArrayList<>();
      boolean complete = false;
      while (!complete) {
        complete = read(message, next(message.what(), buffer, state), replies);
      }
      return replies;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  private void send(NetlinkMessage message, int number, Arena arena) throws Throwable {
    MemorySegment state = arena.allocate(STATE);
    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, message.encode(number));
    long sent = (long) SEND.invokeExact(state, descriptor, bytes, bytes.byteSize(), 0);
    if (sent < 0) {
      throw new NetlinkException(message.what(), (int) ERRNO.get(state, 0L), "");
    }
  }

  /// One datagram.
  ///
  /// @param what is done, for the message of a refusal
  private ByteBuffer next(String what, MemorySegment buffer, MemorySegment state) throws Throwable {
    while (true) {
      long received = (long) RECV.invokeExact(state, descriptor, buffer, buffer.byteSize(), 0);
      if (received >= 0) {
        return content(buffer, received);
      }
      int errno = (int) ERRNO.get(state, 0L);
      if (errno != NetlinkException.EINTR) {
        throw new NetlinkException(what, errno, "");
      }
    }
  }

  private static ByteBuffer content(MemorySegment buffer, long length) {
    return ByteBuffer.wrap(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE))
        .order(ByteOrder.nativeOrder());
  }

  /// One message of a datagram.
  ///
  /// @param sequence number of the request that it answers
  record Received(int flags, int sequence, NetlinkReply reply) {}

  /// The messages of one datagram, up to one that is cut off.
  ///
  /// @param bytes in the machine's order
  static List<Received> split(ByteBuffer bytes) {
    List<Received> messages = new ArrayList<>();
    int at = 0;
    while (at + NetlinkMessage.HEADER_BYTES <= bytes.limit()) {
      int length = bytes.getInt(at);
      if (length < NetlinkMessage.HEADER_BYTES || at + length > bytes.limit()) {
        break;
      }
      int type = bytes.getShort(at + 4) & 0xffff;
      int flags = bytes.getShort(at + 6) & 0xffff;
      ByteBuffer body =
          bytes
              .slice(at + NetlinkMessage.HEADER_BYTES, length - NetlinkMessage.HEADER_BYTES)
              .order(bytes.order());
      messages.add(new Received(flags, bytes.getInt(at + 8), new NetlinkReply(type, body)));
      at += (length + 3) & ~3;
    }
    return messages;
  }

  /// Takes the messages out of one datagram; true when the answer is complete.
  private boolean read(NetlinkMessage message, ByteBuffer bytes, List<NetlinkReply> replies)
      throws NetlinkException {
    for (Received received : split(bytes)) {
      if (received.sequence() != sequence) {
        continue; // the answer to a request that was given up earlier is of no use any more
      }
      NetlinkReply reply = received.reply();
      switch (reply.type()) {
        case NLMSG_DONE -> {
          return true;
        }
        case NLMSG_ERROR -> {
          int errno = -reply.body().getInt(0);
          if (errno != 0) {
            String explanation = explanation(reply, received.flags());
            throw new NetlinkException(message.what(), errno, explanation);
          }
          return true;
        }
        default -> replies.add(reply);
      }
    }
    return false;
  }

  private static String explanation(NetlinkReply error, int flags) {
    if ((flags & FLAG_ACK_ATTRIBUTES) == 0) {
      return "";
    }
    ByteBuffer text = error.attributes(4 + NetlinkMessage.HEADER_BYTES).get(1);
    return text == null ? "" : NetlinkReply.text(text);
  }

  private void option(MemorySegment state, int level, int name, MemorySegment value)
      throws Throwable {
    int _ =
        (int) SETSOCKOPT.invokeExact(state, descriptor, level, name, value, (int) value.byteSize());
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) CLOSE.invokeExact(arena.allocate(STATE), descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException("close a netlink socket", e);
    }
  }

  private static IOException failure(Throwable e) {
    return switch (e) {
      case IOException refused -> refused;
      case RuntimeException bug -> throw bug;
      case Error bug -> throw bug;
      default -> new IOException(e);
    };
  }

  // The agent runs with --enable-native-access: calling the kernel is what this class is for.
  @SuppressWarnings("restricted")
  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }
}
