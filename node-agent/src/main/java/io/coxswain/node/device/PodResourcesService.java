package io.coxswain.node.device;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.plugin.device.Device;
import io.coxswain.plugin.podresources.AllocatableResourcesRequest;
import io.coxswain.plugin.podresources.AllocatableResourcesResponse;
import io.coxswain.plugin.podresources.ContainerDevices;
import io.coxswain.plugin.podresources.ContainerResources;
import io.coxswain.plugin.podresources.GetPodResourcesRequest;
import io.coxswain.plugin.podresources.GetPodResourcesResponse;
import io.coxswain.plugin.podresources.ListPodResourcesRequest;
import io.coxswain.plugin.podresources.ListPodResourcesResponse;
import io.coxswain.plugin.podresources.NUMANode;
import io.coxswain.plugin.podresources.PodResources;
import io.coxswain.plugin.podresources.PodResourcesListerGrpc;
import io.coxswain.plugin.podresources.TopologyInfo;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Tells agents that watch over devices which pod has which (kubelet's PodResources, v1). No
/// container has cpus or memory of its own here, so there are none to tell of.
final class PodResourcesService extends PodResourcesListerGrpc.PodResourcesListerImplBase {

  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  private final DeviceBook book;
  private final Supplier<Collection<Pod>> pods;

  PodResourcesService(DeviceBook book, Supplier<Collection<Pod>> pods) {
    this.book = book;
    this.pods = pods;
  }

  @Override
  public void list(
      ListPodResourcesRequest request, StreamObserver<ListPodResourcesResponse> answer) {
    ListPodResourcesResponse.Builder all = ListPodResourcesResponse.newBuilder();
    pods.get().stream()
        .filter(pod -> !ENDED.contains(pod.getStatus().getPhase()))
        .map(this::resources)
        .forEach(all::addPodResources);
    answer.onNext(all.build());
    answer.onCompleted();
  }

  @Override
  public void get(GetPodResourcesRequest request, StreamObserver<GetPodResourcesResponse> answer) {
    for (Pod pod : pods.get()) {
      if (pod.getMetadata().getName().equals(request.getPodName())
          && pod.getMetadata().getNamespace().equals(request.getPodNamespace())) {
        answer.onNext(GetPodResourcesResponse.newBuilder().setPodResources(resources(pod)).build());
        answer.onCompleted();
        return;
      }
    }
    answer.onError(
        Status.UNKNOWN
            .withDescription(
                "pod %s in namespace %s not found"
                    .formatted(request.getPodName(), request.getPodNamespace()))
            .asRuntimeException());
  }

  @Override
  public void getAllocatableResources(
      AllocatableResourcesRequest request, StreamObserver<AllocatableResourcesResponse> answer) {
    AllocatableResourcesResponse.Builder all = AllocatableResourcesResponse.newBuilder();
    book.allocatable()
        .forEach((resource, devices) -> {
          for (Device device : devices) {
            ContainerDevices.Builder one =
                all.addDevicesBuilder().setResourceName(resource).addDeviceIds(device.getID());
            if (device.getTopology().getNodesCount() > 0) {
              device
                  .getTopology()
                  .getNodesList()
                  .forEach(node ->
                      one.getTopologyBuilder().addNodes(NUMANode.newBuilder().setID(node.getID())));
            }
          }
        });
    answer.onNext(all.build());
    answer.onCompleted();
  }

  private PodResources resources(Pod pod) {
    PodResources.Builder resources =
        PodResources.newBuilder()
            .setName(pod.getMetadata().getName())
            .setNamespace(pod.getMetadata().getNamespace());
    for (Container container : pod.getSpec().getInitContainersList()) {
      if (container.getRestartPolicy().equals("Always")) {
        resources.addContainers(resources(pod, container));
      }
    }
    for (Container container : pod.getSpec().getContainersList()) {
      resources.addContainers(resources(pod, container));
    }
    return resources.build();
  }

  private ContainerResources resources(Pod pod, Container container) {
    ContainerResources.Builder resources =
        ContainerResources.newBuilder().setName(container.getName());
    book.granted(pod.getMetadata().getUid(), container.getName())
        .forEach((resource, grant) ->
            grant
                .devices()
                .forEach((near, ids) -> resources.addDevices(devices(resource, near, ids))));
    return resources.build();
  }

  private static ContainerDevices devices(String resource, long near, List<String> ids) {
    ContainerDevices.Builder devices =
        ContainerDevices.newBuilder().setResourceName(resource).addAllDeviceIds(ids);
    if (near != DeviceGrant.NOWHERE) {
      devices.setTopology(TopologyInfo.newBuilder().addNodes(NUMANode.newBuilder().setID(near)));
    }
    return devices.build();
  }
}
