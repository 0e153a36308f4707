package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.LimitRange;
import io.coxswain.api.core.v1.LimitRangeItem;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.quota.Amounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Holds pods and claims within the LimitRanges of their namespace, and gives containers that say
/// nothing the requests and limits that these provide.
final class LimitRanges implements AdmissionPlugin {

  private static final String TOLD = "kubernetes.io/limit-ranger";

  @Override
  public Set<String> kinds() {
    return Set.of("pods", "persistentvolumeclaims");
  }

  @Override
  public Message mutate(AdmissionRequest request, StoredObjects objects) {
    if (!request.creates()
        || !request.subresource().isEmpty()
        || !(request.object() instanceof Pod pod)) {
      return request.object();
    }
    List<LimitRange> ranges = objects.list(LimitRange.class, request.namespace());
    if (ranges.isEmpty()) {
      return pod;
    }
    Pod.Builder changed = pod.toBuilder();
    for (LimitRange range : ranges) {
      complete(changed, range);
    }
    return changed.build();
  }

  private static void complete(Pod.Builder pod, LimitRange range) {
    Map<String, Quantity> requests = new TreeMap<>();
    Map<String, Quantity> limits = new TreeMap<>();
    for (LimitRangeItem item : range.getSpec().getLimitsList()) {
      if (item.getType().equals("Container")) {
        requests.putAll(item.getDefaultRequestMap());
        limits.putAll(item.getDefaultMap());
      }
    }
    List<String> told = new ArrayList<>();
    PodSpec.Builder spec = pod.getSpecBuilder();
    for (Container.Builder container : spec.getContainersBuilderList()) {
      complete(container, "container", requests, limits, told);
    }
    for (Container.Builder container : spec.getInitContainersBuilderList()) {
      complete(container, "init container", requests, limits, told);
    }
    if (!told.isEmpty()) {
      pod.getMetadataBuilder()
          .putAnnotations(TOLD, "LimitRanger plugin set: " + String.join("; ", told));
    }
  }

  private static void complete(
      Container.Builder container,
      String kind,
      Map<String, Quantity> requests,
      Map<String, Quantity> limits,
      List<String> told) {
    ResourceRequirements.Builder resources = container.getResources().toBuilder();
    List<String> requested = new ArrayList<>();
    List<String> limited = new ArrayList<>();
    limits.forEach((name, amount) -> {
      if (!resources.containsLimits(name)) {
        resources.putLimits(name, amount);
        limited.add(name);
      }
    });
    requests.forEach((name, amount) -> {
      if (!resources.containsRequests(name)) {
        resources.putRequests(name, amount);
        requested.add(name);
      }
    });
    if (!requested.isEmpty()) {
      told.add(String.join(", ", requested) + " request for " + kind + " " + container.getName());
    }
    if (!limited.isEmpty()) {
      told.add(String.join(", ", limited) + " limit for " + kind + " " + container.getName());
    }
    if (!requested.isEmpty() || !limited.isEmpty()) {
      container.setResources(resources);
    }
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    boolean resize = request.subresource().equals("resize");
    boolean pod = request.object() instanceof Pod;
    boolean concerned =
        pod
            ? resize || (request.creates() && request.subresource().isEmpty())
            : !isIgnored(request);
    if (!concerned) {
      return;
    }
    for (LimitRange range : objects.list(LimitRange.class, request.namespace())) {
      List<String> faults = new ArrayList<>();
      for (LimitRangeItem item : range.getSpec().getLimitsList()) {
        switch (request.object()) {
          case Pod one -> check(item, one.getSpec(), faults);
          case PersistentVolumeClaim claim -> check(item, claim, faults);
          default -> {
            // limits are about these two
          }
        }
      }
      if (!faults.isEmpty()) {
        throw request.forbidden(
            faults.size() == 1 ? faults.getFirst() : "[" + String.join(", ", faults) + "]");
      }
    }
  }

  private static boolean isIgnored(AdmissionRequest request) {
    return !request.subresource().isEmpty()
        || request.before().filter(ObjectMetas::isDeleting).isPresent();
  }

  private static void check(LimitRangeItem item, PodSpec spec, List<String> faults) {
    switch (item.getType()) {
      case "Container" -> {
        for (Container container : spec.getContainersList()) {
          check(item, container.getResources(), faults);
        }
        for (Container container : spec.getInitContainersList()) {
          check(item, container.getResources(), faults);
        }
      }
      case "Pod" ->
          new LimitCheck(item, Amounts.requests(spec), Amounts.limits(spec), faults).all();
      default -> {
        // of claims
      }
    }
  }

  private static void check(
      LimitRangeItem item, ResourceRequirements resources, List<String> faults) {
    new LimitCheck(item, resources.getRequestsMap(), resources.getLimitsMap(), faults).all();
  }

  private static void check(LimitRangeItem item, PersistentVolumeClaim claim, List<String> faults) {
    if (item.getType().equals("PersistentVolumeClaim")) {
      new LimitCheck(item, claim.getSpec().getResources().getRequestsMap(), Map.of(), faults)
          .ofClaim();
    }
  }
}
