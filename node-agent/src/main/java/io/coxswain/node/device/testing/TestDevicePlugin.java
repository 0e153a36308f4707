package io.coxswain.node.device.testing;

import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.plugin.device.AllocateRequest;
import io.coxswain.plugin.device.AllocateResponse;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.coxswain.plugin.device.Device;
import io.coxswain.plugin.device.DevicePluginGrpc;
import io.coxswain.plugin.device.DevicePluginOptions;
import io.coxswain.plugin.device.Empty;
import io.coxswain.plugin.device.ListAndWatchResponse;
import io.coxswain.plugin.device.PreStartContainerRequest;
import io.coxswain.plugin.device.PreStartContainerResponse;
import io.coxswain.plugin.device.PreferredAllocationRequest;
import io.coxswain.plugin.device.PreferredAllocationResponse;
import io.coxswain.plugin.device.RegisterRequest;
import io.coxswain.plugin.device.RegistrationGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A device plugin as a vendor would write one: it serves on a socket of its own, registers with
/// the agent, and tells how its devices fare. It prefers the last of those that it may choose from.
public final class TestDevicePlugin extends DevicePluginGrpc.DevicePluginImplBase
    implements AutoCloseable {

  private final String resource;
  private final Path folder;
  private final String socket;
  private final UnixSockets sockets = new UnixSockets();
  private final Map<String, String> health = new LinkedHashMap<>();
  private final List<StreamObserver<ListAndWatchResponse>> listeners = new ArrayList<>();
  private final List<List<String>> allocated = new CopyOnWriteArrayList<>();
  private final List<List<String>> preStarted = new CopyOnWriteArrayList<>();
  private final Function<List<String>, ContainerAllocateResponse> given;
  private volatile DevicePluginOptions options = DevicePluginOptions.getDefaultInstance();
  private volatile String refusal = "";
  private final Server server;

  /// @param kubelet the agent's folder for plugins
  /// @param given what a container gets for devices with these ids
  public TestDevicePlugin(
      Path kubelet,
      String resource,
      List<String> ids,
      Function<List<String>, ContainerAllocateResponse> given)
      throws IOException {
    this.resource = resource;
    this.folder = kubelet.resolve("device-plugins");
    this.socket = resource.replace('/', '-') + ".sock";
    this.given = given;
    ids.forEach(id -> health.put(id, "Healthy"));
    this.server = sockets.serve(folder.resolve(socket), this);
  }

  /// Wants a word in which devices are given, and to know before each start.
  public TestDevicePlugin demanding() {
    options =
        DevicePluginOptions.newBuilder()
            .setPreStartRequired(true)
            .setGetPreferredAllocationAvailable(true)
            .build();
    return this;
  }

  /// From now on it gives nothing.
  public void refuse(String why) {
    refusal = why;
  }

  public TestDevicePlugin register() {
    register("v1beta1");
    return this;
  }

  /// @param version of the protocol
  public void register(String version) {
    ManagedChannel channel = sockets.channel(folder.resolve("kubelet.sock"));
    try {
      Object ignored =
          RegistrationGrpc.newBlockingStub(channel)
              .register(
                  RegisterRequest.newBuilder()
                      .setVersion(version)
                      .setEndpoint(socket)
                      .setResourceName(resource)
                      .build());
    } finally {
      channel.shutdownNow();
    }
  }

  /// How a device fares from now on, as `Unhealthy`.
  public synchronized void tell(String id, String fares) {
    health.put(id, fares);
    listeners.forEach(one -> one.onNext(devices()));
  }

  /// What was asked for, the oldest first.
  public List<List<String>> allocated() {
    return List.copyOf(allocated);
  }

  /// Of which devices a container was about to start, the oldest first.
  public List<List<String>> preStarted() {
    return List.copyOf(preStarted);
  }

  private ListAndWatchResponse devices() {
    ListAndWatchResponse.Builder devices = ListAndWatchResponse.newBuilder();
    health.forEach(
        (id, fares) -> devices.addDevices(Device.newBuilder().setID(id).setHealth(fares)));
    return devices.build();
  }

  @Override
  public void getDevicePluginOptions(Empty request, StreamObserver<DevicePluginOptions> answer) {
    answer.onNext(options);
    answer.onCompleted();
  }

  @Override
  public synchronized void listAndWatch(
      Empty request, StreamObserver<ListAndWatchResponse> answer) {
    ((ServerCallStreamObserver<ListAndWatchResponse>) answer)
        .setOnCancelHandler(() -> forget(answer));
    listeners.add(answer);
    answer.onNext(devices());
  }

  private synchronized void forget(StreamObserver<ListAndWatchResponse> listener) {
    listeners.remove(listener);
  }

  @Override
  public void getPreferredAllocation(
      PreferredAllocationRequest request, StreamObserver<PreferredAllocationResponse> answer) {
    PreferredAllocationResponse.Builder preferred = PreferredAllocationResponse.newBuilder();
    request
        .getContainerRequestsList()
        .forEach(one -> {
          List<String> ids = new ArrayList<>(one.getMustIncludeDeviceIDsList());
          one.getAvailableDeviceIDsList().stream()
              .sorted(Comparator.reverseOrder())
              .filter(id -> !ids.contains(id))
              .limit(one.getAllocationSize() - ids.size())
              .forEach(ids::add);
          preferred.addContainerResponsesBuilder().addAllDeviceIDs(ids);
        });
    answer.onNext(preferred.build());
    answer.onCompleted();
  }

  @Override
  public void allocate(AllocateRequest request, StreamObserver<AllocateResponse> answer) {
    if (!refusal.isEmpty()) {
      answer.onError(Status.UNKNOWN.withDescription(refusal).asRuntimeException());
      return;
    }
    AllocateResponse.Builder response = AllocateResponse.newBuilder();
    request
        .getContainerRequestsList()
        .forEach(one -> {
          allocated.add(List.copyOf(one.getDevicesIdsList()));
          response.addContainerResponses(given.apply(one.getDevicesIdsList()));
        });
    answer.onNext(response.build());
    answer.onCompleted();
  }

  @Override
  public void preStartContainer(
      PreStartContainerRequest request, StreamObserver<PreStartContainerResponse> answer) {
    preStarted.add(List.copyOf(request.getDevicesIdsList()));
    answer.onNext(PreStartContainerResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public void close() {
    try {
      if (!server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the plugin of " + resource + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sockets.close();
  }
}
