package io.coxswain.node.stream;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.PacketSocket;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.Frame;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The input and output of a container's first process, through its monitor.
final class AttachStreams {

  private static final Logger log = LoggerFactory.getLogger(AttachStreams.class);

  /// The monitor's packets are no larger: 8 KiB and the stream's number.
  private static final int PACKET_BYTES = 8193;

  private static final int FROM_STDERR = 3;

  private final PodRuntime runtime;

  AttachStreams(PodRuntime runtime) {
    this.runtime = runtime;
  }

  /// Blocks until the container has ended or the one who asked leaves.
  void run(ContainerRecord container, ExecStream wanted, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException {
    try (PacketSocket socket = PacketSocket.connect(runtime.attachSocket(container))) {
      CountDownLatch over = new CountDownLatch(1);
      Thread _ =
          Thread.ofPlatform()
              .daemon()
              .name("attach")
              .start(() -> show(socket, wanted, carrier, over));
      tasks.fork("stdin", () -> type(container, socket, wanted, carrier));
      over.await();
    }
  }

  private static void show(
      PacketSocket socket, ExecStream wanted, Carrier carrier, CountDownLatch over) {
    byte[] packet = new byte[PACKET_BYTES];
    try {
      for (int n = socket.read(packet); n > 0; n = socket.read(packet)) {
        boolean error = packet[0] == FROM_STDERR;
        if (error ? wanted.getStderr() : wanted.getStdout()) {
          carrier.send(
              error ? Carrier.STDERR : Carrier.STDOUT, Arrays.copyOfRange(packet, 1, n), n - 1);
        }
      }
    } catch (IOException e) {
      log.debug("an attached container is no longer heard", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over.countDown();
    }
  }

  private void type(
      ContainerRecord container, PacketSocket socket, ExecStream wanted, Carrier carrier)
      throws IOException, InterruptedException {
    while (true) {
      Optional<Frame> frame = carrier.receive();
      if (frame.isEmpty()) {
        socket.shutdown();
        return;
      }
      if (frame.get().getChannel() == Carrier.STDIN && wanted.getStdin()) {
        socket.write(frame.get().getData().toByteArray());
      } else if (frame.get().getChannel() == Carrier.RESIZE) {
        JsonNode size = JsonTrees.read(frame.get().getData().toByteArray());
        runtime.resize(container, size.path("Width").asInt(80), size.path("Height").asInt(24));
      }
    }
  }
}
