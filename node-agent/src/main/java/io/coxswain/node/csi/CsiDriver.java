package io.coxswain.node.csi;

import io.coxswain.node.plugin.RpcErrors;
import io.coxswain.plugin.csi.NodeExpandVolumeRequest;
import io.coxswain.plugin.csi.NodeGetCapabilitiesRequest;
import io.coxswain.plugin.csi.NodeGetInfoRequest;
import io.coxswain.plugin.csi.NodeGetInfoResponse;
import io.coxswain.plugin.csi.NodeGetVolumeStatsRequest;
import io.coxswain.plugin.csi.NodeGetVolumeStatsResponse;
import io.coxswain.plugin.csi.NodeGrpc;
import io.coxswain.plugin.csi.NodePublishVolumeRequest;
import io.coxswain.plugin.csi.NodeServiceCapability;
import io.coxswain.plugin.csi.NodeStageVolumeRequest;
import io.coxswain.plugin.csi.NodeUnpublishVolumeRequest;
import io.coxswain.plugin.csi.NodeUnstageVolumeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The connection to one driver. Calls block, two minutes at most, and fail with what the driver
/// says.
final class CsiDriver implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 120;
  private static final long CONNECT_SECONDS = 10;

  private static final Set<Status.Code> PERHAPS_AT_WORK =
      EnumSet.of(
          Status.Code.CANCELLED,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.UNAVAILABLE,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.ABORTED);

  private final String name;
  private final ManagedChannel channel;
  private final NodeGrpc.NodeBlockingStub node;
  private final Set<NodeServiceCapability.RPC.Type> capabilities =
      EnumSet.noneOf(NodeServiceCapability.RPC.Type.class);

  private CsiDriver(String name, ManagedChannel channel) {
    this.name = name;
    this.channel = channel;
    this.node = NodeGrpc.newBlockingStub(channel);
  }

  /// @throws IOException when it does not answer; the channel is closed then
  static CsiDriver connect(String name, ManagedChannel channel) throws IOException {
    CsiDriver driver = new CsiDriver(name, channel);
    try {
      driver
          .node
          .withWaitForReady()
          .withDeadlineAfter(CONNECT_SECONDS, TimeUnit.SECONDS)
          .nodeGetCapabilities(NodeGetCapabilitiesRequest.getDefaultInstance())
          .getCapabilitiesList()
          .forEach(one -> driver.capabilities.add(one.getRpc().getType()));
      return driver;
    } catch (StatusRuntimeException e) {
      channel.shutdownNow();
      throw new IOException("its capabilities: " + RpcErrors.text(e), e);
    }
  }

  /// Whether a driver's refusal says that nothing was done and nothing is being done. After any
  /// other failure it may still be at work, as when its answer was not waited for.
  static boolean isFinal(IOException refusal) {
    return refusal.getCause() instanceof StatusRuntimeException said
        && !PERHAPS_AT_WORK.contains(said.getStatus().getCode());
  }

  String name() {
    return name;
  }

  boolean can(NodeServiceCapability.RPC.Type what) {
    return capabilities.contains(what);
  }

  NodeGetInfoResponse info() throws IOException {
    return call(stub -> stub.nodeGetInfo(NodeGetInfoRequest.getDefaultInstance()));
  }

  void stage(NodeStageVolumeRequest request) throws IOException {
    var _ = call(stub -> stub.nodeStageVolume(request));
  }

  void publish(NodePublishVolumeRequest request) throws IOException {
    var _ = call(stub -> stub.nodePublishVolume(request));
  }

  void unpublish(String volume, String target) throws IOException {
    NodeUnpublishVolumeRequest request =
        NodeUnpublishVolumeRequest.newBuilder().setVolumeId(volume).setTargetPath(target).build();
    var _ = call(stub -> stub.nodeUnpublishVolume(request));
  }

  void unstage(String volume, String target) throws IOException {
    NodeUnstageVolumeRequest request =
        NodeUnstageVolumeRequest.newBuilder()
            .setVolumeId(volume)
            .setStagingTargetPath(target)
            .build();
    var _ = call(stub -> stub.nodeUnstageVolume(request));
  }

  void expand(NodeExpandVolumeRequest request) throws IOException {
    var _ = call(stub -> stub.nodeExpandVolume(request));
  }

  NodeGetVolumeStatsResponse figures(String volume, String path) throws IOException {
    NodeGetVolumeStatsRequest request =
        NodeGetVolumeStatsRequest.newBuilder().setVolumeId(volume).setVolumePath(path).build();
    return call(stub -> stub.nodeGetVolumeStats(request));
  }

  private <T> T call(Function<NodeGrpc.NodeBlockingStub, T> rpc) throws IOException {
    try {
      return rpc.apply(node.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      throw new IOException(RpcErrors.text(e), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
