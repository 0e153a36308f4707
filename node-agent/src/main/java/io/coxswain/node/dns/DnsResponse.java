package io.coxswain.node.dns;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// What is answered to a question.
///
/// @param code one of the response codes in [DnsType]
/// @param authoritative whether the name is the cluster's own
record DnsResponse(
    int code,
    boolean authoritative,
    List<DnsRecord> answers,
    List<DnsRecord> authority,
    List<DnsRecord> additional) {

  private static final int EXTENDED_BYTES = 11;
  private static final int OUR_PAYLOAD = 1232;

  DnsResponse {
    answers = List.copyOf(answers);
    authority = List.copyOf(authority);
    additional = List.copyOf(additional);
  }

  static DnsResponse refusal(int code) {
    return new DnsResponse(code, false, List.of(), List.of(), List.of());
  }

  /// The message. Where it would be longer than `most` bytes, records are left out from the end; if
  /// some of the answer, the message says so (TC).
  byte[] encode(DnsQuery query, int most) {
    int room = most - (query.extended() ? EXTENDED_BYTES : 0);
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    int start = DnsQuery.HEADER_BYTES + query.question().remaining();
    int answered = put(records, answers, query, room - start);
    boolean cut = answered < answers.size();
    int authorities = cut ? 0 : put(records, authority, query, room - start);
    int extras = cut ? 0 : put(records, additional, query, room - start);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    DnsRecord.put16(message, query.id());
    DnsRecord.put16(message, flags(query, cut));
    DnsRecord.put16(message, 1);
    DnsRecord.put16(message, answered);
    DnsRecord.put16(message, authorities);
    DnsRecord.put16(message, extras + (query.extended() ? 1 : 0));
    message.writeBytes(query.questionBytes());
    message.writeBytes(records.toByteArray());
    if (query.extended()) {
      message.write(0);
      DnsRecord.put16(message, DnsType.OPT);
      DnsRecord.put16(message, OUR_PAYLOAD);
      message.write(code >> 4);
      message.write(0);
      DnsRecord.put16(message, 0);
      DnsRecord.put16(message, 0);
    }
    return message.toByteArray();
  }

  private int flags(DnsQuery query, boolean cut) {
    return 0x8000
        | (query.operation() << 11)
        | (authoritative ? 0x400 : 0)
        | (cut ? 0x200 : 0)
        | (query.recursionDesired() ? 0x100 : 0)
        | 0x80
        | (code & 0xf);
  }

  private static int put(
      ByteArrayOutputStream bytes, List<DnsRecord> records, DnsQuery query, int room) {
    int count = 0;
    for (DnsRecord dnsRecord : records) {
      byte[] encoded = encode(dnsRecord, query);
      if (bytes.size() + encoded.length > room) {
        break;
      }
      bytes.writeBytes(encoded);
      count++;
    }
    return count;
  }

  private static byte[] encode(DnsRecord dnsRecord, DnsQuery query) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (dnsRecord.name().equals(query.name())) {
      // The name of the question, right after the header.
      DnsRecord.put16(bytes, 0xc000 | DnsQuery.HEADER_BYTES);
    } else {
      bytes.writeBytes(DnsName.bytes(dnsRecord.name()));
    }
    byte[] data = dnsRecord.data().bytes();
    DnsRecord.put16(bytes, dnsRecord.type());
    DnsRecord.put16(bytes, DnsType.CLASS_INTERNET);
    DnsRecord.put16(bytes, dnsRecord.seconds() >>> 16);
    DnsRecord.put16(bytes, dnsRecord.seconds());
    DnsRecord.put16(bytes, data.length);
    bytes.writeBytes(data);
    return bytes.toByteArray();
  }
}
