package io.coxswain.client.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.rpc.v1.CallRequest;
import io.coxswain.rpc.v1.ObjectsGrpc;
import io.coxswain.rpc.v1.WatchFrame;
import io.coxswain.schema.ResourceType;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Frames as they come, 128 at most: for every one taken one more is asked for, so a slow reader
/// holds up the server, which cuts it off, and not this process' memory. Decoded by the reader.
final class GrpcWatch extends ClientCall.Listener<WatchFrame> implements Watch<Message> {

  private static final int WINDOW = 128;

  private final ResourceType<?> type;
  private final ClientCall<CallRequest, WatchFrame> call;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<WatchFrame> frames = new ArrayDeque<>();
  private @Nullable ApiException end;
  private boolean closed;

  private GrpcWatch(ResourceType<?> type, ClientCall<CallRequest, WatchFrame> call) {
    this.type = type;
    this.call = call;
  }

  static GrpcWatch open(Channel channel, ResourceType<?> type, CallRequest request) {
    ClientCall<CallRequest, WatchFrame> call =
        channel.newCall(ObjectsGrpc.getWatchMethod(), CallOptions.DEFAULT);
    GrpcWatch watch = new GrpcWatch(type, call);
    call.start(watch, new Metadata());
    call.request(WINDOW);
    call.sendMessage(request);
    call.halfClose();
    return watch;
  }

  @Override
  public void onMessage(WatchFrame frame) {
    lock.lock();
    try {
      frames.add(frame);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onClose(io.grpc.Status status, Metadata trailers) {
    ApiException why =
        status.isOk()
            ? new ApiException(new ApiError.Unavailable("the server ended the watch"))
            : GrpcErrors.exception(status, trailers);
    lock.lock();
    try {
      if (end == null) {
        end = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
    Optional<WatchFrame> frame = take(patience);
    if (frame.isEmpty()) {
      return Optional.empty();
    }
    call.request(1);
    return Optional.of(decode(frame.get()));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      frames.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    call.cancel("the reader closed the watch", null);
  }

  private Optional<WatchFrame> take(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (true) {
        if (closed) {
          throw new IllegalStateException("the watch is closed");
        }
        WatchFrame frame = frames.poll();
        if (frame != null) {
          return Optional.of(frame);
        }
        if (end != null) {
          throw end;
        }
        if (left <= 0) {
          return Optional.empty();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private WatchEvent<Message> decode(WatchFrame frame) {
    if (frame.getType().equals("ERROR")) {
      throw ended(frame);
    }
    WatchEvent.Type kind;
    try {
      kind = WatchEvent.Type.valueOf(frame.getType());
    } catch (IllegalArgumentException e) {
      throw new ApiException(
          new ApiError.Internal("the server sent a watch event of type " + frame.getType()), e);
    }
    return new WatchEvent<>(kind, WireCalls.parse(type.prototype(), frame.getObject()));
  }

  private ApiException ended(WatchFrame frame) {
    ApiException why;
    try {
      why = new ApiException(Statuses.error(Status.parseFrom(frame.getObject())));
    } catch (InvalidProtocolBufferException e) {
      why = new ApiException(new ApiError.Internal("the watch ended by an unreadable error"), e);
    }
    lock.lock();
    try {
      end = why;
    } finally {
      lock.unlock();
    }
    return why;
  }
}
