package io.coxswain.client.rpc;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Transport;
import io.coxswain.client.Transport.Call;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import io.coxswain.rpc.v1.CallReply;
import io.coxswain.rpc.v1.CallRequest;
import io.coxswain.rpc.v1.ObjectsGrpc;
import io.coxswain.rpc.v1.WatchFrame;
import io.grpc.Server;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Serves a transport's objects by gRPC, as the control plane does.
final class ObjectsServer extends ObjectsGrpc.ObjectsImplBase implements AutoCloseable {

  private final Transport objects;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;

  ObjectsServer(Transport objects, ClientIdentity identity, int port) throws IOException {
    this.objects = objects;
    this.server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                TlsServerCredentials.newBuilder()
                    .keyManager(identity.certificate().toFile(), identity.key().toFile())
                    .trustManager(identity.authority().toFile())
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build())
            .executor(executor)
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .addService(this)
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void call(CallRequest request, StreamObserver<CallReply> answer) {
    try {
      Call call = WireCalls.call(request);
      CallReply reply =
          call.verb() == Transport.Verb.LIST
              ? WireCalls.listReply(objects.list(call))
              : WireCalls.reply(call.type(), objects.call(call));
      answer.onNext(reply);
      answer.onCompleted();
    } catch (ApiException e) {
      answer.onError(GrpcErrors.of(e.error()));
    }
  }

  @Override
  public void watch(CallRequest request, StreamObserver<WatchFrame> answer) {
    ServerCallStreamObserver<WatchFrame> out = (ServerCallStreamObserver<WatchFrame>) answer;
    Semaphore room = new Semaphore(0);
    out.setOnReadyHandler(room::release);
    out.setOnCancelHandler(room::release);
    Thread pump = Thread.ofVirtual().unstarted(() -> pump(request, out, room));
    pump.start();
  }

  private void pump(CallRequest request, ServerCallStreamObserver<WatchFrame> out, Semaphore room) {
    try (Watch<Message> watch = objects.watch(WireCalls.call(request))) {
      while (!out.isCancelled()) {
        Optional<WatchEvent<Message>> event = watch.next(Duration.ofMillis(50));
        while (event.isPresent() && !out.isReady() && !out.isCancelled()) {
          room.acquire();
        }
        if (event.isPresent() && !out.isCancelled()) {
          out.onNext(
              WatchFrame.newBuilder()
                  .setType(event.get().type().name())
                  .setObject(event.get().object().toByteString())
                  .build());
        }
      }
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.Unavailable && server.isShutdown()) {
        return;
      }
      out.onError(GrpcErrors.of(e.error()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      if (!server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the test's server did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
  }
}
