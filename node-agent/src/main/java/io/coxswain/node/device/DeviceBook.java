package io.coxswain.node.device;

import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.coxswain.plugin.device.Device;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which devices there are, how they fare, and which container has which. A resource whose plugin
/// ended has none that can be given from then on; after [#GRACE] it is the node's no more. Safe for
/// use by many threads; calls are short.
final class DeviceBook {

  /// How long a resource is told of whose plugin is not there.
  static final Duration GRACE = Duration.ofMinutes(5);

  static final String HEALTHY = "Healthy";

  private final Clock clock;
  private final Map<String, Source> sources = new TreeMap<>();
  private final Map<String, PodGrants> pods = new TreeMap<>();

  // A resource as its plugin tells of it.
  private static final class Source {
    Map<String, Device> devices = Map.of();
    @Nullable DevicePlugin plugin;
    boolean told;
    Instant stoppedAt;

    Source(Instant now) {
      stoppedAt = now;
    }

    Set<String> healthy() {
      Set<String> healthy = new LinkedHashSet<>();
      if (plugin != null && told) {
        devices.forEach((id, device) -> {
          if (device.getHealth().equals(HEALTHY)) {
            healthy.add(id);
          }
        });
      }
      return healthy;
    }
  }

  // What a pod has.
  private static final class PodGrants {
    final Map<String, Map<String, DeviceGrant>> byContainer = new TreeMap<>();
    final String boot;
    boolean over;

    PodGrants(String boot) {
      this.boot = boot;
    }
  }

  /// One line of the book.
  record Entry(String pod, String container, String resource, String boot, DeviceGrant grant) {}

  /// Devices to choose from.
  ///
  /// @param fixed those that it gets in any case
  /// @param free others, of which it needs `more`
  record Choice(List<String> fixed, List<String> free, int more) {}

  DeviceBook(Clock clock) {
    this.clock = clock;
  }

  /// What a former agent wrote.
  synchronized void restore(Collection<String> resources, List<Entry> entries) {
    resources.forEach(resource -> sources.put(resource, new Source(clock.instant())));
    for (Entry entry : entries) {
      pods.computeIfAbsent(entry.pod, one -> new PodGrants(entry.boot))
          .byContainer
          .computeIfAbsent(entry.container, one -> new TreeMap<>())
          .put(entry.resource, entry.grant);
    }
  }

  synchronized List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    pods.forEach((pod, grants) ->
        grants.byContainer.forEach((container, byResource) ->
            byResource.forEach((resource, grant) ->
                entries.add(new Entry(pod, container, resource, grants.boot, grant)))));
    return entries;
  }

  /// Ids of healthy devices by resource.
  synchronized Map<String, Set<String>> healthy() {
    Map<String, Set<String>> healthy = new TreeMap<>();
    sources.forEach((resource, source) -> {
      if (!overdue(source)) {
        healthy.put(resource, source.healthy());
      }
    });
    return healthy;
  }

  /// A plugin is there, and takes the place of one before it. What it has, it says next.
  synchronized void connected(DevicePlugin plugin) {
    Source source = sources.computeIfAbsent(plugin.resource(), one -> new Source(clock.instant()));
    source.plugin = plugin;
  }

  /// @return pods with a device of which something else is told than before
  synchronized Set<String> tell(DevicePlugin plugin, List<Device> devices) {
    Source source = sources.get(plugin.resource());
    if (source == null || source.plugin != plugin) {
      return Set.of();
    }
    Map<String, Device> before = source.devices;
    Map<String, Device> now = new LinkedHashMap<>();
    devices.forEach(device -> now.put(device.getID(), device));
    source.devices = now;
    source.told = true;
    Set<String> changed = new HashSet<>(before.keySet());
    changed.addAll(now.keySet());
    changed.removeIf(id -> health(before.get(id)).equals(health(now.get(id))));
    return owners(plugin.resource(), changed);
  }

  private static String health(@Nullable Device device) {
    return device == null ? "" : device.getHealth();
  }

  private Set<String> owners(String resource, Set<String> ids) {
    Set<String> owners = new HashSet<>();
    for (Entry entry : entries()) {
      if (entry.resource.equals(resource) && entry.grant.ids().stream().anyMatch(ids::contains)) {
        owners.add(entry.pod);
      }
    }
    return owners;
  }

  /// The plugin ended.
  ///
  /// @return whether it was the one that counts
  synchronized boolean disconnected(DevicePlugin plugin) {
    Source source = sources.get(plugin.resource());
    if (source == null || source.plugin != plugin) {
      return false;
    }
    source.plugin = null;
    source.told = false;
    source.stoppedAt = clock.instant();
    return true;
  }

  private boolean overdue(Source source) {
    return source.plugin == null && source.stoppedAt.plus(GRACE).isBefore(clock.instant());
  }

  /// What the node has of each resource that a plugin ever told of.
  synchronized Map<String, DeviceCount> counts() {
    Map<String, DeviceCount> counts = new TreeMap<>();
    sources.forEach((resource, source) ->
        counts.put(
            resource,
            overdue(source)
                ? new DeviceCount(0, 0)
                : new DeviceCount(source.devices.size(), source.healthy().size())));
    return counts;
  }

  /// Whether a plugin has it, or had it and a container still has devices of it. Others are no
  /// business of this node's.
  synchronized boolean isDevice(String resource) {
    Source source = sources.get(resource);
    return (source != null && !overdue(source))
        || entries().stream().anyMatch(entry -> entry.resource.equals(resource));
  }

  synchronized Optional<DevicePlugin> plugin(String resource) {
    return Optional.ofNullable(sources.get(resource))
        .flatMap(one -> Optional.ofNullable(one.plugin));
  }

  /// What a container has of a resource.
  synchronized Optional<DeviceGrant> granted(String pod, String container, String resource) {
    return Optional.ofNullable(granted(pod, container).get(resource));
  }

  /// What a container has, by resource.
  synchronized Map<String, DeviceGrant> granted(String pod, String container) {
    PodGrants grants = pods.get(pod);
    return grants == null
        ? Map.of()
        : new TreeMap<>(grants.byContainer.getOrDefault(container, Map.of()));
  }

  /// Devices for a container that has none of the resource; or nothing, when it has as many as it
  /// needs.
  ///
  /// @param reusable those of init containers that ended before it begins
  /// @param boot of the machine: what runs since then keeps its devices, however they fare
  synchronized Optional<Choice> choose(
      String pod, String container, String resource, int needed, Set<String> reusable, String boot)
      throws DeviceException {
    Optional<DeviceGrant> has = granted(pod, container, resource);
    Set<String> ids = has.map(DeviceGrant::ids).orElse(Set.of());
    if (has.isPresent() && ids.size() != needed) {
      throw new DeviceException(
          "pod \"%s\" container \"%s\" changed request for resource \"%s\" from %d to %d"
              .formatted(pod, container, resource, ids.size(), needed));
    }
    PodGrants grants = pods.get(pod);
    if (has.isPresent() && grants != null && grants.boot.equals(boot)) {
      return Optional.empty();
    }
    Source source = sources.get(resource);
    if (source == null || overdue(source)) {
      throw new DeviceException("cannot allocate unregistered device " + resource);
    }
    Set<String> healthy = source.healthy();
    if (healthy.isEmpty()) {
      throw new DeviceException(
          "no healthy devices present; cannot allocate unhealthy devices " + resource);
    }
    if (!healthy.containsAll(ids)) {
      throw new DeviceException(
          "previously allocated devices are no longer healthy; cannot allocate unhealthy devices "
              + resource);
    }
    if (has.isPresent() || needed == 0) {
      return Optional.empty();
    }
    List<String> fixed = reusable.stream().limit(needed).toList();
    List<String> free = new ArrayList<>(healthy);
    free.removeAll(inUse(resource));
    int more = needed - fixed.size();
    if (free.size() < more) {
      throw new DeviceException(
          "requested number of devices unavailable for %s. Requested: %d, Available: %d"
              .formatted(resource, more, free.size()));
    }
    return Optional.of(new Choice(fixed, free, more));
  }

  private Set<String> inUse(String resource) {
    Set<String> used = new HashSet<>();
    for (PodGrants grants : pods.values()) {
      if (!grants.over) {
        grants
            .byContainer
            .values()
            .forEach(byResource ->
                Optional.ofNullable(byResource.get(resource))
                    .ifPresent(grant -> used.addAll(grant.ids())));
      }
    }
    return used;
  }

  synchronized void grant(
      String pod,
      String container,
      String resource,
      List<String> ids,
      ContainerAllocateResponse response,
      String boot) {
    Source source = sources.get(resource);
    Map<Long, List<String>> near = new HashMap<>();
    for (String id : ids) {
      Device device = source == null ? null : source.devices.get(id);
      if (device == null || device.getTopology().getNodesCount() == 0) {
        near.computeIfAbsent(DeviceGrant.NOWHERE, one -> new ArrayList<>()).add(id);
      } else {
        device
            .getTopology()
            .getNodesList()
            .forEach(node -> near.computeIfAbsent(node.getID(), one -> new ArrayList<>()).add(id));
      }
    }
    pods.computeIfAbsent(pod, one -> new PodGrants(boot))
        .byContainer
        .computeIfAbsent(container, one -> new TreeMap<>())
        .put(resource, new DeviceGrant(near, response));
  }

  /// All of the pod has ended: others may have its devices. What it had is still told.
  synchronized boolean over(String pod) {
    PodGrants grants = pods.get(pod);
    if (grants == null || grants.over) {
      return false;
    }
    grants.over = true;
    return true;
  }

  synchronized boolean drop(String pod) {
    return pods.remove(pod) != null;
  }

  /// Only these pods are there.
  synchronized boolean retain(Set<String> uids) {
    return pods.keySet().retainAll(uids);
  }

  /// `Healthy`, `Unhealthy`, or `Unknown` of one that nobody tells of now.
  synchronized String healthOf(String resource, String id) {
    Source source = sources.get(resource);
    Device device = source == null ? null : source.devices.get(id);
    if (device == null) {
      return "Unknown";
    }
    return device.getHealth().equals(HEALTHY) ? HEALTHY : "Unhealthy";
  }

  /// All devices that could be given, by resource.
  synchronized Map<String, List<Device>> allocatable() {
    Map<String, List<Device>> allocatable = new TreeMap<>();
    sources.forEach((resource, source) -> {
      Set<String> healthy = source.healthy();
      allocatable.put(
          resource,
          source.devices.values().stream().filter(one -> healthy.contains(one.getID())).toList());
    });
    return allocatable;
  }
}
