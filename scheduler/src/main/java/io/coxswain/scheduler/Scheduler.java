package io.coxswain.scheduler;

import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.events.ApiEventRecorder;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.leader.LeaderElection;
import io.coxswain.client.leader.LeaderElector;
import io.coxswain.client.leader.Leadership;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.scheduler.cycle.Placement;
import io.coxswain.scheduler.plugin.Plugins;
import io.coxswain.scheduler.plugin.binding.DefaultBinder;
import io.coxswain.scheduler.queue.SchedulingQueue;
import io.coxswain.scheduler.snapshot.ClusterCache;
import io.coxswain.schema.ResourceType;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// The scheduler: give it a client and start it.
///
/// Reads Pods, Nodes, Namespaces and Services; writes `pods/binding`, the condition `PodScheduled`
/// where a pod fits nowhere, and Events.
public final class Scheduler implements AutoCloseable {

  private final SchedulerOptions options;
  private final Lifecycle parts = new Lifecycle("scheduler");
  private final ReentrantLock lock = new ReentrantLock();
  private final Informer<Pod> pods;
  private final SchedulingLoop loop;

  public Scheduler(ApiClient client, SchedulerOptions options, MeterRegistry metrics) {
    this.options = options;
    Clock clock = Clock.systemUTC();
    ClusterCache cache = new ClusterCache(clock);
    SchedulingQueue queue = new SchedulingQueue(clock, RandomGenerator.getDefault());
    ClusterFeed feed = new ClusterFeed(options.name(), cache, queue);
    InformerFactory informers = new InformerFactory(client);
    ApiEventRecorder events = parts.own("events", new ApiEventRecorder(client, options.name(), ""));
    // Pods that have ended need no place.
    this.pods =
        informers
            .informer(
                ResourceType.of(Pod.class),
                ListOptions.ALL.withFields("status.phase!=Succeeded,status.phase!=Failed"))
            .addHandler(feed.pods());
    informers.informer(Node.class).addHandler(feed.nodes());
    informers.informer(Namespace.class).addHandler(feed.namespaces());
    informers.informer(Service.class).addHandler(feed.services());
    this.loop =
        new SchedulingLoop(
            new Placement(Plugins.standard()),
            new DefaultBinder(client),
            client.resources(Pod.class),
            cache,
            queue,
            events,
            new SchedulerMetrics(metrics, queue, cache),
            clock,
            options.bindings());
    parts.add("informers", () -> informers.startAndSync(options.syncPatience()), informers);
    if (options.elect()) {
      parts.add("decisions", () -> {}, this::stopDeciding);
      LeaderElector elector = new LeaderElector(client, election(), leadership());
      parts.add("leader election", elector::start, elector);
    } else {
      parts.add("decisions", loop::start, this::stopDeciding);
    }
  }

  /// Blocks until every object was listed.
  ///
  /// @throws IllegalStateException when the API did not answer in time
  public void start() {
    parts.start();
  }

  /// Whether the cluster is known.
  public boolean ready() {
    return pods.synced();
  }

  /// Decisions on their way to the API are waited for, 10 s at most.
  @Override
  public void close() {
    parts.close();
  }

  private LeaderElection election() {
    return LeaderElection.of("kube-system", "kube-scheduler", options.identity());
  }

  private Leadership leadership() {
    return new Leadership() {
      @Override
      public void gained(long term) {
        lock.lock();
        try {
          loop.start();
        } finally {
          lock.unlock();
        }
      }

      @Override
      public void lost() {
        loop.pause();
      }
    };
  }

  private void stopDeciding() {
    lock.lock();
    try {
      loop.close();
    } finally {
      lock.unlock();
    }
  }
}
