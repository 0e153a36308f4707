package io.coxswain.controlplane.link;

import io.coxswain.controlplane.authn.CertificateAuthenticator;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.pki.Tls;
import io.coxswain.controlplane.server.ApiPipeline;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;

/// Listens for gRPC from components and agents.
public final class LinkServer implements AutoCloseable {

  /// A little above what a request of REST may have.
  private static final int LARGEST_MESSAGE = 4 << 20;

  private static final ApplicationProtocolConfig PROTOCOLS =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2);

  private final List<Server> servers;
  private final NodeConnections connections;
  private final ExecutorService executor;

  private LinkServer(List<Server> servers, NodeConnections connections, ExecutorService executor) {
    this.servers = servers;
    this.connections = connections;
    this.executor = executor;
  }

  /// Listens on every address; a port of 0 takes a free one, the same for all addresses.
  ///
  /// @throws IOException when an address cannot be listened on
  public static LinkServer start(
      List<InetSocketAddress> addresses,
      X509ExtendedKeyManager key,
      Pki pki,
      CertificateAuthenticator authenticator,
      ApiPipeline pipeline,
      NodeConnections connections)
      throws IOException {
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
    LinkServer started = new LinkServer(new ArrayList<>(), connections, executor);
    SslContext tls =
        Tls.serving(key, Tls.acceptingAny(pki.authority()), PROTOCOLS, Http2SecurityUtil.CIPHERS);
    int port = 0;
    for (InetSocketAddress address : addresses) {
      InetSocketAddress wanted =
          address.getPort() == 0 ? new InetSocketAddress(address.getAddress(), port) : address;
      try {
        Server server =
            NettyServerBuilder.forAddress(wanted)
                .sslContext(tls)
                .executor(executor)
                .intercept(new Callers(authenticator))
                .addService(new ObjectsService(pipeline))
                .addService(new NodeLinkService(connections))
                .addService(new JoinService(pki, pipeline))
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .maxConcurrentCallsPerConnection(1000)
                .handshakeTimeout(10, TimeUnit.SECONDS)
                // A node that has lost its power is noticed, and its streams end.
                .keepAliveTime(20, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .build()
                .start();
        started.servers.add(server);
        port = server.getPort();
      } catch (IOException e) {
        started.close();
        throw new IOException(
            "Cannot listen for gRPC on "
                + wanted.getAddress().getHostAddress()
                + " port "
                + wanted.getPort()
                + ": is another server running? Choose another port or stop it.",
            e);
      }
    }
    return started;
  }

  public int port() {
    return servers.getFirst().getPort();
  }

  /// Ends sessions, lets calls end for a moment, then cuts what is left. Blocks.
  @Override
  public void close() {
    connections.close();
    servers.forEach(Server::shutdown);
    for (Server server : servers) {
      try {
        if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
          server.shutdownNow();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        server.shutdownNow();
      }
    }
    executor.shutdownNow();
  }
}
