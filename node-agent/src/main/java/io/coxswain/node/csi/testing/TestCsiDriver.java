package io.coxswain.node.csi.testing;

import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.plugin.csi.NodeExpandVolumeRequest;
import io.coxswain.plugin.csi.NodeExpandVolumeResponse;
import io.coxswain.plugin.csi.NodeGetCapabilitiesRequest;
import io.coxswain.plugin.csi.NodeGetCapabilitiesResponse;
import io.coxswain.plugin.csi.NodeGetInfoRequest;
import io.coxswain.plugin.csi.NodeGetInfoResponse;
import io.coxswain.plugin.csi.NodeGetVolumeStatsRequest;
import io.coxswain.plugin.csi.NodeGetVolumeStatsResponse;
import io.coxswain.plugin.csi.NodeGrpc;
import io.coxswain.plugin.csi.NodePublishVolumeRequest;
import io.coxswain.plugin.csi.NodePublishVolumeResponse;
import io.coxswain.plugin.csi.NodeServiceCapability;
import io.coxswain.plugin.csi.NodeStageVolumeRequest;
import io.coxswain.plugin.csi.NodeStageVolumeResponse;
import io.coxswain.plugin.csi.NodeUnpublishVolumeRequest;
import io.coxswain.plugin.csi.NodeUnpublishVolumeResponse;
import io.coxswain.plugin.csi.NodeUnstageVolumeRequest;
import io.coxswain.plugin.csi.NodeUnstageVolumeResponse;
import io.coxswain.plugin.registration.InfoRequest;
import io.coxswain.plugin.registration.PluginInfo;
import io.coxswain.plugin.registration.RegistrationGrpc;
import io.coxswain.plugin.registration.RegistrationStatus;
import io.coxswain.plugin.registration.RegistrationStatusResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// A driver whose volumes are directories, each by its handle: bound where they are staged, and
/// from there where pods have them. Where the mode is `Block`, what has the handle's name in its
/// storage is the device. Needs root.
public final class TestCsiDriver extends NodeGrpc.NodeImplBase implements AutoCloseable {

  private final String name;
  private final Path kubelet;
  private final Path storage;
  private final UnixSockets sockets = new UnixSockets();
  private final Mounts mounts = new LinuxMounts();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<NodePublishVolumeRequest> published = new CopyOnWriteArrayList<>();
  private final Map<String, NodeStageVolumeRequest> staged = new ConcurrentHashMap<>();
  private final EnumSet<NodeServiceCapability.RPC.Type> capabilities;
  private final Server driver;
  private final Server registrar;
  private volatile String refusal = "";
  private final Map<String, Status> failures = new ConcurrentHashMap<>();
  private volatile boolean grows = true;
  private volatile Figures figures = _ -> NodeGetVolumeStatsResponse.getDefaultInstance();

  /// @param kubelet the agent's folder for plugins
  /// @param storage of the volumes
  public TestCsiDriver(
      Path kubelet, String name, Path storage, EnumSet<NodeServiceCapability.RPC.Type> capabilities)
      throws IOException {
    this.name = name;
    this.kubelet = kubelet;
    this.storage = storage;
    this.capabilities = EnumSet.copyOf(capabilities);
    Files.createDirectories(kubelet.resolve("plugins").resolve(name));
    Files.createDirectories(kubelet.resolve("plugins_registry"));
    this.driver = sockets.serve(socket(), this);
    this.registrar = sockets.serve(registration(), new Registration());
  }

  private Path socket() {
    return kubelet.resolve("plugins").resolve(name).resolve("csi.sock");
  }

  private Path registration() {
    return kubelet.resolve("plugins_registry").resolve(name + "-reg.sock");
  }

  // What the sidecar node-driver-registrar does.
  private final class Registration extends RegistrationGrpc.RegistrationImplBase {
    @Override
    public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
      answer.onNext(
          PluginInfo.newBuilder()
              .setType("CSIPlugin")
              .setName(name)
              .setEndpoint(socket().toString())
              .addSupportedVersions("1.0.0")
              .build());
      answer.onCompleted();
    }

    @Override
    public void notifyRegistrationStatus(
        RegistrationStatus status, StreamObserver<RegistrationStatusResponse> answer) {
      calls.add(status.getPluginRegistered() ? "registered" : "refused: " + status.getError());
      answer.onNext(RegistrationStatusResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  /// What was asked for, the oldest first, as `publish HANDLE`.
  public List<String> calls() {
    return List.copyOf(calls);
  }

  public List<NodePublishVolumeRequest> published() {
    return List.copyOf(published);
  }

  /// How a volume was staged last.
  public NodeStageVolumeRequest staged(String handle) {
    return staged.getOrDefault(handle, NodeStageVolumeRequest.getDefaultInstance());
  }

  /// From now on it publishes nothing; empty for nothing wrong.
  public void refuse(String why) {
    refusal = why;
  }

  /// From now on it fails at this so, `stage` for instance, having done nothing; OK for nothing
  /// wrong.
  public void fail(String what, Status how) {
    failures.put(what, how);
  }

  /// From now on it says that volumes cannot become so large.
  public void refuseToGrow() {
    grows = false;
  }

  /// What it tells of the room in a volume.
  @FunctionalInterface
  public interface Figures {

    /// @throws Exception as the driver fails; it may take its time, too
    NodeGetVolumeStatsResponse of(NodeGetVolumeStatsRequest request) throws Exception;
  }

  /// From now on it tells this.
  public void tell(Figures told) {
    figures = told;
  }

  @Override
  public void nodeGetVolumeStats(
      NodeGetVolumeStatsRequest request, StreamObserver<NodeGetVolumeStatsResponse> answer) {
    calls.add("figures " + request.getVolumeId());
    try {
      answer.onNext(figures.of(request));
      answer.onCompleted();
    } catch (Exception e) {
      answer.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  @Override
  public void nodeExpandVolume(
      NodeExpandVolumeRequest request, StreamObserver<NodeExpandVolumeResponse> answer) {
    calls.add(
        "expand " + request.getVolumeId() + " to " + request.getCapacityRange().getRequiredBytes());
    if (!grows || !Files.isDirectory(Path.of(request.getVolumePath()))) {
      answer.onError(Status.OUT_OF_RANGE.withDescription("too large").asRuntimeException());
      return;
    }
    answer.onNext(NodeExpandVolumeResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> answer) {
    NodeGetInfoResponse.Builder info =
        NodeGetInfoResponse.newBuilder().setNodeId("id-of-this-node").setMaxVolumesPerNode(3);
    info.getAccessibleTopologyBuilder().putSegments("topology." + name + "/zone", "z1");
    answer.onNext(info.build());
    answer.onCompleted();
  }

  @Override
  public void nodeGetCapabilities(
      NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> answer) {
    NodeGetCapabilitiesResponse.Builder all = NodeGetCapabilitiesResponse.newBuilder();
    capabilities.forEach(one -> all.addCapabilitiesBuilder().getRpcBuilder().setType(one));
    answer.onNext(all.build());
    answer.onCompleted();
  }

  private interface Step {
    void run() throws IOException;
  }

  private <T> void answer(String what, StreamObserver<T> answer, T done, Step step) {
    calls.add(what);
    Status failure = failures.getOrDefault(what.split(" ", 2)[0], Status.OK);
    if (!failure.isOk()) {
      answer.onError(failure.asRuntimeException());
      return;
    }
    try {
      step.run();
      answer.onNext(done);
      answer.onCompleted();
    } catch (IOException e) {
      answer.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
    }
  }

  private void bind(Path from, Path to, boolean readOnly) throws IOException {
    Files.createDirectories(from);
    Files.createDirectories(to);
    if (!mounts.isMounted(to)) {
      mounts.bind(
          from,
          to,
          false,
          readOnly ? EnumSet.of(Mounts.Flag.READ_ONLY) : EnumSet.noneOf(Mounts.Flag.class));
    }
  }

  @Override
  public void nodeStageVolume(
      NodeStageVolumeRequest request, StreamObserver<NodeStageVolumeResponse> answer) {
    answer(
        "stage " + request.getVolumeId(),
        answer,
        NodeStageVolumeResponse.getDefaultInstance(),
        () -> {
          staged.put(request.getVolumeId(), request);
          if (request.getVolumeCapability().hasBlock()) {
            return;
          }
          bind(
              storage.resolve(request.getVolumeId()),
              Path.of(request.getStagingTargetPath()),
              false);
        });
  }

  @Override
  public void nodePublishVolume(
      NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> answer) {
    answer(
        "publish " + request.getVolumeId(),
        answer,
        NodePublishVolumeResponse.getDefaultInstance(),
        () -> {
          if (!refusal.isEmpty()) {
            throw new IOException(refusal);
          }
          published.add(request);
          if (request.getVolumeCapability().hasBlock()) {
            device(request);
            return;
          }
          Path from =
              request.getStagingTargetPath().isEmpty()
                  ? storage.resolve(request.getVolumeId())
                  : Path.of(request.getStagingTargetPath());
          bind(from, Path.of(request.getTargetPath()), request.getReadonly());
        });
  }

  // What stands under the handle in the storage, a device or a link to one, is shown as a file.
  private void device(NodePublishVolumeRequest request) throws IOException {
    Path target = Path.of(request.getTargetPath());
    if (!mounts.isMounted(target)) {
      Files.createFile(target);
      mounts.bind(
          storage.resolve(request.getVolumeId()).toRealPath(),
          target,
          false,
          EnumSet.noneOf(Mounts.Flag.class));
    }
  }

  private void away(Path place) throws IOException {
    mounts.unmount(place);
    Files.deleteIfExists(place);
  }

  @Override
  public void nodeUnpublishVolume(
      NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> answer) {
    answer(
        "unpublish " + request.getVolumeId(),
        answer,
        NodeUnpublishVolumeResponse.getDefaultInstance(),
        () -> away(Path.of(request.getTargetPath())));
  }

  @Override
  public void nodeUnstageVolume(
      NodeUnstageVolumeRequest request, StreamObserver<NodeUnstageVolumeResponse> answer) {
    answer(
        "unstage " + request.getVolumeId(),
        answer,
        NodeUnstageVolumeResponse.getDefaultInstance(),
        () -> away(Path.of(request.getStagingTargetPath())));
  }

  /// Its sockets go with it, as with a driver that is uninstalled.
  @Override
  public void close() throws IOException {
    try {
      for (Server server : List.of(registrar, driver)) {
        if (!server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS)) {
          throw new IllegalStateException("the driver " + name + " does not end");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(registration());
    Files.deleteIfExists(socket());
    sockets.close();
  }
}
