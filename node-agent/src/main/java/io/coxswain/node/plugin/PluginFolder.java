package io.coxswain.node.plugin;

import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.client.queue.Backoff;
import io.coxswain.plugin.registration.InfoRequest;
import io.coxswain.plugin.registration.PluginInfo;
import io.coxswain.plugin.registration.RegistrationGrpc;
import io.coxswain.plugin.registration.RegistrationStatus;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder in which plugins are found by their sockets (`plugins_registry`; kubelet's plugin
/// registration v1). The kernel tells when something in it changes; the whole of it is then looked
/// at again, so that a lost event does no harm. A socket that is made anew is another plugin.
public final class PluginFolder implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PluginFolder.class);
  private static final Backoff AGAIN =
      new Backoff(Duration.ofMillis(200), Duration.ofMinutes(2), 0.1);
  private static final int MOST_PLUGINS = 500;
  private static final int MOST_DEPTH = 4;
  private static final long CALL_SECONDS = 5;

  private final Path folder;
  private final UnixSockets sockets;
  private final Map<String, PluginKind> kinds = new HashMap<>();
  private final TaskScope tasks = new TaskScope("plugins");
  private final Map<Path, Follower> followers = new HashMap<>();
  private volatile boolean closing;

  public PluginFolder(Path folder, UnixSockets sockets, List<PluginKind> kinds) {
    this.folder = folder;
    this.sockets = sockets;
    kinds.forEach(kind -> this.kinds.put(kind.type(), kind));
  }

  /// Makes the folder and returns at once; plugins that are there already register on threads of
  /// their own.
  public void start() throws IOException {
    Files.createDirectories(folder);
    WatchService watch = FileSystems.getDefault().newWatchService();
    tasks.fork("watch", () -> watch(watch));
  }

  private void watch(WatchService watch) throws IOException, InterruptedException {
    try (watch) {
      Map<Path, WatchKey> watched = new HashMap<>();
      while (true) {
        look(watch, watched);
        WatchKey key = watch.take();
        key.pollEvents();
        key.reset();
      }
    }
  }

  private void look(WatchService watch, Map<Path, WatchKey> watched) throws InterruptedException {
    Map<Path, Object> found = new HashMap<>();
    try {
      Files.walkFileTree(
          folder,
          java.util.Set.of(),
          MOST_DEPTH,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
                throws IOException {
              WatchKey key = watched.get(dir);
              if (key == null || !key.isValid()) {
                watched.put(
                    dir,
                    dir.register(
                        watch,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_DELETE));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              boolean hidden = String.valueOf(file.getFileName()).startsWith(".");
              if (!hidden && UnixSockets.isSocket(file) && found.size() < MOST_PLUGINS) {
                found.put(file, identity(attributes));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      log.warn("plugins in {} are not looked for", folder, e);
      return;
    }
    watched.keySet().removeIf(dir -> !Files.isDirectory(dir));
    settle(found);
  }

  private static Object identity(BasicFileAttributes attributes) {
    return List.of(String.valueOf(attributes.fileKey()), attributes.lastModifiedTime());
  }

  private void settle(Map<Path, Object> found) throws InterruptedException {
    for (Path socket : List.copyOf(followers.keySet())) {
      Follower follower = followers.get(socket);
      if (follower != null && !follower.identity.equals(found.get(socket))) {
        follower.end();
        followers.remove(socket);
      }
    }
    found.forEach((socket, identity) -> {
      if (!followers.containsKey(socket)) {
        Follower follower = new Follower(socket, identity);
        followers.put(socket, follower);
        tasks.fork(String.valueOf(socket.getFileName()), follower::follow);
      }
    });
  }

  /// One plugin from the birth of its socket to its end.
  private final class Follower {
    private final Path socket;
    private final Object identity;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /// Who has it do its work, perhaps without its knowing yet.
    private Optional<PluginInfo> registered = Optional.empty();

    Follower(Path socket, Object identity) {
      this.socket = socket;
      this.identity = identity;
    }

    void follow() throws InterruptedException {
      try {
        for (int failures = 0; ; ) {
          try {
            register();
            gone.await();
            return;
          } catch (IOException e) {
            failures++;
            log.info("plugin at {} is not registered: {}", socket, e.getMessage());
          }
          Duration wait = AGAIN.delay(failures, RandomGenerator.getDefault());
          if (gone.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      } finally {
        if (registered.isPresent()) {
          deregister(registered.get());
        }
        ended.countDown();
      }
    }

    private void register() throws IOException, InterruptedException {
      ManagedChannel channel = sockets.channel(socket);
      try {
        RegistrationGrpc.RegistrationBlockingStub plugin =
            RegistrationGrpc.newBlockingStub(channel);
        PluginInfo info =
            plugin
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .getInfo(InfoRequest.getDefaultInstance());
        RegistrationStatus.Builder status = RegistrationStatus.newBuilder();
        PluginKind kind = kinds.get(info.getType());
        try {
          if (kind == null) {
            throw new IOException("no handler registered for plugin type: " + info.getType());
          }
          kind.register(info.getName(), endpoint(info, socket), info.getSupportedVersionsList());
          registered = Optional.of(info);
          status.setPluginRegistered(true);
        } catch (IOException e) {
          status.setError("plugin registration failed with err: " + e.getMessage());
        }
        Object ignored =
            plugin
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .notifyRegistrationStatus(status.build());
        if (!status.getPluginRegistered()) {
          throw new IOException(status.getError());
        }
        log.info("plugin {} of the type {} is registered", info.getName(), info.getType());
      } catch (StatusRuntimeException e) {
        throw new IOException(RpcErrors.text(e), e);
      } finally {
        channel.shutdownNow();
      }
    }

    private void deregister(PluginInfo info) throws InterruptedException {
      PluginKind kind = kinds.get(info.getType());
      if (kind != null && !closing) {
        kind.deregister(info.getName(), endpoint(info, socket));
        log.info("plugin {} at {} is gone", info.getName(), socket);
      }
    }

    /// Waits until whoever did the plugin's work knows.
    void end() throws InterruptedException {
      gone.countDown();
      if (!ended.await(20, TimeUnit.SECONDS)) {
        log.warn("the end of the plugin at {} takes long", socket);
      }
    }
  }

  private static Path endpoint(PluginInfo info, Path socket) {
    return info.getEndpoint().isEmpty() ? socket : Path.of(info.getEndpoint());
  }

  /// Plugins stay as they are: they are found again by the next agent.
  @Override
  public void close() {
    closing = true;
    tasks.close();
  }
}
