package io.coxswain.node.device;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.plugin.PluginKind;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.plugin.device.Empty;
import io.coxswain.plugin.device.RegisterRequest;
import io.coxswain.plugin.device.RegistrationGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where plugins register, and the threads that listen to them. A plugin finds the agent by the
/// socket `kubelet.sock` in its folder, and registers again when that is made anew; it may be found
/// in the folder of all plugins instead.
final class DevicePlugins extends RegistrationGrpc.RegistrationImplBase
    implements PluginKind, AutoCloseable {

  static final String SOCKET = "kubelet.sock";
  static final String VERSION = "v1beta1";

  private static final Logger log = LoggerFactory.getLogger(DevicePlugins.class);
  private static final int MOST_PLUGINS = 500;

  private final Path folder;
  private final UnixSockets sockets;
  private final DeviceBook book;
  private final Consumer<Set<String>> changed;
  private final TaskScope listeners = new TaskScope("device plugins");
  private final Map<String, DevicePlugin> plugins = new HashMap<>();
  private Optional<Server> server = Optional.empty();
  private volatile boolean closing;

  /// @param changed told when something was heard: pods whose devices fare otherwise now
  DevicePlugins(Path folder, UnixSockets sockets, DeviceBook book, Consumer<Set<String>> changed) {
    this.folder = folder;
    this.sockets = sockets;
    this.book = book;
    this.changed = changed;
  }

  /// Sockets of the time before are taken away, as kubelet does: a plugin that is there sees that,
  /// and comes again.
  ///
  /// @throws IOException when another program has the folder
  synchronized void serve() throws IOException {
    Path own = folder.resolve(SOCKET);
    if (!UnixSockets.answers(own)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(UnixSockets::isSocket).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    server = Optional.of(sockets.serve(own, this));
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<Empty> answer) {
    try {
      check(request.getResourceName(), List.of(request.getVersion()));
      connect(request.getResourceName(), folder.resolve(request.getEndpoint()));
    } catch (IOException e) {
      log.warn(
          "device plugin for {} is not registered: {}", request.getResourceName(), e.getMessage());
      answer.onError(Status.UNKNOWN.withDescription(e.getMessage()).asRuntimeException());
      return;
    }
    answer.onNext(Empty.getDefaultInstance());
    answer.onCompleted();
  }

  private static void check(String resource, List<String> versions) throws IOException {
    if (!versions.contains(VERSION)) {
      throw new IOException(
          "requested API version \"%s\" is not supported by kubelet. Supported version is [\"%s\"]"
              .formatted(String.join(" ", versions), VERSION));
    }
    if (!ResourceNames.isExtended(resource)) {
      throw new IOException("the ResourceName \"%s\" is invalid".formatted(resource));
    }
  }

  private void connect(String resource, Path socket) throws IOException {
    DevicePlugin plugin = DevicePlugin.connect(resource, sockets.channel(socket));
    synchronized (this) {
      if (plugins.size() >= MOST_PLUGINS && !plugins.containsKey(resource)) {
        plugin.close();
        throw new IOException("there are %d device plugins already".formatted(MOST_PLUGINS));
      }
      DevicePlugin before = plugins.put(resource, plugin);
      book.connected(plugin);
      if (before != null) {
        before.close();
      }
    }
    log.info("device plugin for {} is registered", resource);
    try {
      listeners.fork(resource, () -> listen(plugin));
    } catch (IllegalStateException e) {
      plugin.close();
      throw new IOException("the node's agent ends", e);
    }
  }

  private void listen(DevicePlugin plugin) {
    String why = plugin.listen(devices -> changed.accept(book.tell(plugin, devices)));
    plugin.close();
    synchronized (this) {
      plugins.remove(plugin.resource(), plugin);
    }
    if (!closing && book.disconnected(plugin)) {
      log.info("device plugin for {} ended: {}", plugin.resource(), why);
      changed.accept(Set.of());
    }
  }

  @Override
  public String type() {
    return "DevicePlugin";
  }

  @Override
  public void register(String name, Path endpoint, List<String> versions) throws IOException {
    check(name, versions);
    connect(name, endpoint);
  }

  @Override
  public void deregister(String name, Path endpoint) {
    DevicePlugin gone;
    synchronized (this) {
      gone = plugins.get(name);
    }
    if (gone != null) {
      gone.close();
    }
  }

  @Override
  public void close() {
    closing = true;
    synchronized (this) {
      server.ifPresent(Server::shutdownNow);
      plugins.values().forEach(DevicePlugin::close);
    }
    listeners.close();
  }
}
