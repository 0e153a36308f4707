package io.coxswain.node.dns;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From the bytes of a question to those of its answer.
final class DnsResponder {

  private static final Logger LOG = LoggerFactory.getLogger(DnsResponder.class);
  private static final int MOST_CONNECTION_BYTES = 65_535;
  private static final byte[] NOTHING = {};

  private final ClusterZone zone;
  private final Forwarder forwarder;

  DnsResponder(ClusterZone zone, Forwarder forwarder) {
    this.zone = zone;
    this.forwarder = forwarder;
  }

  /// Answers now what the cluster knows, and later, from another thread, what must be asked
  /// elsewhere. What is no question gets no answer, or one that says so.
  void answerDatagram(byte[] message, Consumer<byte[]> answer) {
    DnsQuery query;
    try {
      query = DnsQuery.parse(message);
    } catch (DnsFormatException e) {
      formatError(message).ifPresent(answer);
      return;
    }
    Optional<DnsResponse> known = answerHere(query);
    if (known.isPresent() && !needsMore(query, known.get())) {
      answer.accept(shuffled(known.get()).encode(query, query.payloadBytes()));
      return;
    }
    Thread.ofVirtual()
        .name("dns-forward")
        .start(() ->
            answer.accept(answerElsewhere(message, query, known, query.payloadBytes(), false)));
  }

  /// Blocks while it is asked elsewhere.
  ///
  /// @return empty when the message is no question at all
  byte[] answerConnection(byte[] message) {
    try {
      DnsQuery query = DnsQuery.parse(message);
      Optional<DnsResponse> known = answerHere(query);
      return known.isPresent() && !needsMore(query, known.get())
          ? shuffled(known.get()).encode(query, MOST_CONNECTION_BYTES)
          : answerElsewhere(message, query, known, MOST_CONNECTION_BYTES, true);
    } catch (DnsFormatException e) {
      return formatError(message).orElse(NOTHING);
    }
  }

  private Optional<DnsResponse> answerHere(DnsQuery query) {
    if (query.operation() != 0) {
      return Optional.of(DnsResponse.refusal(DnsType.NOT_IMPLEMENTED));
    }
    if (query.extended() && query.extendedVersion() != 0) {
      return Optional.of(DnsResponse.refusal(DnsType.BAD_VERSION));
    }
    if (!zone.owns(query.name())) {
      return Optional.empty();
    }
    return Optional.of(
        query.recordClass() == DnsType.CLASS_INTERNET
            ? zone.answer(query.name(), query.type())
            : DnsResponse.refusal(DnsType.REFUSED));
  }

  /// Callers do not follow another name by themselves: what it leads to is added.
  private static boolean needsMore(DnsQuery query, DnsResponse response) {
    return (query.type() == DnsType.A || query.type() == DnsType.AAAA)
        && response.answers().stream().anyMatch(found -> found.type() == DnsType.CNAME);
  }

  private byte[] answerElsewhere(
      byte[] message, DnsQuery query, Optional<DnsResponse> known, int most, boolean byTcp) {
    if (known.isPresent()) {
      return follow(query, known.get()).encode(query, most);
    }
    return forwarder
        .forward(message, byTcp)
        .orElseGet(() -> DnsResponse.refusal(DnsType.SERVER_FAILURE).encode(query, most));
  }

  private DnsResponse follow(DnsQuery query, DnsResponse alias) {
    if (!(alias.answers().getFirst().data() instanceof DnsRecord.Name(String target))) {
      return alias;
    }
    List<DnsRecord> answers = new ArrayList<>(alias.answers());
    if (zone.owns(target)) {
      // One step is enough: a Service that names one that names another is a mistake.
      answers.addAll(zone.answer(target, query.type()).answers());
    } else {
      byte[] question = DnsQuestion.encode(target, query.type());
      Optional<byte[]> reply = forwarder.forward(question, false);
      if (reply.isEmpty()) {
        return DnsResponse.refusal(DnsType.SERVER_FAILURE);
      }
      try {
        answers.addAll(DnsQuestion.answers(reply.get()));
      } catch (DnsFormatException e) {
        LOG.debug("The answer about {} cannot be read", target, e);
        return DnsResponse.refusal(DnsType.SERVER_FAILURE);
      }
    }
    return new DnsResponse(DnsType.NO_ERROR, true, answers, List.of(), List.of());
  }

  /// Callers that take the first spread over all.
  private static DnsResponse shuffled(DnsResponse response) {
    if (response.answers().size() < 2) {
      return response;
    }
    List<DnsRecord> answers = new ArrayList<>(response.answers());
    Collections.shuffle(answers, ThreadLocalRandom.current());
    return new DnsResponse(
        response.code(),
        response.authoritative(),
        answers,
        response.authority(),
        response.additional());
  }

  private static Optional<byte[]> formatError(byte[] message) {
    // An answer to an answer could go on for ever.
    if (message.length < DnsQuery.HEADER_BYTES || (message[2] & 0x80) != 0) {
      return Optional.empty();
    }
    byte[] answer = new byte[DnsQuery.HEADER_BYTES];
    answer[0] = message[0];
    answer[1] = message[1];
    answer[2] = (byte) 0x80;
    answer[3] = (byte) DnsType.FORMAT_ERROR;
    return Optional.of(answer);
  }
}
