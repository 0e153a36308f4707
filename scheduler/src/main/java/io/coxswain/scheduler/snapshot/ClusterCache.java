package io.coxswain.scheduler.snapshot;

import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.CSIStorageCapacity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is known of the cluster, heard and decided. Informers tell it of objects; the scheduler
/// tells it of pods that it has placed and whose placement nobody has heard of yet (assumed pods),
/// so that the next decision counts them. Safe for use by many threads.
public final class ClusterCache {

  /// How long after its binding was accepted an assumed pod is trusted without being heard of.
  private static final Duration TRUST = Duration.ofSeconds(30);

  /// A pod that the scheduler placed and that no informer has shown there yet.
  ///
  /// @param node where it was placed
  public record Assumed(PodInfo pod, String node) {}

  // A node's place stays while pods are on it, also when the node itself is not known (yet).
  private static final class Place {
    @Nullable Node node;
    final Map<String, PodInfo> pods = new LinkedHashMap<>();
    @Nullable NodeInfo info;
  }

  private record Assumption(Assumed assumed, @Nullable Instant expires) {}

  private final InstantSource clock;
  private final TreeMap<String, Place> places = new TreeMap<>();
  private final Map<String, String> nodeByPod = new HashMap<>();
  private final Map<String, Assumption> assumptions = new HashMap<>();
  private final Map<String, Map<String, String>> namespaces = new HashMap<>();
  private final Map<ObjectKey, Map<String, String>> services = new HashMap<>();
  private final StorageCache storage = new StorageCache();
  private @Nullable Map<String, List<Map<String, String>>> servicesByNamespace;
  private @Nullable Map<String, Map<String, String>> namespacesCopy;
  private @Nullable Snapshot last;

  public ClusterCache(InstantSource clock) {
    this.clock = clock;
  }

  public synchronized void putNode(Node node) {
    Place place = place(node.getMetadata().getName());
    place.node = node;
    touched(place);
  }

  public synchronized void removeNode(String name) {
    Place place = places.get(name);
    if (place != null) {
      place.node = null;
      touched(place);
      dropIfEmpty(name, place);
    }
  }

  /// A pod as heard of. One without a node, or that has ended, takes no place.
  ///
  /// @return whether it takes less of its node than was known, and goes on
  public synchronized boolean putPod(Pod pod) {
    String node = pod.getSpec().getNodeName();
    String phase = pod.getStatus().getPhase();
    String uid = pod.getMetadata().getUid();
    if (node.isEmpty()) {
      return false;
    }
    assumptions.remove(uid);
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      take(uid);
      return false;
    }
    PodInfo known = place(node).pods.get(uid);
    PodInfo info = PodInfo.of(pod);
    put(info, node);
    return known != null && !info.requests().max(known.requests()).equals(info.requests());
  }

  /// A pod that is gone. One that was only assumed goes, too.
  public synchronized void removePod(String uid) {
    assumptions.remove(uid);
    unchoose(uid);
    take(uid);
  }

  /// Counts the pod on the node from now on. Its binding must end in [#bound] or [#forget].
  public synchronized void assume(PodInfo pod, String node) {
    assumptions.put(pod.uid(), new Assumption(new Assumed(pod, node), null));
    put(pod, node);
  }

  /// The binding was accepted: soon an informer will tell.
  public synchronized void bound(String uid) {
    assumptions.computeIfPresent(
        uid, (id, was) -> new Assumption(was.assumed, clock.instant().plus(TRUST)));
  }

  /// The binding failed.
  public synchronized void forget(String uid) {
    unchoose(uid);
    if (assumptions.remove(uid) != null) {
      take(uid);
    }
  }

  /// Assumed pods of which nothing was heard for too long after they were bound: ask the API what
  /// became of them, then [#putPod] or [#removePod].
  public synchronized List<Assumed> overdue() {
    Instant now = clock.instant();
    return assumptions.values().stream()
        .filter(a -> a.expires != null && a.expires.isBefore(now))
        .map(Assumption::assumed)
        .toList();
  }

  public synchronized int assumedPods() {
    return assumptions.size();
  }

  public synchronized void putNamespace(Namespace namespace) {
    namespaces.put(namespace.getMetadata().getName(), namespace.getMetadata().getLabelsMap());
    namespacesCopy = null;
    last = null;
  }

  public synchronized void removeNamespace(String name) {
    namespaces.remove(name);
    namespacesCopy = null;
    last = null;
  }

  /// A Service without a selector sends to nobody that it chose.
  public synchronized void putService(Service service) {
    ObjectKey key =
        new ObjectKey(service.getMetadata().getNamespace(), service.getMetadata().getName());
    if (service.getSpec().getSelectorCount() == 0) {
      services.remove(key);
    } else {
      services.put(key, service.getSpec().getSelectorMap());
    }
    servicesByNamespace = null;
    last = null;
  }

  public synchronized void removeService(ObjectKey key) {
    services.remove(key);
    servicesByNamespace = null;
    last = null;
  }

  public synchronized void putClaim(PersistentVolumeClaim claim) {
    storage.put(ObjectMetas.key(claim), claim);
    last = null;
  }

  public synchronized void removeClaim(ObjectKey key) {
    storage.removeClaim(key);
    last = null;
  }

  public synchronized void putVolume(PersistentVolume volume) {
    storage.put(volume);
    last = null;
  }

  public synchronized void removeVolume(String name) {
    storage.removeVolume(name);
    last = null;
  }

  public synchronized void putClass(StorageClass one) {
    storage.put(one);
    last = null;
  }

  public synchronized void removeClass(String name) {
    storage.removeClass(name);
    last = null;
  }

  public synchronized void putDriver(CSIDriver driver) {
    storage.put(driver);
    last = null;
  }

  public synchronized void removeDriver(String name) {
    storage.removeDriver(name);
    last = null;
  }

  public synchronized void putCsiNode(CSINode node) {
    storage.put(node);
    last = null;
  }

  public synchronized void removeCsiNode(String name) {
    storage.removeNode(name);
    last = null;
  }

  public synchronized void putCapacity(CSIStorageCapacity capacity) {
    storage.put(capacity);
    last = null;
  }

  public synchronized void removeCapacity(ObjectKey key) {
    storage.removeCapacity(key);
    last = null;
  }

  public synchronized void putAttachment(VolumeAttachment attachment) {
    storage.put(attachment);
    last = null;
  }

  public synchronized void removeAttachment(String name) {
    storage.removeAttachment(name);
    last = null;
  }

  /// A claim as last heard of.
  public synchronized Optional<PersistentVolumeClaim> claim(ObjectKey key) {
    return storage.claim(key);
  }

  /// What was decided about the claims of an assumed pod. It counts until [#unchoose], [#forget] or
  /// [#removePod].
  public synchronized void choose(String podUid, Map<ObjectKey, VolumeChoice> choices) {
    storage.choose(podUid, choices);
    last = null;
  }

  /// The choice has been carried out, or is not made any more.
  public synchronized void unchoose(String podUid) {
    if (storage.forget(podUid)) {
      last = null;
    }
  }

  /// Where a pod is counted.
  public synchronized Optional<String> nodeOf(String uid) {
    return Optional.ofNullable(nodeByPod.get(uid));
  }

  public synchronized Snapshot snapshot() {
    if (last != null) {
      return last;
    }
    List<NodeInfo> nodes = new ArrayList<>(places.size());
    for (Place place : places.values()) {
      if (place.node == null) {
        continue;
      }
      if (place.info == null) {
        place.info = NodeInfo.of(place.node, place.pods.values());
      }
      nodes.add(place.info);
    }
    if (namespacesCopy == null) {
      namespacesCopy = Map.copyOf(namespaces);
    }
    if (servicesByNamespace == null) {
      Map<String, List<Map<String, String>>> grouped = new HashMap<>();
      services.forEach((key, selector) ->
          grouped.computeIfAbsent(key.namespace(), n -> new ArrayList<>()).add(selector));
      servicesByNamespace = Map.copyOf(grouped);
    }
    Snapshot snapshot =
        Snapshot.of(nodes, namespacesCopy, servicesByNamespace).with(storage.snapshot());
    last = snapshot;
    return snapshot;
  }

  private void put(PodInfo pod, String node) {
    String before = nodeByPod.put(pod.uid(), node);
    if (before != null && !before.equals(node)) {
      leave(pod.uid(), before);
    }
    Place place = place(node);
    place.pods.put(pod.uid(), pod);
    touched(place);
  }

  private void take(String uid) {
    String node = nodeByPod.remove(uid);
    if (node != null) {
      leave(uid, node);
    }
  }

  private void leave(String uid, String node) {
    Place place = place(node);
    place.pods.remove(uid);
    touched(place);
    dropIfEmpty(node, place);
  }

  private Place place(String node) {
    return places.computeIfAbsent(node, name -> new Place());
  }

  private void touched(Place place) {
    place.info = null;
    last = null;
  }

  private void dropIfEmpty(String node, Place place) {
    if (place.node == null && place.pods.isEmpty()) {
      places.remove(node);
    }
  }
}
