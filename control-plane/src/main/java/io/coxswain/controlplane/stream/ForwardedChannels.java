package io.coxswain.controlplane.stream;

import io.coxswain.client.ApiException;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ports of one client that came by a plain WebSocket, as libraries do that speak no SPDY. It
/// names its ports beforehand and has one connection to each: two channels for a port, data and
/// what went wrong, of which each begins with the port's number in two bytes, the low one first.
final class ForwardedChannels {

  private static final Logger LOG = LoggerFactory.getLogger(ForwardedChannels.class);

  private final PersonStream person;
  private final List<Integer> ports;
  private final IntFunction<NodeStream> nodes;

  /// @param nodes opens a stream to a port of the pod; blocks
  ForwardedChannels(PersonStream person, List<Integer> ports, IntFunction<NodeStream> nodes) {
    this.person = person;
    this.ports = ports;
    this.nodes = nodes;
  }

  /// Carries until the client or all of the pod's connections have ended. Blocks.
  void run() throws IOException, InterruptedException {
    List<NodeStream> open = new ArrayList<>();
    try {
      for (int i = 0; i < ports.size(); i++) {
        byte[] number = {(byte) ports.get(i).intValue(), (byte) (ports.get(i) >> 8)};
        person.send(2 * i, number);
        person.send(2 * i + 1, number);
      }
      AtomicInteger left = new AtomicInteger(ports.size());
      for (int i = 0; i < ports.size(); i++) {
        NodeStream node = nodes.apply(ports.get(i));
        open.add(node);
        int index = i;
        Thread.ofVirtual()
            .name("port-forward")
            .start(() -> {
              toClient(index, node);
              if (left.decrementAndGet() == 0) {
                person.close();
              }
            });
      }
      toNodes(open);
    } catch (ApiException e) {
      person.send(2 * open.size() + 1, text(ports.get(open.size()), e.error().message()));
    } finally {
      open.forEach(NodeStream::close);
      person.close();
    }
  }

  private void toNodes(List<NodeStream> open) throws IOException, InterruptedException {
    Optional<PersonStream.Message> message = person.receive();
    while (message.isPresent()) {
      int channel = message.get().channel();
      // only data goes to pods, and only to those that were asked for
      if (channel % 2 == 0 && channel / 2 < open.size()) {
        open.get(channel / 2).send(PersonStream.STDIN, message.get().data().toByteArray());
      }
      message = person.receive();
    }
  }

  private void toClient(int index, NodeStream node) {
    try {
      Optional<Frame> frame = node.receive(Relay.SILENCE);
      while (frame.isPresent()) {
        byte[] data = frame.get().getData().toByteArray();
        if (frame.get().getChannel() == PersonStream.ERROR) {
          String why = Failures.text(data);
          if (!why.isEmpty()) {
            person.send(2 * index + 1, text(ports.get(index), why));
          }
          return;
        }
        if (frame.get().getChannel() == PersonStream.STDOUT) {
          person.send(2 * index, data);
        }
        frame = node.receive(Relay.SILENCE);
      }
    } catch (IOException | ApiException e) {
      LOG.debug("a forwarded connection ended: {}", e.getMessage());
    }
  }

  private static byte[] text(int port, String why) {
    return ("error forwarding port " + port + ": " + why).getBytes(StandardCharsets.UTF_8);
  }
}
