package io.coxswain.node.dns;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// Questions of our own to other resolvers, and what they answer.
final class DnsQuestion {

  private static final int MOST_RECORDS = 64;

  private DnsQuestion() {}

  static byte[] encode(String name, int type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DnsRecord.put16(bytes, ThreadLocalRandom.current().nextInt(1 << 16));
    DnsRecord.put16(bytes, 0x100);
    DnsRecord.put16(bytes, 1);
    DnsRecord.put16(bytes, 0);
    DnsRecord.put16(bytes, 0);
    DnsRecord.put16(bytes, 0);
    bytes.writeBytes(DnsName.bytes(name));
    DnsRecord.put16(bytes, type);
    DnsRecord.put16(bytes, DnsType.CLASS_INTERNET);
    return bytes.toByteArray();
  }

  /// The addresses and aliases in the answer; other records are left out.
  static List<DnsRecord> answers(byte[] message) throws DnsFormatException {
    int at = DnsQuery.HEADER_BYTES;
    for (int i = 0; i < DnsName.unsigned16(message, 4); i++) {
      at = DnsName.read(message, at).end() + 4;
    }
    List<DnsRecord> answers = new ArrayList<>();
    int count = Math.min(DnsName.unsigned16(message, 6), MOST_RECORDS);
    for (int i = 0; i < count; i++) {
      DnsName.Read owner = DnsName.read(message, at);
      int type = DnsName.unsigned16(message, owner.end());
      int seconds =
          (DnsName.unsigned16(message, owner.end() + 4) << 16)
              | DnsName.unsigned16(message, owner.end() + 6);
      int length = DnsName.unsigned16(message, owner.end() + 8);
      int data = owner.end() + 10;
      if (data + length > message.length) {
        throw new DnsFormatException("it ends too early");
      }
      if (type == DnsType.CNAME) {
        String target = DnsName.read(message, data).name();
        answers.add(new DnsRecord(owner.name(), type, seconds, new DnsRecord.Name(target)));
      } else if ((type == DnsType.A && length == 4) || (type == DnsType.AAAA && length == 16)) {
        InetAddress address = address(Arrays.copyOfRange(message, data, data + length));
        answers.add(new DnsRecord(owner.name(), type, seconds, new DnsRecord.Address(address)));
      }
      at = data + length;
    }
    return answers;
  }

  private static InetAddress address(byte[] bytes) throws DnsFormatException {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (IOException e) {
      throw new DnsFormatException("no address: " + e.getMessage());
    }
  }
}
