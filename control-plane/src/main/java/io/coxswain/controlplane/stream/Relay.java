package io.coxswain.controlplane.stream;

import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiError;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies between a person and a node, both ways at once, until either ends.
final class Relay {

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /// A terminal that says nothing for so long is forgotten by everybody.
  static final Duration SILENCE = Duration.ofHours(4);

  private Relay() {}

  /// Blocks until the stream is over; closes both sides.
  static void run(PersonStream person, NodeStream node) {
    Thread inward = Thread.ofVirtual().name("stream-in").start(() -> toNode(person, node));
    try (person;
        node) {
      toPerson(person, node);
    } catch (IOException e) {
      LOG.debug("a stream ended: {}", e.getMessage());
    } finally {
      inward.interrupt();
    }
  }

  private static void toNode(PersonStream person, NodeStream node) {
    try {
      Optional<PersonStream.Message> message = person.receive();
      while (message.isPresent()) {
        node.send(message.get().channel(), message.get().data().toByteArray());
        message = person.receive();
      }
    } catch (IOException | InterruptedException e) {
      LOG.debug("a stream towards a node ended: {}", e.getMessage());
    }
    // The person has gone: the node ends what runs for them, which also ends the other direction.
    node.close();
  }

  private static void toPerson(PersonStream person, NodeStream node) throws IOException {
    while (true) {
      Optional<Frame> frame = node.receive(SILENCE);
      if (frame.isEmpty()) {
        person.send(PersonStream.ERROR, lost());
        return;
      }
      person.send(frame.get().getChannel(), frame.get().getData().toByteArray());
      if (frame.get().getChannel() == PersonStream.ERROR) {
        return;
      }
    }
  }

  private static byte[] lost() {
    Status status = Statuses.of(new ApiError.Internal("the connection to the node was lost"));
    return new JsonCodec().encode(status);
  }
}
