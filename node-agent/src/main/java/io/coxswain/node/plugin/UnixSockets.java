package io.coxswain.node.plugin;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// gRPC by Unix sockets, in plain text: who may reach a socket is the business of its folder. All
/// of them share one selector, which sleeps while nobody speaks.
public final class UnixSockets implements AutoCloseable {

  /// Of `sun_path` (unix(7)), with the zero that ends it.
  private static final int MOST_PATH_BYTES = 107;

  private static final int LARGEST_MESSAGE = 16 << 20;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /// Returns at once; whether somebody listens shows in the first call. The caller ends it.
  public ManagedChannel channel(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .overrideAuthority("localhost")
        .channelType(NioDomainSocketChannel.class)
        .eventLoopGroup(loop)
        .executor(executor)
        .offloadExecutor(executor)
        .idleTimeout(30, TimeUnit.DAYS)
        .maxInboundMessageSize(LARGEST_MESSAGE)
        .disableRetry()
        .usePlaintext()
        .build();
  }

  /// Serves on a socket that is made, in place of one that nobody listens to any more. Its folder
  /// is there already. The caller ends it.
  ///
  /// @throws IOException when another program listens there, or the path is too long for a socket
  public Server serve(Path socket, BindableService service) throws IOException {
    check(socket);
    if (answers(socket)) {
      throw new IOException(
          "another program, as a kubelet, listens at %s: end it, or give this node another folder"
              .formatted(socket));
    }
    Files.deleteIfExists(socket);
    return NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .channelType(NioServerDomainSocketChannel.class)
        .bossEventLoopGroup(loop)
        .workerEventLoopGroup(loop)
        .executor(executor)
        .addService(service)
        .build()
        .start();
  }

  /// @throws IOException when the path is longer than a socket's can be
  static void check(Path socket) throws IOException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MOST_PATH_BYTES) {
      throw new IOException(
          "%s is longer than the %d bytes of a socket's path".formatted(socket, MOST_PATH_BYTES));
    }
  }

  /// Whether a program listens there.
  public static boolean answers(Path socket) {
    if (!isSocket(socket)) {
      return false;
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /// Whether the file itself is a socket.
  public static boolean isSocket(Path file) {
    try {
      int mode =
          (int)
              Objects.requireNonNull(
                  Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS));
      return (mode & 0xf000) == 0xc000;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    Object ignored = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    executor.shutdown();
  }
}
