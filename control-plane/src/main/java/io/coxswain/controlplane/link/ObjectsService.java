package io.coxswain.controlplane.link;

import com.google.protobuf.ByteString;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Transport.Call;
import io.coxswain.client.Transport.Verb;
import io.coxswain.client.rpc.GrpcErrors;
import io.coxswain.client.rpc.WireCalls;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.server.ApiPipeline;
import io.coxswain.controlplane.server.LocalTransport;
import io.coxswain.controlplane.watch.CacheEvent;
import io.coxswain.rpc.v1.CallReply;
import io.coxswain.rpc.v1.CallRequest;
import io.coxswain.rpc.v1.ObjectsGrpc;
import io.coxswain.rpc.v1.WatchFrame;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The verbs on objects for components: the same pipeline as REST's, without JSON between.
final class ObjectsService extends ObjectsGrpc.ObjectsImplBase {

  private static final Logger LOG = LoggerFactory.getLogger(ObjectsService.class);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// A component that takes nothing for so long has lost the connection or its head.
  private static final Duration SLOWEST = Duration.ofSeconds(30);

  private final ApiPipeline pipeline;

  ObjectsService(ApiPipeline pipeline) {
    this.pipeline = pipeline;
  }

  @Override
  public void call(CallRequest request, StreamObserver<CallReply> answer) {
    CallReply reply;
    try {
      LocalTransport transport = transport();
      Call call = WireCalls.call(request);
      reply =
          call.verb() == Verb.LIST
              ? WireCalls.listReply(transport.list(call))
              : WireCalls.reply(call.type(), transport.call(call));
    } catch (ApiException e) {
      answer.onError(GrpcErrors.of(e.error()));
      return;
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", request.getVerb(), request.getPlural(), e);
      answer.onError(GrpcErrors.of(internal()));
      return;
    }
    answer.onNext(reply);
    answer.onCompleted();
  }

  @Override
  public void watch(CallRequest request, StreamObserver<WatchFrame> answer) {
    ServerCallStreamObserver<WatchFrame> stream = (ServerCallStreamObserver<WatchFrame>) answer;
    Outbox<WatchFrame> outbox = new Outbox<>(stream);
    try {
      LocalTransport.Opened watch = transport().open(WireCalls.call(request));
      outbox.onGone(watch::close);
      Thread.ofVirtual().name("grpc-watch").start(() -> send(watch, outbox));
    } catch (ApiException e) {
      answer.onError(GrpcErrors.of(e.error()));
    }
  }

  private static void send(LocalTransport.Opened watch, Outbox<WatchFrame> outbox) {
    try (watch) {
      while (!outbox.isGone()) {
        Optional<CacheEvent> event = watch.watch().next(PATIENCE);
        if (event.isPresent() && !outbox.send(frame(event.get()), SLOWEST)) {
          outbox.fail(
              new ApiError.Expired("the watch was cut off: it was not read for " + SLOWEST));
          return;
        }
      }
    } catch (ApiException e) {
      outbox.fail(e.error());
    } catch (IllegalStateException | InterruptedException closed) {
      outbox.complete();
    } catch (RuntimeException e) {
      LOG.error("a watch failed", e);
      outbox.fail(internal());
    }
  }

  private static WatchFrame frame(CacheEvent event) {
    return event
        .memo()
        .form(
            WatchFrame.class,
            WatchFrame.class,
            () ->
                WatchFrame.newBuilder()
                    .setType(event.type().name())
                    .setObject(bytes(event))
                    .build());
  }

  private static ByteString bytes(CacheEvent event) {
    return event
        .object()
        .memo()
        .form(ByteString.class, ByteString.class, () -> event.object().message().toByteString());
  }

  private LocalTransport transport() {
    return new LocalTransport(pipeline, caller(), Callers.address());
  }

  private static User caller() {
    return Callers.current()
        .orElseThrow(() -> new ApiException(new ApiError.Unauthorized("Unauthorized")));
  }

  private static ApiError internal() {
    return new ApiError.Internal("Internal error occurred: the server's log has the cause");
  }
}
