package io.coxswain.controlplane;

import com.google.protobuf.ByteString;
import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.client.rpc.GrpcConnection;
import io.coxswain.controlplane.pki.Credentials;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.NodeHello;
import io.coxswain.rpc.v1.NodeLinkGrpc;
import io.coxswain.rpc.v1.StreamRequest;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A node's end of the link: answers logs with two lines, runs nothing but echoes what is typed,
/// and echoes what is sent to a port.
final class FakeAgent implements AutoCloseable {

  private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";
  private static final String EXIT_7 =
      "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with exit code 7\","
          + "\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":[{\"reason\":\"ExitCode\","
          + "\"message\":\"7\"}]}}";

  final List<StreamRequest> asked = new CopyOnWriteArrayList<>();

  /// What it says that the node uses.
  volatile String statistics = "{}";

  private final GrpcConnection connection;
  private final StreamObserver<NodeHello> session;

  FakeAgent(ControlPlane plane, String node) throws Exception {
    Credentials own = plane.pki().node(node);
    connection =
        GrpcConnection.open(
            "127.0.0.1",
            plane.grpcPort(),
            new ClientIdentity(plane.pki().authorityFile(), own.certificateFile(), own.keyFile()));
    session =
        NodeLinkGrpc.newStub(connection.channel())
            .session(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StreamRequest request) {
                    asked.add(request);
                    new Carried(request).begin();
                  }

                  @Override
                  public void onError(Throwable failure) {}

                  @Override
                  public void onCompleted() {}
                });
    session.onNext(NodeHello.newBuilder().setNodeName(node).setVersion("test").build());
  }

  private final class Carried implements StreamObserver<Frame> {

    private final StreamRequest request;
    private final StreamObserver<Frame> out;
    private boolean over;

    Carried(StreamRequest request) {
      this.request = request;
      this.out = NodeLinkGrpc.newStub(connection.channel()).carry(this);
    }

    void begin() {
      out.onNext(Frame.newBuilder().setStreamId(request.getStreamId()).build());
      if (request.hasLog()) {
        send(1, "first line\n");
        send(1, "second line\n");
        end(SUCCESS);
      } else if (request.hasExec() && !request.getExec().getStdin()) {
        send(1, String.join(" ", request.getExec().getCommandList()) + "\n");
        send(2, "to stderr\n");
        end(EXIT_7);
      } else if (request.hasStats()) {
        send(1, statistics);
        end(SUCCESS);
      }
    }

    private synchronized void send(int channel, String text) {
      out.onNext(
          Frame.newBuilder()
              .setChannel(channel)
              .setData(ByteString.copyFrom(text, StandardCharsets.UTF_8))
              .build());
    }

    private synchronized void end(String status) {
      if (!over) {
        over = true;
        send(3, status);
        out.onCompleted();
      }
    }

    @Override
    public synchronized void onNext(Frame frame) {
      if (frame.getChannel() == 0 && !over) {
        out.onNext(Frame.newBuilder().setChannel(1).setData(frame.getData()).build());
      } else if (frame.getChannel() == 255) {
        end(SUCCESS);
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public synchronized void onCompleted() {
      if (!over) {
        over = true;
        out.onCompleted();
      }
    }
  }

  @Override
  public void close() {
    session.onCompleted();
    connection.close();
  }
}
