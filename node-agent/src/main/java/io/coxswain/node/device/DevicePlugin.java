package io.coxswain.node.device;

import io.coxswain.node.plugin.RpcErrors;
import io.coxswain.plugin.device.AllocateRequest;
import io.coxswain.plugin.device.ContainerAllocateRequest;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.coxswain.plugin.device.ContainerPreferredAllocationRequest;
import io.coxswain.plugin.device.Device;
import io.coxswain.plugin.device.DevicePluginGrpc;
import io.coxswain.plugin.device.DevicePluginOptions;
import io.coxswain.plugin.device.Empty;
import io.coxswain.plugin.device.PreStartContainerRequest;
import io.coxswain.plugin.device.PreferredAllocationRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The connection to the plugin of one resource. Calls block; a plugin that does not answer fails
/// them, and only who asked waits for it.
final class DevicePlugin implements AutoCloseable {

  private static final long CONNECT_SECONDS = 10;
  private static final long PRE_START_SECONDS = 30;

  /// Kubelet waits without a bound; a pod that waits so long is better told of it.
  private static final long ALLOCATE_SECONDS = 120;

  private final String resource;
  private final ManagedChannel channel;
  private final DevicePluginGrpc.DevicePluginBlockingStub stub;
  private final DevicePluginOptions options;

  private DevicePlugin(String resource, ManagedChannel channel, DevicePluginOptions options) {
    this.resource = resource;
    this.channel = channel;
    this.stub = DevicePluginGrpc.newBlockingStub(channel);
    this.options = options;
  }

  /// @throws IOException when it does not answer; the channel is closed then
  static DevicePlugin connect(String resource, ManagedChannel channel) throws IOException {
    try {
      DevicePluginOptions options =
          DevicePluginGrpc.newBlockingStub(channel)
              .withWaitForReady()
              .withDeadlineAfter(CONNECT_SECONDS, TimeUnit.SECONDS)
              .getDevicePluginOptions(Empty.getDefaultInstance());
      return new DevicePlugin(resource, channel, options);
    } catch (StatusRuntimeException e) {
      channel.shutdownNow();
      throw new IOException("failed to get device plugin options: " + RpcErrors.text(e), e);
    }
  }

  String resource() {
    return resource;
  }

  /// Hands on what the plugin tells until it ends, and returns why.
  String listen(Consumer<List<Device>> told) {
    try {
      Iterator<io.coxswain.plugin.device.ListAndWatchResponse> all =
          stub.listAndWatch(Empty.getDefaultInstance());
      while (all.hasNext()) {
        told.accept(all.next().getDevicesList());
      }
      return "it ended its list of devices";
    } catch (StatusRuntimeException e) {
      return RpcErrors.text(e);
    }
  }

  /// Whether it wants a word in which devices are given.
  boolean prefers() {
    return options.getGetPreferredAllocationAvailable();
  }

  /// @param available all that may be given, `included` among them
  /// @param included those that are given in any case
  List<String> preferred(Collection<String> available, Collection<String> included, int size)
      throws DeviceException {
    PreferredAllocationRequest request =
        PreferredAllocationRequest.newBuilder()
            .addContainerRequests(
                ContainerPreferredAllocationRequest.newBuilder()
                    .addAllAvailableDeviceIDs(available)
                    .addAllMustIncludeDeviceIDs(included)
                    .setAllocationSize(size))
            .build();
    try {
      return stub
          .withDeadlineAfter(ALLOCATE_SECONDS, TimeUnit.SECONDS)
          .getPreferredAllocation(request)
          .getContainerResponsesList()
          .stream()
          .findFirst()
          .map(one -> List.copyOf(one.getDeviceIDsList()))
          .orElse(List.of());
    } catch (StatusRuntimeException e) {
      throw new DeviceException(
          "device plugin GetPreferredAllocation rpc failed with err: " + RpcErrors.text(e), e);
    }
  }

  ContainerAllocateResponse allocate(Collection<String> ids) throws DeviceException {
    AllocateRequest request =
        AllocateRequest.newBuilder()
            .addContainerRequests(ContainerAllocateRequest.newBuilder().addAllDevicesIds(ids))
            .build();
    try {
      return stub
          .withDeadlineAfter(ALLOCATE_SECONDS, TimeUnit.SECONDS)
          .allocate(request)
          .getContainerResponsesList()
          .stream()
          .findFirst()
          .orElseThrow(() -> new DeviceException("no containers return in allocation response"));
    } catch (StatusRuntimeException e) {
      throw new DeviceException(RpcErrors.text(e), e);
    }
  }

  /// Before each start of a container, where the plugin wants to know.
  void preStart(Collection<String> ids) throws DeviceException {
    if (!options.getPreStartRequired()) {
      return;
    }
    try {
      Object ignored =
          stub.withDeadlineAfter(PRE_START_SECONDS, TimeUnit.SECONDS)
              .preStartContainer(
                  PreStartContainerRequest.newBuilder().addAllDevicesIds(ids).build());
    } catch (StatusRuntimeException e) {
      throw new DeviceException(
          "device plugin PreStartContainer rpc failed with err: " + RpcErrors.text(e), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
