package io.coxswain.controlplane.storage;

import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One gRPC stream of one watch, read by blocking. It asks for a few answers ahead of the reader,
/// so that etcd holds back what is not read yet.
final class EtcdWatchStream implements ClientResponseObserver<WatchRequest, WatchResponse> {

  private static final int AHEAD = 8;

  private sealed interface Item {}

  private record Answer(WatchResponse response) implements Item {}

  private record Broken(Status status) implements Item {}

  /// Room for the answers asked for, the end, and the close.
  private final ArrayBlockingQueue<Item> items = new ArrayBlockingQueue<>(AHEAD + 2);

  private @Nullable ClientCallStreamObserver<WatchRequest> requests;

  EtcdWatchStream(WatchGrpc.WatchStub stub, WatchRequest create) {
    stub.watch(this).onNext(create);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
    requests = stream;
    stream.disableAutoRequestWithInitial(AHEAD);
  }

  /// The next answer, or null when none came in time.
  ///
  /// @throws StatusRuntimeException when the stream is over
  @Nullable WatchResponse take(long nanos) throws InterruptedException {
    Item item = items.poll(nanos, TimeUnit.NANOSECONDS);
    return switch (item) {
      case null -> null;
      case Broken broken -> throw broken.status().asRuntimeException();
      case Answer answer -> {
        if (requests != null) {
          requests.request(1);
        }
        yield answer.response();
      }
    };
  }

  @Override
  public void onNext(WatchResponse response) {
    put(new Answer(response));
  }

  @Override
  public void onError(Throwable broken) {
    put(new Broken(Status.fromThrowable(broken)));
  }

  @Override
  public void onCompleted() {
    put(new Broken(Status.UNAVAILABLE.withDescription("etcd ended the stream")));
  }

  private void put(Item item) {
    if (!items.offer(item)) {
      throw new IllegalStateException("etcd sent more than it was asked for");
    }
  }

  void close() {
    if (requests != null) {
      requests.cancel("closed", null);
    }
  }
}
