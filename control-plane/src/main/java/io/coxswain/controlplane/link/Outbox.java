package io.coxswain.controlplane.link;

import io.coxswain.client.ApiError;
import io.coxswain.client.rpc.GrpcErrors;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Sends messages on one gRPC stream, waiting while the reader is behind. To be made while the call
/// begins, before its method returns.
final class Outbox<T> {

  private final ServerCallStreamObserver<T> stream;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private final List<Runnable> endings = new ArrayList<>();
  private boolean gone;

  Outbox(ServerCallStreamObserver<T> stream) {
    this.stream = stream;
    stream.setOnReadyHandler(this::wake);
    stream.setOnCancelHandler(this::end);
    stream.setOnCloseHandler(this::end);
  }

  /// Runs when the other side has gone, or at once when it already has.
  void onGone(Runnable action) {
    lock.lock();
    try {
      if (!gone) {
        endings.add(action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  boolean isGone() {
    lock.lock();
    try {
      return gone;
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until there is room.
  ///
  /// @return whether it was sent; false when the other side has gone or made no room in time
  boolean send(T message, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (!gone && !stream.isReady()) {
        if (left <= 0) {
          return false;
        }
        left = ready.awaitNanos(left);
      }
      if (gone) {
        return false;
      }
      stream.onNext(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  void complete() {
    finish(stream::onCompleted);
  }

  void fail(ApiError error) {
    finish(() -> stream.onError(GrpcErrors.of(error)));
  }

  private void finish(Runnable last) {
    lock.lock();
    try {
      if (!gone) {
        gone = true;
        last.run();
      }
    } catch (IllegalStateException cancelled) {
      // The other side was quicker; there is nobody to tell.
      gone = true;
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    List<Runnable> actions;
    lock.lock();
    try {
      gone = true;
      actions = List.copyOf(endings);
      endings.clear();
      ready.signalAll();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }
}
