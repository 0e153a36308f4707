package io.coxswain.node.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Passes questions on to other resolvers and their answers back, byte for byte. Each goes from a
/// socket and port of its own, which makes false answers hard to slip in. Safe for use by many
/// threads; blocks for at most the patience for each resolver.
final class Forwarder {

  private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
  private static final int PORT = 53;
  private static final int MOST_BYTES = 65_535;

  /// Resolvers of applications wait five seconds: all tries must fit into that.
  private static final Duration PATIENCE = Duration.ofMillis(1200);

  private static final int MOST_AT_ONCE = 512;

  private final Supplier<List<InetSocketAddress>> resolvers;
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);

  Forwarder(Supplier<List<InetSocketAddress>> resolvers) {
    this.resolvers = resolvers;
  }

  /// Resolvers as a resolv.conf names them.
  static List<InetSocketAddress> addresses(ResolvConf host, InetAddress own) {
    return host.nameservers().stream()
        .flatMap(server -> {
          try {
            return Optional.of(InetAddress.ofLiteral(server)).stream();
          } catch (IllegalArgumentException e) {
            return Optional.<InetAddress>empty().stream();
          }
        })
        .filter(server -> !server.equals(own))
        .limit(3)
        .map(server -> new InetSocketAddress(server, PORT))
        .toList();
  }

  /// The first answer that a resolver gives; empty when none did, or too much is asked at once.
  Optional<byte[]> forward(byte[] question, boolean byTcp) {
    if (!room.tryAcquire()) {
      LOG.warn("More than {} questions wait for other resolvers: one is refused", MOST_AT_ONCE);
      return Optional.empty();
    }
    try {
      for (InetSocketAddress resolver : resolvers.get()) {
        try {
          byte[] answer = byTcp ? askByTcp(resolver, question) : askByUdp(resolver, question);
          // One that cannot say may not be the only one.
          if ((answer[3] & 0xf) != DnsType.SERVER_FAILURE) {
            return Optional.of(answer);
          }
        } catch (IOException e) {
          LOG.debug("{} does not answer", resolver, e);
        }
      }
      return Optional.empty();
    } finally {
      room.release();
    }
  }

  private static byte[] askByUdp(InetSocketAddress resolver, byte[] question) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(resolver);
      socket.send(new DatagramPacket(question, question.length));
      DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new SocketTimeoutException("no answer from " + resolver);
        }
        socket.setSoTimeout((int) left);
        socket.receive(packet);
        byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
        if (answers(question, answer)) {
          return answer;
        }
      }
    }
  }

  private static byte[] askByTcp(InetSocketAddress resolver, byte[] question) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(resolver, (int) PATIENCE.toMillis());
      socket.setSoTimeout((int) PATIENCE.toMillis());
      OutputStream output = socket.getOutputStream();
      byte[] framed = new byte[question.length + 2];
      framed[0] = (byte) (question.length >> 8);
      framed[1] = (byte) question.length;
      System.arraycopy(question, 0, framed, 2, question.length);
      output.write(framed);
      output.flush();
      DataInputStream input = new DataInputStream(socket.getInputStream());
      byte[] answer = input.readNBytes(Math.min(input.readUnsignedShort(), MOST_BYTES));
      if (!answers(question, answer)) {
        throw new IOException(resolver + " answers another question");
      }
      return answer;
    }
  }

  /// Same number, and the same question behind the header.
  private static boolean answers(byte[] question, byte[] answer) {
    if (answer.length < DnsQuery.HEADER_BYTES
        || question[0] != answer[0]
        || question[1] != answer[1]
        || (answer[2] & 0x80) == 0) {
      return false;
    }
    try {
      DnsName.Read asked = DnsName.read(question, DnsQuery.HEADER_BYTES);
      // Refusals may leave the question out.
      return (answer[4] == 0 && answer[5] == 0)
          || asked.name().equals(DnsName.read(answer, DnsQuery.HEADER_BYTES).name());
    } catch (DnsFormatException e) {
      return false;
    }
  }
}
