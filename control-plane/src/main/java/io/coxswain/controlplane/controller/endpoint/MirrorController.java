package io.coxswain.controlplane.controller.endpoint;

import io.coxswain.api.core.v1.EndpointAddress;
import io.coxswain.api.core.v1.EndpointSubset;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.Endpoint;
import io.coxswain.api.discovery.v1.EndpointConditions;
import io.coxswain.api.discovery.v1.EndpointPort;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.endpoint.DesiredEndpoints.Group;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads Endpoints that people write for Services without a selector. Writes the EndpointSlices
/// labelled as managed by `endpointslicemirroring-controller.k8s.io`. Endpoints labelled
/// `endpointslice.kubernetes.io/skip-mirror: "true"` have slices from elsewhere.
public final class MirrorController implements Controller {

  private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);
  private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
  private static final ResourceType<Endpoints> ENDPOINTS = ResourceType.of(Endpoints.class);

  private final Informer<Endpoints> endpoints;
  private final Informer<Service> services;
  private final Informer<EndpointSlice> slices;
  private final SliceWriter writer;
  private final Work work;

  public MirrorController(ControllerContext context) {
    this.endpoints = context.informers().informer(Endpoints.class);
    this.services = context.informers().informer(Service.class);
    this.slices = context.informers().informer(EndpointSlice.class);
    this.writer = new SliceWriter(context.client().resources(EndpointSlice.class), slices);
    this.work =
        new Work(
            "endpointslice-mirroring",
            1,
            context,
            this::reconcile,
            () -> endpoints.list().stream().map(ObjectMetas::key).toList());
    endpoints.addHandler(Handler.each(work::enqueue));
    services.addHandler(Handler.each(work::enqueue));
    slices.addHandler(
        Handler.each(slice -> {
          ObjectMeta meta = slice.getMetadata();
          if (SliceMetadata.isManagedBy(meta, SliceMetadata.MIRROR)) {
            work.enqueue(new ObjectKey(meta.getNamespace(), SliceMetadata.serviceName(meta)));
          }
        }));
  }

  @Override
  public Work work() {
    return work;
  }

  private Result reconcile(ObjectKey key) {
    if (!writer.allSeen(key)) {
      return Result.after(UNTIL_SEEN);
    }
    List<EndpointSlice> own =
        slices.listIn(key.namespace()).stream()
            .filter(slice -> SliceMetadata.serviceName(slice.getMetadata()).equals(key.name()))
            .filter(s -> SliceMetadata.isManagedBy(s.getMetadata(), SliceMetadata.MIRROR))
            .toList();
    Optional<Endpoints> source = endpoints.find(key).filter(MirrorController::isToMirror);
    boolean manual =
        services.find(key).filter(s -> s.getSpec().getSelectorCount() == 0).isPresent();
    if (source.isEmpty() || !manual) {
      own.forEach(slice -> writer.delete(key, slice));
      return Result.done();
    }
    writer.write(key, SlicePlan.of(groups(source.get()), own, fresh(source.get())));
    return Result.done();
  }

  private static boolean isToMirror(Endpoints source) {
    return !source.getMetadata().getLabelsMap().getOrDefault(SKIP, "").equals("true");
  }

  private static ObjectMeta fresh(Endpoints source) {
    ObjectMeta meta = source.getMetadata();
    Map<String, String> labels = new HashMap<>(meta.getLabelsMap());
    labels.put(SliceMetadata.SERVICE_NAME, meta.getName());
    labels.put(SliceMetadata.MANAGED_BY, SliceMetadata.MIRROR);
    return SliceMetadata.fresh(
        meta.getNamespace(), meta.getName(), labels, OwnerReferences.controller(ENDPOINTS, meta));
  }

  static Map<Group, List<Endpoint>> groups(Endpoints source) {
    Map<Group, List<Endpoint>> groups = new LinkedHashMap<>();
    for (EndpointSubset subset : source.getSubsetsList()) {
      List<EndpointPort> ports = ports(subset);
      for (EndpointAddress address : subset.getAddressesList()) {
        add(groups, ports, address, true);
      }
      for (EndpointAddress address : subset.getNotReadyAddressesList()) {
        add(groups, ports, address, false);
      }
    }
    return groups;
  }

  private static void add(
      Map<Group, List<Endpoint>> groups,
      List<EndpointPort> ports,
      EndpointAddress address,
      boolean ready) {
    Endpoint.Builder endpoint =
        Endpoint.newBuilder()
            .addAddresses(address.getIp())
            .setConditions(EndpointConditions.newBuilder().setReady(ready));
    if (address.hasTargetRef()) {
      endpoint.setTargetRef(address.getTargetRef());
    }
    if (!address.getNodeName().isEmpty()) {
      endpoint.setNodeName(address.getNodeName());
    }
    if (!address.getHostname().isEmpty()) {
      endpoint.setHostname(address.getHostname());
    }
    groups
        .computeIfAbsent(new Group(Families.of(address.getIp()), ports), g -> new ArrayList<>())
        .add(endpoint.build());
  }

  private static List<EndpointPort> ports(EndpointSubset subset) {
    List<EndpointPort> ports = new ArrayList<>();
    for (var port : subset.getPortsList()) {
      EndpointPort.Builder built =
          EndpointPort.newBuilder()
              .setName(port.getName())
              .setPort(port.getPort())
              .setProtocol(TargetPorts.protocol(port.getProtocol()));
      if (!port.getAppProtocol().isEmpty()) {
        built.setAppProtocol(port.getAppProtocol());
      }
      ports.add(built.build());
    }
    return List.copyOf(ports);
  }
}
