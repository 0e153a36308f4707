package io.coxswain.node.device;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.core.v1.ResourceHealth;
import io.coxswain.api.core.v1.ResourceStatus;
import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.cdi.CdiFolders;
import io.coxswain.node.plugin.PluginKind;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.grpc.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The devices of this node's pods. Safe for use by many threads. What was given is on disk before
/// a container is made with it, so that it is the same after a restart of the agent. Which memory a
/// device is near to (its topology) has no say in who gets it, but for what its plugin prefers.
public final class Devices implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Devices.class);

  private final Path folder;
  private final String boot;
  private final UnixSockets sockets;
  private final CdiFolders cdi;
  private final DeviceBook book;
  private final DevicePlugins plugins;
  private final DeviceCheckpoint checkpoint;
  private final ReentrantLock turn = new ReentrantLock();
  private Supplier<Collection<Pod>> pods = List::of;
  private Consumer<Set<String>> changed = uids -> {};
  private Optional<Server> listing = Optional.empty();
  private volatile boolean ours;

  /// @param folder kubelet's, as `/var/lib/kubelet`: plugins know the names below it
  /// @param boot id of the machine's start
  public Devices(Path folder, CdiFolders cdi, UnixSockets sockets, String boot, Clock clock) {
    this.folder = folder;
    this.boot = boot;
    this.sockets = sockets;
    this.cdi = cdi;
    this.book = new DeviceBook(clock);
    Path own = folder.resolve("device-plugins");
    this.checkpoint = new DeviceCheckpoint(own);
    this.plugins = new DevicePlugins(own, sockets, book, this::heard);
  }

  /// Comes before [#start].
  ///
  /// @param all pods that this node works on
  /// @param whenChanged told when the node has other devices, and of which pods some fare otherwise
  public void serves(Supplier<Collection<Pod>> all, Consumer<Set<String>> whenChanged) {
    pods = all;
    changed = whenChanged;
  }

  /// Plugins that are found in the folder of all plugins.
  public PluginKind kind() {
    return plugins;
  }

  /// Reads what a former agent gave. Comes before any pod. A folder in which another program, as a
  /// kubelet, listens already is left to it: this node then has no devices.
  public void restore() throws IOException {
    Path own = Files.createDirectories(folder.resolve("device-plugins"));
    ours = !UnixSockets.answers(own.resolve(DevicePlugins.SOCKET));
    if (ours) {
      DeviceCheckpoint.Content content = checkpoint.read();
      book.restore(content.resources(), content.entries());
    }
  }

  /// Begins to listen to plugins.
  public void start() {
    try {
      plugins.serve();
      Path monitors = Files.createDirectories(folder.resolve("pod-resources"));
      listing =
          Optional.of(
              sockets.serve(
                  monitors.resolve(DevicePlugins.SOCKET),
                  new PodResourcesService(book, () -> pods.get())));
    } catch (IOException e) {
      log.error("this node takes no device plugins", e);
    }
  }

  private void heard(Set<String> uids) {
    save();
    changed.accept(uids);
  }

  private void save() {
    if (!ours) {
      return;
    }
    try {
      checkpoint.write(book.healthy(), book.entries());
    } catch (IOException e) {
      log.error("who has which device is not on disk", e);
    }
  }

  /// These pods are on disk; what others had is free.
  public void adopt(Set<String> uids) {
    if (book.retain(uids)) {
      save();
    }
  }

  /// Gives a pod's containers the devices that they ask for, if they have none yet. What init
  /// containers have, those after them may have, too; what restartable ones have stays theirs.
  /// Blocks on plugins.
  ///
  /// @throws DeviceException when there are none for it; it has none then
  public void admit(Pod pod) throws DeviceException {
    if (!wants(pod)) {
      return;
    }
    String uid = pod.getMetadata().getUid();
    turn.lock();
    try {
      Map<String, Set<String>> reusable = new HashMap<>();
      for (Container container : pod.getSpec().getInitContainersList()) {
        allocate(uid, container, reusable);
        pass(uid, container, reusable, !container.getRestartPolicy().equals("Always"));
      }
      for (Container container : pod.getSpec().getContainersList()) {
        allocate(uid, container, reusable);
        pass(uid, container, reusable, false);
      }
    } catch (DeviceException e) {
      drop(uid);
      throw new DeviceException(
          "Allocate failed due to %s, which is unexpected".formatted(e.getMessage()), e);
    } finally {
      turn.unlock();
    }
  }

  private boolean wants(Pod pod) {
    return pod.getSpec().getInitContainersList().stream().anyMatch(this::wants)
        || pod.getSpec().getContainersList().stream().anyMatch(this::wants);
  }

  private boolean wants(Container container) {
    return !wanted(container).isEmpty();
  }

  /// How many of which resource: a limit, which is the request, too.
  private Map<String, Integer> wanted(Container container) {
    Map<String, Integer> wanted = new TreeMap<>();
    for (Map.Entry<String, Quantity> limit : container.getResources().getLimitsMap().entrySet()) {
      int needed = (int) Math.min(Integer.MAX_VALUE, Quantities.whole(limit.getValue()));
      boolean named = limit.getKey().indexOf('/') > 0;
      if (named && needed > 0 && book.isDevice(limit.getKey())) {
        wanted.put(limit.getKey(), needed);
      }
    }
    return wanted;
  }

  private void pass(
      String uid, Container container, Map<String, Set<String>> reusable, boolean on) {
    book.granted(uid, container.getName())
        .forEach((resource, grant) -> {
          Set<String> ids = reusable.computeIfAbsent(resource, one -> new LinkedHashSet<>());
          if (on) {
            ids.addAll(grant.ids());
          } else {
            ids.removeAll(grant.ids());
          }
        });
  }

  private void allocate(String uid, Container container, Map<String, Set<String>> reusable)
      throws DeviceException {
    boolean given = false;
    for (Map.Entry<String, Integer> one : wanted(container).entrySet()) {
      String resource = one.getKey();
      Optional<DeviceBook.Choice> choice =
          book.choose(
              uid,
              container.getName(),
              resource,
              one.getValue(),
              reusable.getOrDefault(resource, Set.of()),
              boot);
      if (choice.isPresent()) {
        DevicePlugin plugin =
            book.plugin(resource)
                .orElseThrow(() -> new DeviceException("unknown Device Plugin " + resource));
        List<String> ids = chosen(choice.get(), plugin);
        ContainerAllocateResponse response = plugin.allocate(ids);
        book.grant(uid, container.getName(), resource, ids, response, boot);
        given = true;
      }
    }
    if (given) {
      save();
    }
  }

  private static List<String> chosen(DeviceBook.Choice choice, DevicePlugin plugin)
      throws DeviceException {
    LinkedHashSet<String> ids = new LinkedHashSet<>(choice.fixed());
    int size = choice.fixed().size() + choice.more();
    if (choice.more() > 0 && plugin.prefers()) {
      List<String> available = new ArrayList<>(choice.fixed());
      available.addAll(choice.free());
      for (String id : plugin.preferred(available, choice.fixed(), size)) {
        if (ids.size() < size && choice.free().contains(id)) {
          ids.add(id);
        }
      }
    }
    for (String id : choice.free()) {
      if (ids.size() < size) {
        ids.add(id);
      }
    }
    return List.copyOf(ids);
  }

  /// What a start of a container gets for its devices. Tells plugins that want to know. Blocks on
  /// plugins and the disk.
  public ContainerDevices forStart(Pod pod, Container container) throws DeviceException {
    String uid = pod.getMetadata().getUid();
    Map<String, Integer> wanted = wanted(container);
    if (wanted.isEmpty()) {
      return ContainerDevices.NONE;
    }
    boolean lacks =
        wanted.keySet().stream()
            .anyMatch(resource -> book.granted(uid, container.getName(), resource).isEmpty());
    if (lacks) {
      // a plugin that came after the pod, or a book that was lost
      turn.lock();
      try {
        allocate(uid, container, Map.of());
      } finally {
        turn.unlock();
      }
    }
    Map<String, DeviceGrant> granted = book.granted(uid, container.getName());
    for (Map.Entry<String, DeviceGrant> one : granted.entrySet()) {
      Optional<DevicePlugin> plugin = book.plugin(one.getKey());
      if (plugin.isPresent()) {
        plugin.get().preStart(one.getValue().ids());
      }
    }
    return ContainerDevices.of(granted.values().stream().map(DeviceGrant::response).toList(), cdi);
  }

  /// The pod's status, with how its containers' devices fare (KEP-4680).
  public PodStatus described(Pod pod, PodStatus status) {
    String uid = pod.getMetadata().getUid();
    PodStatus.Builder described = null;
    for (int i = 0; i < status.getContainerStatusesCount(); i++) {
      String container = status.getContainerStatuses(i).getName();
      Map<String, DeviceGrant> granted = book.granted(uid, container);
      if (granted.isEmpty()) {
        continue;
      }
      described = described == null ? status.toBuilder() : described;
      ContainerStatus.Builder one = described.getContainerStatusesBuilder(i);
      granted.forEach((resource, grant) -> {
        ResourceStatus.Builder health = one.addAllocatedResourcesStatusBuilder().setName(resource);
        for (String id : grant.ids()) {
          health.addResources(
              ResourceHealth.newBuilder().setResourceID(id).setHealth(book.healthOf(resource, id)));
        }
      });
    }
    return described == null ? status : described.build();
  }

  /// The pod has ended, though it is still known: others may have its devices.
  public void over(String uid) {
    Object ignored = book.over(uid);
  }

  /// The pod is gone.
  public void drop(String uid) {
    if (book.drop(uid)) {
      save();
    }
  }

  /// What the node has of the resources that plugins tell of, or told of.
  public Map<String, DeviceCount> counts() {
    return book.counts();
  }

  @Override
  public void close() {
    listing.ifPresent(Server::shutdownNow);
    plugins.close();
  }
}
