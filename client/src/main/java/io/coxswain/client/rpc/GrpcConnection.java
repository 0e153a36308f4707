package io.coxswain.client.rpc;

import io.coxswain.client.lifecycle.TaskScope;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to the control plane with the caller's certificate, for all gRPC services. It is
/// made when first used, made again within a second or so after the server went away, and takes a
/// renewed certificate from its file without being restarted. It retries no call.
public final class GrpcConnection implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(GrpcConnection.class);
  private static final Duration RECONNECT = Duration.ofSeconds(1);
  private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(30);
  private static final int LARGEST_MESSAGE = 128 * 1024 * 1024;

  private final ManagedChannel channel;
  private final EventLoopGroup loop;
  private final ExecutorService executor;
  private final TaskScope scope;

  private GrpcConnection(String host, int port, ChannelCredentials credentials) {
    // One selector serves a component's single connection.
    this.loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    this.executor = Executors.newVirtualThreadPerTaskExecutor();
    this.scope = new TaskScope("grpc/" + host);
    this.channel =
        NettyChannelBuilder.forAddress(host, port, credentials)
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .executor(executor)
            .offloadExecutor(executor)
            .keepAliveTime(15, TimeUnit.SECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS)
            .idleTimeout(30, TimeUnit.DAYS)
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .disableRetry()
            .build();
    reconnectSoon();
  }

  /// Returns at once; whether the server is there shows in the first call.
  ///
  /// @throws IOException when the files cannot be read
  public static GrpcConnection open(String host, int port, ClientIdentity identity)
      throws IOException {
    try {
      AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
      keys.updateIdentityCredentials(identity.certificate().toFile(), identity.key().toFile());
      ChannelCredentials credentials =
          TlsChannelCredentials.newBuilder()
              .keyManager(keys)
              .trustManager(identity.authority().toFile())
              .build();
      GrpcConnection connection = new GrpcConnection(host, port, credentials);
      connection.scope.fork("certificate", () -> followCertificate(keys, identity));
      return connection;
    } catch (GeneralSecurityException e) {
      throw new IOException("the client certificate " + identity.certificate() + " is unusable", e);
    }
  }

  /// Without a client certificate: only the Join service answers such a caller.
  ///
  /// @param authority PEM file of the authority that the server must be certified by
  public static GrpcConnection openAnonymous(String host, int port, File authority)
      throws IOException {
    return new GrpcConnection(
        host, port, TlsChannelCredentials.newBuilder().trustManager(authority).build());
  }

  /// For stubs. Calls on it carry no deadline of their own.
  public Channel channel() {
    return channel;
  }

  /// Cancels what is open and waits, 5 s at most.
  @Override
  public void close() {
    scope.close();
    channel.shutdownNow();
    try {
      if (!channel.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("the connection did not end within 5 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Nothing is left on the loop: it ends soon, and nobody needs to wait for it.
    Object ignored = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    executor.shutdown();
  }

  // gRPC's own delays grow to two minutes, far longer than a control plane takes to restart.
  private void reconnectSoon() {
    ConnectivityState state = channel.getState(false);
    channel.notifyWhenStateChanged(state, this::reconnectSoon);
    if (state == ConnectivityState.TRANSIENT_FAILURE) {
      try {
        scope.fork(
            "reconnect",
            () -> {
              Thread.sleep(RECONNECT);
              channel.resetConnectBackoff();
            });
      } catch (IllegalStateException e) {
        log.debug("closed while the server was away");
      }
    }
  }

  private static void followCertificate(AdvancedTlsX509KeyManager keys, ClientIdentity identity)
      throws InterruptedException {
    FileTime seen = modified(identity);
    while (true) {
      Thread.sleep(CERTIFICATE_CHECK);
      FileTime now = modified(identity);
      if (now.equals(seen)) {
        continue;
      }
      try {
        keys.updateIdentityCredentials(identity.certificate().toFile(), identity.key().toFile());
        seen = now;
        log.info("new connections use the renewed certificate {}", identity.certificate());
      } catch (IOException | GeneralSecurityException e) {
        // Read between two writes: the next look finds both.
        log.warn("the renewed certificate {} cannot be read yet", identity.certificate(), e);
      }
    }
  }

  private static FileTime modified(ClientIdentity identity) {
    try {
      return Files.getLastModifiedTime(identity.certificate());
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }
}
