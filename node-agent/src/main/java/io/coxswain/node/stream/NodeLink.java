package io.coxswain.node.stream;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.rpc.v1.NodeHello;
import io.coxswain.rpc.v1.NodeLinkGrpc;
import io.coxswain.rpc.v1.StreamRequest;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's session with the control plane: opened by the node, opened again a second after it
/// ended, for as long as the agent lives.
public final class NodeLink implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NodeLink.class);
  private static final Duration RECONNECT = Duration.ofSeconds(1);

  /// Streams at once: what comes on top is not answered, and times out where it was asked.
  private static final int MOST_STREAMS = 512;

  private final Channel channel;
  private final NodeHello hello;
  private final Streams streams;
  private final TaskScope tasks = new TaskScope("node-link");
  private final Semaphore places = new Semaphore(MOST_STREAMS);

  public NodeLink(Channel channel, String node, String version, Streams streams) {
    this.channel = channel;
    this.hello = NodeHello.newBuilder().setNodeName(node).setVersion(version).build();
    this.streams = streams;
  }

  /// Returns at once.
  public void start() {
    tasks.fork("session", this::stayConnected);
  }

  private void stayConnected() throws InterruptedException {
    while (true) {
      CountDownLatch over = new CountDownLatch(1);
      StreamObserver<NodeHello> session =
          NodeLinkGrpc.newStub(channel)
              .session(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(StreamRequest request) {
                      begin(request);
                    }

                    @Override
                    public void onError(Throwable failure) {
                      log.debug("the session with the control plane ended", failure);
                      over.countDown();
                    }

                    @Override
                    public void onCompleted() {
                      over.countDown();
                    }
                  });
      try {
        session.onNext(hello);
        over.await();
      } catch (IllegalStateException e) {
        log.debug("the session with the control plane ended before it began", e);
      } catch (InterruptedException e) {
        session.onCompleted();
        throw e;
      }
      Thread.sleep(RECONNECT);
    }
  }

  private void begin(StreamRequest request) {
    if (!places.tryAcquire()) {
      log.warn("a stream is not answered: {} are open", MOST_STREAMS);
      return;
    }
    tasks.fork(
        "stream",
        () -> {
          try (Carrier carrier = GrpcCarrier.dial(channel, request.getStreamId())) {
            streams.serve(request, carrier);
          } finally {
            places.release();
          }
        });
  }

  @Override
  public void close() {
    tasks.close();
  }
}
