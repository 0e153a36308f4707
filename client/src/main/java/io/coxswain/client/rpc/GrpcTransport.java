package io.coxswain.client.rpc;

import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.client.ObjectList;
import io.coxswain.client.Transport;
import io.coxswain.client.Watch;
import io.coxswain.rpc.v1.CallReply;
import io.coxswain.rpc.v1.CallRequest;
import io.coxswain.rpc.v1.ObjectsGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Calls over gRPC. A call that found no server, or lost it, throws Unavailable and is never sent
/// again by itself: nobody knows whether a lost write was done.
public final class GrpcTransport implements Transport {

  private static final Duration CALL = Duration.ofSeconds(30);
  private static final Duration LIST = Duration.ofSeconds(60);

  private final Channel channel;
  private final AutoCloseable owned;

  /// @param connection closed with the transport
  public GrpcTransport(GrpcConnection connection) {
    this(connection.channel(), connection);
  }

  /// @param owned what is closed with the transport
  GrpcTransport(Channel channel, AutoCloseable owned) {
    this.channel = channel;
    this.owned = owned;
  }

  @Override
  public Message call(Call call) {
    CallReply reply = send(WireCalls.request(call, false), CALL);
    return WireCalls.object(call.type(), reply);
  }

  @Override
  public ObjectList<Message> list(Call call) {
    CallReply reply = send(WireCalls.request(call, false), LIST);
    return WireCalls.list(call.type(), reply);
  }

  @Override
  public Watch<Message> watch(Call call) {
    return GrpcWatch.open(channel, call.type(), WireCalls.request(call, true));
  }

  @Override
  public void close() {
    try {
      owned.close();
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException("the connection did not close", e);
    }
  }

  private CallReply send(CallRequest request, Duration deadline) {
    try {
      return ClientCalls.blockingUnaryCall(
          channel,
          ObjectsGrpc.getCallMethod(),
          CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS),
          request);
    } catch (StatusRuntimeException e) {
      ApiException refused = GrpcErrors.exception(e.getStatus(), e.getTrailers());
      refused.addSuppressed(e);
      throw refused;
    }
  }
}
