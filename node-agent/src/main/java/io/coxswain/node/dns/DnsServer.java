package io.coxswain.node.dns;

import io.coxswain.node.network.Cidr;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's name service, by UDP and TCP on one address. What the cluster knows is answered by
/// the thread that reads the datagrams, from memory; what is forwarded, and TCP, by virtual
/// threads.
public final class DnsServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);
  private static final int MOST_QUESTION_BYTES = 4096;
  private static final int MOST_TCP_BYTES = 65_535;
  private static final int MOST_CONNECTIONS = 128;
  private static final Duration TCP_PATIENCE = Duration.ofSeconds(10);
  private static final int BUFFER_BYTES = 1 << 20;

  /// @param domain as `cluster.local`
  /// @param pods range of all pods' addresses
  /// @param services range of Services' addresses
  public record Zone(String domain, Cidr pods, Cidr services) {}

  private final DnsResponder responder;
  private final DatagramChannel datagrams;
  private final ServerSocket connections;
  private final Counter answered;
  private final Semaphore room = new Semaphore(MOST_CONNECTIONS);

  private DnsServer(
      DnsResponder responder,
      DatagramChannel datagrams,
      ServerSocket connections,
      Counter answered) {
    this.responder = responder;
    this.datagrams = datagrams;
    this.connections = connections;
    this.answered = answered;
  }

  /// Opens the sockets in the calling thread's network namespace and answers from now on.
  ///
  /// @param port another free one is taken when that is in use: callers come by the service address
  public static DnsServer start(
      InetAddress address,
      int port,
      Zone zone,
      ClusterNames names,
      HostResolvers host,
      MeterRegistry metrics)
      throws IOException {
    ClusterZone cluster = new ClusterZone(zone.domain(), zone.pods(), zone.services(), names);
    Forwarder forwarder = new Forwarder(() -> Forwarder.addresses(host.read(), address));
    DnsResponder responder = new DnsResponder(cluster, forwarder);
    Counter answered =
        Counter.builder("coxswain.node.dns.questions")
            .description("Questions to the node's name service")
            .register(metrics);
    DatagramChannel datagrams = DatagramChannel.open();
    ServerSocket connections = new ServerSocket();
    try {
      bind(datagrams, connections, address, port);
    } catch (IOException e) {
      datagrams.close();
      connections.close();
      throw new IOException("the name service cannot listen on " + address.getHostAddress(), e);
    }
    DnsServer server = new DnsServer(responder, datagrams, connections, answered);
    Thread.ofPlatform().name("dns-udp").daemon().start(server::readDatagrams);
    Thread.ofVirtual().name("dns-tcp").start(server::accept);
    return server;
  }

  private static void bind(
      DatagramChannel datagrams, ServerSocket connections, InetAddress address, int port)
      throws IOException {
    datagrams.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
    int free = port;
    try {
      datagrams.bind(new InetSocketAddress(address, port));
    } catch (BindException e) {
      LOG.info("Port {} of {} is in use: the name service takes another", port, address);
      datagrams.bind(new InetSocketAddress(address, 0));
      free = ((InetSocketAddress) datagrams.getLocalAddress()).getPort();
    }
    connections.setReuseAddress(true);
    connections.bind(new InetSocketAddress(address, free), MOST_CONNECTIONS);
  }

  /// On which both protocols are answered.
  public int port() {
    return connections.getLocalPort();
  }

  private void readDatagrams() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(MOST_QUESTION_BYTES);
    while (datagrams.isOpen()) {
      try {
        buffer.clear();
        SocketAddress caller = datagrams.receive(buffer);
        byte[] question = new byte[buffer.flip().remaining()];
        buffer.get(question);
        answered.increment();
        responder.answerDatagram(question, answer -> send(answer, caller));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        // As when a caller's port is closed already: the next datagram is another's.
        LOG.debug("A datagram could not be answered", e);
      }
    }
  }

  private void send(byte[] answer, SocketAddress caller) {
    try {
      datagrams.send(ByteBuffer.wrap(answer), caller);
    } catch (IOException e) {
      LOG.debug("{} cannot be answered", caller, e);
    }
  }

  private void accept() {
    while (!connections.isClosed()) {
      try {
        Socket caller = connections.accept();
        if (room.tryAcquire()) {
          Thread.ofVirtual().start(() -> serve(caller));
        } else {
          caller.close();
        }
      } catch (IOException e) {
        if (!connections.isClosed()) {
          LOG.debug("A connection could not be accepted", e);
        }
      }
    }
  }

  private void serve(Socket caller) {
    try (caller) {
      caller.setSoTimeout((int) TCP_PATIENCE.toMillis());
      DataInputStream input = new DataInputStream(caller.getInputStream());
      OutputStream output = caller.getOutputStream();
      while (true) {
        int length = input.readUnsignedShort();
        if (length > MOST_TCP_BYTES) {
          return;
        }
        byte[] question = new byte[length];
        input.readFully(question);
        answered.increment();
        byte[] answer = responder.answerConnection(question);
        if (answer.length == 0) {
          return;
        }
        byte[] framed = new byte[answer.length + 2];
        framed[0] = (byte) (answer.length >> 8);
        framed[1] = (byte) answer.length;
        System.arraycopy(answer, 0, framed, 2, answer.length);
        output.write(framed);
      }
    } catch (IOException e) {
      LOG.trace("A connection ended", e);
    } finally {
      room.release();
    }
  }

  @Override
  public void close() throws IOException {
    datagrams.close();
    connections.close();
  }
}
