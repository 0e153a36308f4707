package io.coxswain.controlplane.quota;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.codec.Times;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// How much one object takes of what quotas count, by the names that quotas use. Pure.
public final class Usage {

  /// Kinds that are also counted by their bare name, as quotas first had it.
  private static final Set<String> BARE =
      Set.of("configmaps", "secrets", "replicationcontrollers", "resourcequotas");

  private static final Quantity ONE = Quantities.ofCount(1);
  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  private Usage() {}

  /// @param type of the object
  /// @param now decides whether a pod that should have ended still counts
  public static Map<String, Quantity> of(ResourceType<?> type, Message object, Instant now) {
    Map<String, Quantity> usage = new HashMap<>();
    usage.put("count/" + type.qualifiedPlural(), ONE);
    switch (object) {
      case Pod pod -> {
        if (counts(pod, now)) {
          pod(usage, pod);
        }
      }
      case Service service -> service(usage, service);
      case PersistentVolumeClaim claim -> claim(usage, claim);
      default -> {
        if (BARE.contains(type.qualifiedPlural())) {
          usage.put(type.plural(), ONE);
        }
      }
    }
    return usage;
  }

  /// A pod that has ended takes nothing; nor does one that should have, and whose node is silent.
  private static boolean counts(Pod pod, Instant now) {
    String phase = pod.getStatus().getPhase();
    if (phase.equals("Failed") || phase.equals("Succeeded")) {
      return false;
    }
    ObjectMeta meta = pod.getMetadata();
    return !meta.hasDeletionTimestamp()
        || !now.isAfter(
            Times.instant(meta.getDeletionTimestamp())
                .plus(Duration.ofSeconds(meta.getDeletionGracePeriodSeconds())));
  }

  private static void pod(Map<String, Quantity> usage, Pod pod) {
    Map<String, Quantity> requests = new HashMap<>(Amounts.requests(pod));
    Map<String, Quantity> limits = new HashMap<>(Amounts.limits(pod));
    Map<String, Quantity> overhead = pod.getSpec().getOverheadMap();
    Amounts.add(requests, overhead);
    overhead.forEach((name, amount) ->
        limits.computeIfPresent(name, (_, limit) -> Quantities.add(limit, amount)));
    usage.putAll(compute(requests, limits));
  }

  /// Requests and limits by the names that quotas use, with the pod itself.
  static Map<String, Quantity> compute(
      Map<String, Quantity> requests, Map<String, Quantity> limits) {
    Map<String, Quantity> usage = new HashMap<>();
    usage.put("pods", ONE);
    requests.forEach((name, amount) -> {
      usage.put("requests." + name, amount);
      if (!name.contains("/")) {
        usage.put(name, amount);
      }
    });
    limits.forEach((name, amount) -> {
      if (!name.contains("/")) {
        usage.put("limits." + name, amount);
      }
    });
    return usage;
  }

  private static void service(Map<String, Quantity> usage, Service service) {
    usage.put("services", ONE);
    String type = service.getSpec().getType();
    boolean balanced = type.equals("LoadBalancer");
    if (balanced) {
      usage.put("services.loadbalancers", ONE);
    }
    boolean allocates =
        !service.getSpec().hasAllocateLoadBalancerNodePorts()
            || service.getSpec().getAllocateLoadBalancerNodePorts();
    long ports =
        type.equals("NodePort") || (balanced && allocates)
            ? service.getSpec().getPortsCount()
            : balanced
                ? service.getSpec().getPortsList().stream()
                    .filter(port -> port.getNodePort() != 0)
                    .count()
                : 0;
    if (ports > 0) {
      usage.put("services.nodeports", Quantities.ofCount(ports));
    }
  }

  private static void claim(Map<String, Quantity> usage, PersistentVolumeClaim claim) {
    String name =
        claim
            .getMetadata()
            .getAnnotationsOrDefault(OLD_CLASS, claim.getSpec().getStorageClassName());
    usage.put("persistentvolumeclaims", ONE);
    Quantity size = claim.getSpec().getResources().getRequestsMap().get("storage");
    if (size != null) {
      usage.put("requests.storage", size);
    }
    if (!name.isEmpty()) {
      String of = name + ".storageclass.storage.k8s.io/";
      usage.put(of + "persistentvolumeclaims", ONE);
      if (size != null) {
        usage.put(of + "requests.storage", size);
      }
    }
  }
}
