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
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A node's end of the link: answers logs with two lines, runs nothing but echoes what is typed,
/// and echoes what is sent to a port of a pod's localhost. Pods' addresses are all this machine's
/// localhost, where tests have servers. Of its own pages it has `/healthz`, and it has the images
/// `shop:1` and `web:2`, and `broken:1`, which it cannot read to its end.
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
    private @Nullable Socket pod;

    Carried(StreamRequest request) {
      this.request = request;
      this.out = NodeLinkGrpc.newStub(connection.channel()).carry(this);
    }

    /// What comes meanwhile waits, until it is clear where it goes.
    synchronized void begin() {
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
      } else if (request.hasPage()) {
        page(request.getPage().getPath());
      } else if (request.hasImageSave()) {
        archive(request.getImageSave().getNamesList());
      } else if (!request.getPortForward().getAddress().isEmpty()) {
        connect(request.getPortForward().getPort());
      }
    }

    private void page(String path) {
      if (path.equals("/healthz")) {
        send(1, "text/plain");
        send(1, "ok");
        end(SUCCESS);
      } else {
        end(
            "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"no page "
                + path
                + "\","
                + "\"reason\":\"NotFound\",\"code\":404}");
      }
    }

    private void archive(List<String> names) {
      if (!List.of("shop:1", "web:2", "broken:1").containsAll(names)) {
        end(
            "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"no such image\","
                + "\"reason\":\"NotFound\",\"code\":404}");
        return;
      }
      send(1, "application/x-tar");
      send(1, "an archive of ");
      send(1, String.join(" and ", names));
      end(
          names.contains("broken:1")
              ? "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"the disk is broken\","
                  + "\"reason\":\"InternalError\",\"code\":500}"
              : SUCCESS);
    }

    private void connect(int port) {
      try {
        Socket connected = new Socket(InetAddress.getLoopbackAddress(), port);
        pod = connected;
        Thread.ofVirtual().start(() -> fromPod(connected));
      } catch (IOException e) {
        end(
            "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"cannot connect\","
                + "\"reason\":\"InternalError\",\"code\":500}");
      }
    }

    private void fromPod(Socket connected) {
      try (connected) {
        InputStream in = connected.getInputStream();
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          send(1, ByteString.copyFrom(buffer, 0, n));
        }
      } catch (IOException e) {
        // whoever asked has gone
      }
      end(SUCCESS);
    }

    private void send(int channel, String text) {
      send(channel, ByteString.copyFrom(text, StandardCharsets.UTF_8));
    }

    private synchronized void send(int channel, ByteString data) {
      if (over && channel != 3) {
        return;
      }
      out.onNext(Frame.newBuilder().setChannel(channel).setData(data).build());
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
      if (pod != null) {
        toPod(pod, frame);
      } else if (frame.getChannel() == 0 && !over) {
        out.onNext(Frame.newBuilder().setChannel(1).setData(frame.getData()).build());
      } else if (frame.getChannel() == 255) {
        end(SUCCESS);
      }
    }

    private void toPod(Socket connected, Frame frame) {
      try {
        if (frame.getChannel() == 0) {
          frame.getData().writeTo(connected.getOutputStream());
        } else {
          connected.shutdownOutput();
        }
      } catch (IOException e) {
        end(SUCCESS);
      }
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public synchronized void onCompleted() {
      if (pod != null) {
        try {
          pod.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
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
