package io.coxswain.node.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;

/// Asks the cluster's name service as a pod does.
public final class TestQuestion {

  private static final InetSocketAddress SERVICE =
      new InetSocketAddress(InetAddress.ofLiteral("10.96.0.10"), 53);

  private TestQuestion() {}

  /// Addresses of the name, by one datagram from a new socket.
  public static List<String> udp(String name) throws IOException {
    byte[] question = DnsQuestion.encode(name, DnsType.A);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(2000);
      socket.connect(SERVICE);
      socket.send(new DatagramPacket(question, question.length));
      DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
      socket.receive(answer);
      return addresses(Arrays.copyOf(answer.getData(), answer.getLength()));
    }
  }

  public static List<String> tcp(String name) throws IOException {
    byte[] question = DnsQuestion.encode(name, DnsType.A);
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(2000);
      socket.connect(SERVICE, 2000);
      DataOutputStream output = new DataOutputStream(socket.getOutputStream());
      output.writeShort(question.length);
      output.write(question);
      DataInputStream input = new DataInputStream(socket.getInputStream());
      return addresses(input.readNBytes(input.readUnsignedShort()));
    }
  }

  private static List<String> addresses(byte[] answer) throws IOException {
    try {
      return DnsQuestion.answers(answer).stream()
          .map(DnsRecord::data)
          .filter(DnsRecord.Address.class::isInstance)
          .map(data -> ((DnsRecord.Address) data).address().getHostAddress())
          .toList();
    } catch (DnsFormatException e) {
      throw new IOException(e);
    }
  }
}
