package io.coxswain.node.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/// One record of an answer.
///
/// @param seconds how long it may be kept
record DnsRecord(String name, int type, int seconds, Data data) {

  /// What a record says.
  sealed interface Data {

    byte[] bytes();
  }

  /// A or AAAA.
  record Address(InetAddress address) implements Data {
    @Override
    public byte[] bytes() {
      return address.getAddress();
    }
  }

  /// CNAME, PTR or NS.
  record Name(String target) implements Data {
    @Override
    public byte[] bytes() {
      return DnsName.bytes(target);
    }
  }

  record Service(int priority, int weight, int port, String target) implements Data {
    @Override
    public byte[] bytes() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      put16(bytes, priority);
      put16(bytes, weight);
      put16(bytes, port);
      // RFC 2782: this name is never compressed.
      bytes.writeBytes(DnsName.bytes(target));
      return bytes.toByteArray();
    }
  }

  record Text(String text) implements Data {
    @Override
    public byte[] bytes() {
      byte[] content = text.getBytes(StandardCharsets.US_ASCII);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(content.length);
      bytes.writeBytes(content);
      return bytes.toByteArray();
    }
  }

  /// @param serial of the zone's content
  record Authority(String server, String mailbox, int serial, int seconds) implements Data {
    @Override
    public byte[] bytes() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(DnsName.bytes(server));
      bytes.writeBytes(DnsName.bytes(mailbox));
      for (int value : new int[] {serial, 7200, 1800, 86_400, seconds}) {
        put16(bytes, value >>> 16);
        put16(bytes, value);
      }
      return bytes.toByteArray();
    }
  }

  static void put16(ByteArrayOutputStream bytes, int value) {
    bytes.write(value >> 8);
    bytes.write(value);
  }
}
