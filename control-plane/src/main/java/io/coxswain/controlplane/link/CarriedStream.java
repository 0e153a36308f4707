package io.coxswain.controlplane.link;

import com.google.protobuf.ByteString;
import io.coxswain.rpc.v1.Frame;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The server's end of one call that carries a stream. For each frame taken one more is asked for,
/// so that a slow reader holds up the node and not this process' memory.
final class CarriedStream implements NodeStream {

  private static final int WINDOW = 16;
  private static final Duration SLOWEST = Duration.ofSeconds(60);

  private final ServerCallStreamObserver<Frame> call;
  private final Outbox<Frame> outbox;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition came = lock.newCondition();
  private final ArrayDeque<Frame> frames = new ArrayDeque<>();
  private boolean over;

  CarriedStream(ServerCallStreamObserver<Frame> call) {
    this.call = call;
    this.outbox = new Outbox<>(call);
    outbox.onGone(this::end);
  }

  /// Lets the first frames come.
  void begin() {
    call.request(WINDOW);
  }

  void received(Frame frame) {
    lock.lock();
    try {
      frames.add(frame);
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The node sends no more.
  void end() {
    lock.lock();
    try {
      over = true;
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void send(int channel, byte[] data) throws IOException {
    Frame frame = Frame.newBuilder().setChannel(channel).setData(ByteString.copyFrom(data)).build();
    try {
      if (!outbox.send(frame, SLOWEST)) {
        throw new IOException("the node no longer carries the stream");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while sending to the node", e);
    }
  }

  @Override
  public Optional<Frame> receive(Duration patience) throws IOException {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (frames.isEmpty() && !over) {
        if (left <= 0) {
          throw new IOException("the node sent nothing for " + patience);
        }
        left = came.awaitNanos(left);
      }
      Optional<Frame> frame = Optional.ofNullable(frames.poll());
      if (frame.isPresent() && !over) {
        call.request(1);
      }
      return frame;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the node", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    end();
    outbox.complete();
  }
}
