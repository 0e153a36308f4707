package io.coxswain.node.dns;

import java.nio.ByteBuffer;

/// A question, from its bytes.
///
/// @param question the question as it came, to be repeated with upper and lower case as they were
/// @param extended whether the asker speaks EDNS (RFC 6891)
/// @param extendedVersion of EDNS
/// @param payloadBytes how long an answer in one datagram may be
record DnsQuery(
    int id,
    int operation,
    boolean recursionDesired,
    String name,
    int type,
    int recordClass,
    ByteBuffer question,
    boolean extended,
    int extendedVersion,
    int payloadBytes) {

  static final int HEADER_BYTES = 12;
  private static final int PLAIN_PAYLOAD = 512;

  /// What fits into one packet nearly everywhere (dnsflagday.net/2020).
  private static final int MOST_PAYLOAD = 1232;

  byte[] questionBytes() {
    byte[] bytes = new byte[question.remaining()];
    question.duplicate().get(bytes);
    return bytes;
  }

  /// @throws DnsFormatException when it is no question, or not exactly one
  static DnsQuery parse(byte[] message) throws DnsFormatException {
    if (message.length < HEADER_BYTES) {
      throw new DnsFormatException("shorter than a header");
    }
    int flags = DnsName.unsigned16(message, 2);
    if ((flags & 0x8000) != 0) {
      throw new DnsFormatException("an answer, where a question should be");
    }
    if (DnsName.unsigned16(message, 4) != 1) {
      throw new DnsFormatException("not one question");
    }
    DnsName.Read name = DnsName.read(message, HEADER_BYTES);
    int end = name.end() + 4;
    int type = DnsName.unsigned16(message, name.end());
    int recordClass = DnsName.unsigned16(message, name.end() + 2);
    if (end > message.length) {
      throw new DnsFormatException("it ends too early");
    }
    boolean extended = false;
    int version = 0;
    int payload = PLAIN_PAYLOAD;
    int records =
        DnsName.unsigned16(message, 6)
            + DnsName.unsigned16(message, 8)
            + DnsName.unsigned16(message, 10);
    int at = end;
    for (int i = 0; i < records && at < message.length; i++) {
      DnsName.Read owner = DnsName.read(message, at);
      if (DnsName.unsigned16(message, owner.end()) == DnsType.OPT) {
        extended = true;
        int asked = DnsName.unsigned16(message, owner.end() + 2);
        payload = Math.clamp(asked, PLAIN_PAYLOAD, MOST_PAYLOAD);
        version = DnsName.unsigned(message, owner.end() + 5);
      }
      at = owner.end() + 10 + DnsName.unsigned16(message, owner.end() + 8);
    }
    return new DnsQuery(
        DnsName.unsigned16(message, 0),
        (flags >> 11) & 0xf,
        (flags & 0x100) != 0,
        name.name(),
        type,
        recordClass,
        ByteBuffer.wrap(message, HEADER_BYTES, end - HEADER_BYTES).slice().asReadOnlyBuffer(),
        extended,
        version,
        payload);
  }
}
