package io.coxswain.node.stream;

import com.google.protobuf.ByteString;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.NodeLinkGrpc;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A stream on a gRPC call. For each frame taken one more is asked for, and nothing is sent while
/// the call has no room, so that a slow reader holds up the container and not this process' memory.
final class GrpcCarrier implements Carrier, ClientResponseObserver<Frame, Frame> {

  private static final int WINDOW = 16;
  private static final Duration SLOWEST = Duration.ofMinutes(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Frame> frames = new ArrayDeque<>();
  private @Nullable ClientCallStreamObserver<Frame> call;
  private boolean over;
  private boolean closed;

  /// Dials, and says which stream this is.
  static GrpcCarrier dial(Channel channel, String streamId) {
    GrpcCarrier carrier = new GrpcCarrier();
    var _ = NodeLinkGrpc.newStub(channel).carry(carrier);
    carrier.opened().onNext(Frame.newBuilder().setStreamId(streamId).build());
    return carrier;
  }

  private ClientCallStreamObserver<Frame> opened() {
    ClientCallStreamObserver<Frame> now = call;
    if (now == null) {
      throw new IllegalStateException("the call has not begun");
    }
    return now;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Frame> begun) {
    call = begun;
    begun.disableAutoRequestWithInitial(WINDOW);
    begun.setOnReadyHandler(this::wake);
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void send(int channel, byte[] data, int length) throws IOException, InterruptedException {
    long left = SLOWEST.toNanos();
    lock.lock();
    try {
      while (!over && !opened().isReady()) {
        if (left <= 0) {
          throw new IOException("nobody has read for " + SLOWEST);
        }
        left = changed.awaitNanos(left);
      }
      if (over || closed) {
        throw new IOException("the stream was ended");
      }
      opened()
          .onNext(
              Frame.newBuilder()
                  .setChannel(channel)
                  .setData(ByteString.copyFrom(data, 0, length))
                  .build());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Frame> receive() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (frames.isEmpty() && !over && !closed) {
        boolean _ = changed.await(1, TimeUnit.MINUTES);
      }
      Optional<Frame> frame = Optional.ofNullable(frames.poll());
      if (frame.isPresent() && !over) {
        opened().request(1);
      }
      return frame;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNext(Frame frame) {
    lock.lock();
    try {
      frames.add(frame);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public void onCompleted() {
    end();
  }

  private void end() {
    lock.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        if (over) {
          opened().cancel("the other side ended first", null);
        } else {
          opened().onCompleted();
        }
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
