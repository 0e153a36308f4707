package io.coxswain.scheduler;

import com.google.protobuf.Message;
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
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.informer.Handler;
import io.coxswain.scheduler.framework.ClusterEvent;
import io.coxswain.scheduler.queue.SchedulingQueue;
import io.coxswain.scheduler.snapshot.ClusterCache;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/// Turns what informers hear into the state of cache and queue. The cache is told before the queue,
/// so that a pod which an event wakes is decided on a snapshot that has the event.
final class ClusterFeed {

  private static final Set<ClusterEvent> STORAGE = Set.of(ClusterEvent.STORAGE);

  private final String schedulerName;
  private final ClusterCache cache;
  private final SchedulingQueue queue;

  ClusterFeed(String schedulerName, ClusterCache cache, SchedulingQueue queue) {
    this.schedulerName = schedulerName;
    this.cache = cache;
    this.queue = queue;
  }

  Handler<Pod> pods() {
    return new Handler<>() {
      @Override
      public void added(Pod pod) {
        if (hasNode(pod)) {
          var _ = cache.putPod(pod);
          queue.remove(pod.getMetadata().getUid());
          queue.happened(Set.of(ClusterEvent.POD_ASSIGNED));
        } else if (waits(pod)) {
          queue.put(pod);
        }
      }

      @Override
      public void updated(Pod before, Pod after) {
        if (!hasNode(after)) {
          if (waits(after)) {
            queue.put(after);
          } else {
            queue.remove(after.getMetadata().getUid());
          }
          return;
        }
        boolean shrunk = cache.putPod(after);
        queue.remove(after.getMetadata().getUid());
        Set<ClusterEvent> events = EnumSet.noneOf(ClusterEvent.class);
        if (shrunk) {
          events.add(ClusterEvent.POD_SHRUNK);
        }
        if (!hasNode(before)) {
          events.add(ClusterEvent.POD_ASSIGNED);
        }
        if (!ended(before) && ended(after)) {
          events.add(ClusterEvent.POD_GONE);
        }
        if (!before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap())
            || before.getMetadata().hasDeletionTimestamp()
                != after.getMetadata().hasDeletionTimestamp()) {
          events.add(ClusterEvent.POD_LABELS);
        }
        queue.happened(events);
      }

      @Override
      public void deleted(Pod last) {
        String uid = last.getMetadata().getUid();
        queue.remove(uid);
        boolean counted = cache.nodeOf(uid).isPresent();
        cache.removePod(uid);
        if (counted) {
          queue.happened(Set.of(ClusterEvent.POD_GONE));
        }
      }
    };
  }

  Handler<Node> nodes() {
    return new Handler<>() {
      @Override
      public void added(Node node) {
        cache.putNode(node);
        queue.happened(Set.of(ClusterEvent.NODE_ADDED));
      }

      @Override
      public void updated(Node before, Node after) {
        Set<ClusterEvent> events = differences(before, after);
        // Heartbeats change nothing that a decision looks at.
        if (!events.isEmpty()
            || !before.getStatus().getImagesList().equals(after.getStatus().getImagesList())) {
          cache.putNode(after);
        }
        queue.happened(events);
      }

      @Override
      public void deleted(Node last) {
        cache.removeNode(last.getMetadata().getName());
      }
    };
  }

  Handler<Namespace> namespaces() {
    return new Handler<>() {
      @Override
      public void added(Namespace namespace) {
        cache.putNamespace(namespace);
        queue.happened(Set.of(ClusterEvent.NAMESPACE_LABELS));
      }

      @Override
      public void updated(Namespace before, Namespace after) {
        if (!before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap())) {
          added(after);
        }
      }

      @Override
      public void deleted(Namespace last) {
        cache.removeNamespace(last.getMetadata().getName());
      }
    };
  }

  Handler<Service> services() {
    return new Handler<>() {
      @Override
      public void added(Service service) {
        cache.putService(service);
      }

      @Override
      public void updated(Service before, Service after) {
        if (!before.getSpec().getSelectorMap().equals(after.getSpec().getSelectorMap())) {
          cache.putService(after);
        }
      }

      @Override
      public void deleted(Service last) {
        cache.removeService(ObjectMetas.key(last));
      }
    };
  }

  Handler<PersistentVolumeClaim> claims() {
    return storage(cache::putClaim, last -> cache.removeClaim(ObjectMetas.key(last)), Set.of());
  }

  Handler<PersistentVolume> volumes() {
    return storage(
        cache::putVolume, last -> cache.removeVolume(last.getMetadata().getName()), Set.of());
  }

  Handler<StorageClass> classes() {
    return storage(
        cache::putClass, last -> cache.removeClass(last.getMetadata().getName()), Set.of());
  }

  Handler<CSIDriver> drivers() {
    return storage(
        cache::putDriver, last -> cache.removeDriver(last.getMetadata().getName()), STORAGE);
  }

  Handler<CSINode> csiNodes() {
    return storage(
        cache::putCsiNode, last -> cache.removeCsiNode(last.getMetadata().getName()), STORAGE);
  }

  Handler<CSIStorageCapacity> capacities() {
    return storage(
        cache::putCapacity, last -> cache.removeCapacity(ObjectMetas.key(last)), STORAGE);
  }

  Handler<VolumeAttachment> attachments() {
    return storage(
        cache::putAttachment,
        last -> cache.removeAttachment(last.getMetadata().getName()),
        STORAGE);
  }

  /// @param gone what happened when one goes: of some that may help too, by a limit less or a
  ///   volume that was in the way
  private <T extends Message> Handler<T> storage(
      Consumer<T> put, Consumer<T> remove, Set<ClusterEvent> gone) {
    return new Handler<>() {
      @Override
      public void added(T one) {
        put.accept(one);
        queue.happened(STORAGE);
      }

      @Override
      public void updated(T before, T after) {
        added(after);
      }

      @Override
      public void deleted(T last) {
        remove.accept(last);
        queue.happened(gone);
      }
    };
  }

  private boolean waits(Pod pod) {
    String wanted = pod.getSpec().getSchedulerName();
    return !pod.getMetadata().hasDeletionTimestamp()
        && !ended(pod)
        && (wanted.isEmpty() ? SchedulerOptions.DEFAULT_NAME : wanted).equals(schedulerName);
  }

  private static boolean hasNode(Pod pod) {
    return !pod.getSpec().getNodeName().isEmpty();
  }

  private static boolean ended(Pod pod) {
    String phase = pod.getStatus().getPhase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  private static Set<ClusterEvent> differences(Node before, Node after) {
    Set<ClusterEvent> events = EnumSet.noneOf(ClusterEvent.class);
    if (!before.getStatus().getAllocatableMap().equals(after.getStatus().getAllocatableMap())) {
      events.add(ClusterEvent.NODE_CAPACITY);
    }
    if (!before.getMetadata().getLabelsMap().equals(after.getMetadata().getLabelsMap())) {
      events.add(ClusterEvent.NODE_LABELS);
    }
    if (!before.getSpec().getTaintsList().equals(after.getSpec().getTaintsList())
        || before.getSpec().getUnschedulable() != after.getSpec().getUnschedulable()) {
      events.add(ClusterEvent.NODE_TAINTS);
    }
    return events;
  }
}
