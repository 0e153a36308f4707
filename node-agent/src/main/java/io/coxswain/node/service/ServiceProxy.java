package io.coxswain.node.service;

import io.coxswain.api.core.v1.Service;
import io.coxswain.api.discovery.v1.EndpointSlice;
import io.coxswain.client.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps this node's rules as Services and EndpointSlices say. One thread reads the whole level
/// whenever something [#changed], works out what differs, and applies it at once; changes that come
/// together within [#GATHER] are one transaction. Nothing is done while nothing changes, but for a
/// look whether the table still exists, and whether another's drops pods' packets.
public final class ServiceProxy implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceProxy.class);
  private static final String SERVICE_NAME = "kubernetes.io/service-name";
  private static final Duration GATHER = Duration.ofMillis(5);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration VERIFY = Duration.ofSeconds(60);

  /// What the rules are made from, at this moment.
  public interface Level {

    /// Nothing before the node has its range of pod addresses: then there are no rules.
    Optional<NodeFacts> node();

    /// False until Services and slices were read for the first time: rules of an agent before this
    /// stay until then.
    boolean complete();

    Collection<Service> services();

    Collection<EndpointSlice> slices();
  }

  private record Part(
      Service service, List<EndpointSlice> slices, NodeFacts node, Ruleset rules, UdpFronts udp) {

    /// Objects do not change: most comparisons see that it is the very same one.
    boolean isOf(Service other, List<EndpointSlice> others, NodeFacts facts) {
      return service.equals(other) && slices.equals(others) && node.equals(facts);
    }
  }

  private final Level level;
  private final RuleKeeper rules;
  private final ForwardingFirewall firewall;
  private final Conntrack conntrack;
  private final ProxyMetrics metrics;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private Map<ObjectKey, Part> parts = new TreeMap<>();
  private UdpFronts udp = UdpFronts.NONE;
  private boolean verified;
  private long wanted;
  private long done;
  private boolean closed;
  private final Thread thread;

  public ServiceProxy(Level level, Nftables nftables, Conntrack conntrack, ProxyMetrics metrics) {
    this.level = level;
    this.rules = new RuleKeeper(nftables);
    this.firewall = new ForwardingFirewall(nftables);
    this.conntrack = conntrack;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().name("service-rules").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Something of the level may be different now. Does not block.
  public void changed() {
    lock.lock();
    try {
      wanted++;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the level as it is now is in the kernel.
  ///
  /// @return whether it came in time
  public boolean awaitApplied(Duration patience) throws InterruptedException {
    lock.lock();
    try {
      long target = ++wanted;
      moved.signalAll();
      long nanos = patience.toNanos();
      while (done < target && !closed) {
        if (nanos <= 0) {
          return false;
        }
        nanos = moved.awaitNanos(nanos);
      }
      return done >= target;
    } finally {
      lock.unlock();
    }
  }

  /// Takes the table away. For a node that leaves for good, after [#close].
  public void purge() throws IOException {
    rules.purge();
  }

  private void run() {
    while (true) {
      long target;
      try {
        target = awaitWork();
      } catch (InterruptedException e) {
        return;
      }
      if (target < 0) {
        return;
      }
      if (pass()) {
        finished(target);
      }
    }
  }

  /// The number of changes to have done after the next pass, or -1 at the end.
  private long awaitWork() throws InterruptedException {
    lock.lock();
    try {
      long nanos = VERIFY.toNanos();
      while (!closed && done >= wanted && nanos > 0) {
        nanos = moved.awaitNanos(nanos);
      }
      if (closed) {
        return -1;
      }
    } finally {
      lock.unlock();
    }
    if (done < wanted) {
      Thread.sleep(GATHER);
    } else {
      rules.verify();
      verified = false;
    }
    lock.lock();
    try {
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void finished(long target) {
    lock.lock();
    try {
      done = target;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean pass() {
    try {
      Optional<NodeFacts> node = level.node();
      if (node.isPresent() && level.complete()) {
        apply(node.get());
        if (!verified) {
          firewall.open(node.get().cluster());
          verified = true;
        }
      }
      return true;
    } catch (IOException | RuntimeException e) {
      metrics.failed();
      LOG.error("The rules for services could not be applied; trying again in {}", RETRY, e);
      lock.lock();
      try {
        long nanos = RETRY.toNanos();
        while (nanos > 0 && !closed) {
          nanos = moved.awaitNanos(nanos);
        }
      } catch (InterruptedException interrupted) {
        closed = true;
      } finally {
        lock.unlock();
      }
      return false;
    }
  }

  private void apply(NodeFacts node) throws IOException {
    long start = System.nanoTime();
    Map<ObjectKey, List<EndpointSlice>> slices = new HashMap<>();
    for (EndpointSlice slice : level.slices()) {
      String service = slice.getMetadata().getLabelsOrDefault(SERVICE_NAME, "");
      ObjectKey key = new ObjectKey(slice.getMetadata().getNamespace(), service);
      slices.computeIfAbsent(key, of -> new ArrayList<>()).add(slice);
    }
    Map<ObjectKey, Part> now = new TreeMap<>();
    for (Service service : level.services()) {
      ObjectKey key =
          new ObjectKey(service.getMetadata().getNamespace(), service.getMetadata().getName());
      now.put(key, part(parts.get(key), service, slices.getOrDefault(key, List.of()), node));
    }
    Ruleset all = Ruleset.empty().include(BaseRules.of(node));
    now.values().forEach(part -> all.include(part.rules()));
    boolean changed = rules.apply(all);
    parts = now;
    if (changed) {
      metrics.applied(Duration.ofNanos(System.nanoTime() - start));
    }
    forgetStaleFlows(UdpFronts.join(now.values().stream().map(Part::udp).toList()));
  }

  private static Part part(
      @Nullable Part before, Service service, List<EndpointSlice> slices, NodeFacts node) {
    if (before != null && before.isOf(service, slices, node)) {
      return before;
    }
    return new Part(
        service,
        slices,
        node,
        ServiceRules.of(service, slices, node),
        UdpFronts.of(service, slices, node));
  }

  private void forgetStaleFlows(UdpFronts now) {
    UdpFronts before = udp;
    if (now.equals(before)) {
      return;
    }
    try {
      for (Conntrack.Flow flow : now.stale(before, conntrack.udpFlows())) {
        conntrack.forget(flow);
      }
      udp = now;
    } catch (IOException e) {
      LOG.warn("UDP flows to endpoints that are gone could not be forgotten", e);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
