package io.coxswain.controlplane.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.client.ApiException;
import io.coxswain.rpc.v1.StreamRequest;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeConnectionsTest {

  private final AtomicLong nanos = new AtomicLong(5);
  private final NodeConnections nodes = new NodeConnections(nanos::get);
  private final BlockingQueue<StreamRequest> asked = new LinkedBlockingQueue<>();
  private final Thread asking = Thread.ofVirtual().unstarted(this::ask);

  /// Until the test ends: nobody carries the stream.
  private void ask() {
    assertThatThrownBy(() -> nodes.open("n1", StreamRequest.newBuilder()))
        .hasMessageContaining("interrupted");
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @AfterEach
  void end() throws InterruptedException {
    asking.interrupt();
    asking.join();
  }

  private void asksAndWaits() {
    asking.start();
    await().until(() -> asking.getState() == Thread.State.TIMED_WAITING);
    assertThat(asked).isEmpty();
  }

  @Test
  void aNodeOfTheServerBeforeIsWaitedFor() throws Exception {
    asksAndWaits();
    nodes.connected("n1", new Outbox<>(new Session()));
    assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void aNodeThatWasThereJustNowIsWaitedFor() throws Exception {
    pass(Duration.ofMinutes(1));
    Outbox<StreamRequest> session = new Outbox<>(new Session());
    nodes.connected("n1", session);
    nodes.disconnected("n1", session);
    pass(Duration.ofSeconds(5));
    asksAndWaits();
    nodes.connected("n1", new Outbox<>(new Session()));
    assertThat(asked.poll(10, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void aNodeThatIsAwayForLongIsNot() {
    Outbox<StreamRequest> session = new Outbox<>(new Session());
    nodes.connected("n1", session);
    nodes.disconnected("n1", session);
    pass(Duration.ofSeconds(11));
    assertThatThrownBy(() -> nodes.open("n1", StreamRequest.newBuilder()))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("node \"n1\" is not connected to the control plane");
  }

  @Test
  void whoOnlyWantsToKnowWaitsAsWell() throws Exception {
    Thread waiting = Thread.ofVirtual().start(() -> nodes.await("n1"));
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    nodes.connected("n1", new Outbox<>(new Session()));
    assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
    assertThat(asked).isEmpty();
  }

  /// A node's session, which takes whatever is asked.
  private final class Session extends ServerCallStreamObserver<StreamRequest> {

    @Override
    public void onNext(StreamRequest request) {
      asked.add(request);
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setOnCloseHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void onError(Throwable failed) {}

    @Override
    public void onCompleted() {}
  }
}
