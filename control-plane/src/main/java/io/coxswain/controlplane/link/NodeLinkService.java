package io.coxswain.controlplane.link;

import io.coxswain.client.ApiError;
import io.coxswain.client.rpc.GrpcErrors;
import io.coxswain.controlplane.authn.User;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.NodeHello;
import io.coxswain.rpc.v1.NodeLinkGrpc;
import io.coxswain.rpc.v1.StreamRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/// Where agents dial in. An agent speaks only for the node in its certificate.
final class NodeLinkService extends NodeLinkGrpc.NodeLinkImplBase {

  private final NodeConnections connections;

  NodeLinkService(NodeConnections connections) {
    this.connections = connections;
  }

  @Override
  public StreamObserver<NodeHello> session(StreamObserver<StreamRequest> requests) {
    String node = Callers.current().map(User::nodeName).orElse("");
    Outbox<StreamRequest> outbox = new Outbox<>((ServerCallStreamObserver<StreamRequest>) requests);
    return new StreamObserver<>() {
      @Override
      public void onNext(NodeHello hello) {
        if (node.isEmpty() || !node.equals(hello.getNodeName())) {
          outbox.fail(
              new ApiError.Forbidden(
                  "only the agent of node \""
                      + hello.getNodeName()
                      + "\" may open a session for it"));
          return;
        }
        connections.connected(node, outbox);
      }

      @Override
      public void onError(Throwable failure) {
        connections.disconnected(node, outbox);
      }

      @Override
      public void onCompleted() {
        connections.disconnected(node, outbox);
        outbox.complete();
      }
    };
  }

  @Override
  public StreamObserver<Frame> carry(StreamObserver<Frame> toNode) {
    String node = Callers.current().map(User::nodeName).orElse("");
    ServerCallStreamObserver<Frame> call = (ServerCallStreamObserver<Frame>) toNode;
    call.disableAutoRequest();
    CarriedStream stream = new CarriedStream(call);
    stream.begin();
    return new StreamObserver<>() {
      private @Nullable String id;

      @Override
      public void onNext(Frame frame) {
        if (id != null) {
          stream.received(frame);
          return;
        }
        id = frame.getStreamId();
        if (node.isEmpty() || !connections.carried(node, frame.getStreamId(), stream)) {
          toNode.onError(
              GrpcErrors.of(new ApiError.BadRequest("nobody waits for this stream any more")));
          return;
        }
        call.request(1);
        if (!frame.getData().isEmpty()) {
          stream.received(frame);
        }
      }

      @Override
      public void onError(Throwable failure) {
        stream.end();
      }

      @Override
      public void onCompleted() {
        stream.end();
      }
    };
  }
}
