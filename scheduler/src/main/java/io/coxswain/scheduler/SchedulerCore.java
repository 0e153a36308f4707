package io.coxswain.scheduler;

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
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.events.EventRecorder;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.plugin.binding.DefaultBinder;
import io.coxswain.scheduler.queue.SchedulingQueue;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.schema.ResourceType;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Everything of a scheduler but its threads: informers' handlers, cache, queue and rules. One
/// thread decides.
public final class SchedulerCore {

  private final SchedulingQueue queue;
  private final Decisions decisions;

  /// Registers with the informers and starts nothing.
  ///
  /// @param clock what is written for others bears its time
  /// @param steady what tells how long to wait; nobody sets it
  public SchedulerCore(
      ApiClient client,
      InformerFactory informers,
      SchedulerOptions options,
      EventRecorder events,
      MeterRegistry metrics,
      InstantSource clock,
      InstantSource steady,
      RandomGenerator random,
      Background background) {
    ClusterCache cache = new ClusterCache(steady);
    this.queue = new SchedulingQueue(steady, random);
    ClusterFeed feed = new ClusterFeed(options.name(), cache, queue);
    // Pods that have ended need no place.
    informers
        .informer(
            ResourceType.of(Pod.class),
            ListOptions.ALL.withFields("status.phase!=Succeeded,status.phase!=Failed"))
        .addHandler(feed.pods());
    informers.informer(Node.class).addHandler(feed.nodes());
    informers.informer(Namespace.class).addHandler(feed.namespaces());
    informers.informer(Service.class).addHandler(feed.services());
    this.decisions =
        new Decisions(
            new Placement(Plugins.standard()),
            new DefaultBinder(client),
            new VolumeBinder(client, cache),
            client.resources(Pod.class),
            cache,
            queue,
            events,
            new SchedulerMetrics(metrics, queue, cache),
            clock,
            steady,
            random,
            background,
            options.bindings());
    informers
        .informer(PersistentVolumeClaim.class)
        .addHandler(feed.claims())
        .addHandler(Handler.each(_ -> decisions.claimsChanged()));
    informers.informer(PersistentVolume.class).addHandler(feed.volumes());
    informers.informer(StorageClass.class).addHandler(feed.classes());
    informers.informer(CSIDriver.class).addHandler(feed.drivers());
    informers.informer(CSINode.class).addHandler(feed.csiNodes());
    informers.informer(CSIStorageCapacity.class).addHandler(feed.capacities());
    informers.informer(VolumeAttachment.class).addHandler(feed.attachments());
  }

  /// Decides on the next pod, if one is ready and not too many decisions are under way; false
  /// otherwise. Does not block.
  public boolean decideOne() {
    return decisions.decideOne();
  }

  /// When the next waiting pod is due.
  public Optional<Instant> nextDue() {
    return queue.nextDue();
  }

  /// Asks the API about pods whose binding nobody has heard of for long. Blocks.
  public void checkOverdue() {
    decisions.checkOverdue();
  }

  Decisions decisions() {
    return decisions;
  }

  SchedulingQueue queue() {
    return queue;
  }
}
