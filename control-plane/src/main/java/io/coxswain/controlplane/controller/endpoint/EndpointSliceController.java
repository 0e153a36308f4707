package io.coxswain.controlplane.controller.endpoint;

import static java.util.Comparator.comparing;

import io.coxswain.api.core.v1.EndpointSubset;
import io.coxswain.api.core.v1.Endpoints;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.controller.Pace;
import io.coxswain.client.controller.Result;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.controlplane.controller.framework.Controller;
import io.coxswain.controlplane.controller.framework.ControllerContext;
import io.coxswain.controlplane.controller.framework.LabelMatch;
import io.coxswain.controlplane.controller.framework.Meanwhile;
import io.coxswain.controlplane.controller.framework.OwnerReferences;
import io.coxswain.controlplane.controller.framework.PodFacts;
import io.coxswain.controlplane.controller.framework.Work;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads Services with a selector, pods and nodes. Writes the EndpointSlices labelled as managed by
/// `endpointslice-controller.k8s.io`, and the Endpoints of the Service's name.
public final class EndpointSliceController implements Controller {

  private static final int WORKERS = 4;
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(5);
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String MANAGED_ENDPOINTS = "endpoints.kubernetes.io/managed-by";
  private static final ResourceType<Service> SERVICE = ResourceType.of(Service.class);

  private final Informer<Service> services;
  private final Informer<Pod> pods;
  private final Informer<Node> nodes;
  private final Informer<EndpointSlice> slices;
  private final Resources<Endpoints> endpoints;
  private final Informer<Endpoints> endpointsInformer;
  private final SliceWriter writer;
  private final Work work;

  public EndpointSliceController(ControllerContext context) {
    this.services = context.informers().informer(Service.class);
    this.pods = context.informers().informer(Pod.class);
    this.nodes = context.informers().informer(Node.class);
    this.slices = context.informers().informer(EndpointSlice.class);
    this.endpointsInformer = context.informers().informer(Endpoints.class);
    this.endpoints = context.client().resources(Endpoints.class);
    this.writer = new SliceWriter(context.client().resources(EndpointSlice.class), slices);
    this.work =
        new Work(
            "endpointslice",
            WORKERS,
            Pace.SPARING,
            context,
            this::reconcile,
            () -> services.list().stream().map(ObjectMetas::key).toList());
    services.addHandler(Handler.each(work::enqueue));
    slices.addHandler(Handler.each(this::sliceChanged));
    pods.addHandler(podHandler());
  }

  @Override
  public Work work() {
    return work;
  }

  private void sliceChanged(EndpointSlice slice) {
    ObjectMeta meta = slice.getMetadata();
    if (SliceMetadata.isManagedBy(meta, SliceMetadata.CONTROLLER)) {
      work.enqueue(new ObjectKey(meta.getNamespace(), SliceMetadata.serviceName(meta)));
    }
  }

  private Handler<Pod> podHandler() {
    return new Handler<>() {
      @Override
      public void added(Pod pod) {
        wake(pod);
      }

      @Override
      public void updated(Pod before, Pod after) {
        if (!before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap())) {
          wake(before);
          wake(after);
        } else if (matters(before, after)) {
          wake(after);
        }
      }

      @Override
      public void deleted(Pod last) {
        wake(last);
      }
    };
  }

  private static boolean matters(Pod before, Pod after) {
    return PodFacts.isReady(before) != PodFacts.isReady(after)
        || PodFacts.isTerminating(before) != PodFacts.isTerminating(after)
        || PodFacts.isFinished(before) != PodFacts.isFinished(after)
        || !before.getStatus().getPodIP().equals(after.getStatus().getPodIP())
        || !before.getStatus().getPodIPsList().equals(after.getStatus().getPodIPsList())
        || !before.getSpec().equals(after.getSpec());
  }

  private void wake(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    for (Service service : services.listIn(meta.getNamespace())) {
      if (selects(service) && selects(service, pod)) {
        work.enqueue(service);
      }
    }
  }

  private static boolean selects(Service service) {
    return service.getSpec().getSelectorCount() > 0
        && !service.getSpec().getType().equals("ExternalName");
  }

  private static boolean selects(Service service, Pod pod) {
    return LabelMatch.containsAll(
        pod.getMetadata().getLabelsMap(), service.getSpec().getSelectorMap());
  }

  private Result reconcile(ObjectKey key) {
    if (!writer.allSeen(key)) {
      return Result.after(UNTIL_SEEN);
    }
    List<EndpointSlice> own = ownSlices(key);
    Optional<Service> service =
        services
            .find(key)
            .filter(EndpointSliceController::selects)
            .filter(found -> !found.getMetadata().hasDeletionTimestamp());
    if (service.isEmpty()) {
      own.forEach(slice -> writer.delete(key, slice));
      dropEndpoints(key);
      if (services.find(key).isEmpty() && own.isEmpty()) {
        writer.forget(key);
      }
      return Result.done();
    }
    ServiceSnapshot snapshot = snapshot(service.get(), own);
    writer.write(key, SlicePlan.of(DesiredEndpoints.of(snapshot), own, fresh(service.get())));
    writeEndpoints(key, service.get(), DesiredSubsets.of(snapshot));
    return Result.done();
  }

  private List<EndpointSlice> ownSlices(ObjectKey key) {
    return slices.listIn(key.namespace()).stream()
        .filter(slice -> SliceMetadata.serviceName(slice.getMetadata()).equals(key.name()))
        .filter(s -> SliceMetadata.isManagedBy(s.getMetadata(), SliceMetadata.CONTROLLER))
        .toList();
  }

  private ServiceSnapshot snapshot(Service service, List<EndpointSlice> own) {
    List<Pod> selected =
        pods.listIn(service.getMetadata().getNamespace()).stream()
            .filter(pod -> Families.hasAddress(pod) && !PodFacts.isFinished(pod))
            .filter(pod -> selects(service, pod))
            .sorted(comparing((Pod pod) -> pod.getMetadata().getName()))
            .toList();
    Map<String, String> zones = new HashMap<>();
    for (Node node : nodes.list()) {
      String zone = node.getMetadata().getLabelsMap().getOrDefault(ZONE, "");
      if (!zone.isEmpty()) {
        zones.put(node.getMetadata().getName(), zone);
      }
    }
    return new ServiceSnapshot(service, selected, own, zones);
  }

  private static ObjectMeta fresh(Service service) {
    ObjectMeta meta = service.getMetadata();
    return SliceMetadata.fresh(
        meta.getNamespace(),
        meta.getName(),
        SliceMetadata.labels(service),
        OwnerReferences.controller(SERVICE, meta));
  }

  private void writeEndpoints(ObjectKey key, Service service, List<EndpointSubset> subsets) {
    Optional<Endpoints> before = endpointsInformer.find(key);
    Map<String, String> labels = new HashMap<>(service.getMetadata().getLabelsMap());
    labels.put(MANAGED_ENDPOINTS, "endpoint-controller");
    if (service.getSpec().getClusterIP().equals("None")) {
      labels.put(SliceMetadata.HEADLESS, "");
    }
    if (before.isPresent()
        && before.get().getSubsetsList().equals(subsets)
        && before.get().getMetadata().getLabelsMap().equals(labels)) {
      return;
    }
    Endpoints.Builder after =
        before.orElse(Endpoints.getDefaultInstance()).toBuilder()
            .clearSubsets()
            .addAllSubsets(subsets);
    after
        .getMetadataBuilder()
        .setNamespace(key.namespace())
        .setName(key.name())
        .clearLabels()
        .putAllLabels(labels)
        // Nobody else writes them: the newest level wins, whatever was heard of the last one.
        .clearResourceVersion();
    try {
      Endpoints ignored =
          before.isPresent() ? endpoints.update(after.build()) : endpoints.create(after.build());
    } catch (ApiException e) {
      if (!e.isAlreadyExists() && !e.isNotFound()) {
        throw e;
      }
      work.enqueueAfter(key, Duration.ofMillis(100));
    }
  }

  // Those that a person wrote for a Service without a selector stay.
  private void dropEndpoints(ObjectKey key) {
    boolean ours =
        endpointsInformer
            .find(key)
            .filter(e -> e.getMetadata().getLabelsMap().containsKey(MANAGED_ENDPOINTS))
            .isPresent();
    boolean needless =
        services.find(key).isEmpty()
            || services.find(key).filter(EndpointSliceController::selects).isEmpty();
    if (!ours || !needless) {
      return;
    }
    Meanwhile.gone(() -> {
      endpoints.delete(key.namespace(), key.name(), DeletePolicy.DEFAULT);
    });
  }
}
