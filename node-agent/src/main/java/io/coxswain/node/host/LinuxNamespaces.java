package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Namespaces by unshare(2) and setns(2). Both change the calling thread for good, so each call
/// runs on a platform thread that ends with it.
public final class LinuxNamespaces implements Namespaces {

  private final Mounts mounts;

  public LinuxNamespaces(Mounts mounts) {
    this.mounts = mounts;
  }

  @Override
  public void create(Path folder, Set<Kind> kinds, String hostname) throws IOException {
    Files.createDirectories(folder);
    Set<Kind> missing = EnumSet.noneOf(Kind.class);
    for (Kind kind : kinds) {
      if (!isPinned(folder.resolve(kind.file()))) {
        missing.add(kind);
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    try {
      onOwnThread(() -> {
        unshareAndPin(folder, missing, hostname);
        return folder;
      });
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("make namespaces for " + folder, e);
    }
  }

  private void unshareAndPin(Path folder, Set<Kind> kinds, String hostname) throws IOException {
    int flags = 0;
    for (Kind kind : kinds) {
      flags |= flag(kind);
    }
    Libc.unshare(flags);
    if (kinds.contains(Kind.UTS)) {
      Libc.setHostname(hostname);
    }
    Path own = Path.of("/proc/self/task/" + Libc.threadId() + "/ns");
    for (Kind kind : kinds) {
      Path pin = folder.resolve(kind.file());
      if (Files.notExists(pin)) {
        Files.createFile(pin);
      }
      mounts.bind(own.resolve(kind.file()), pin, false, Set.of());
    }
  }

  @Override
  public boolean isPinned(Path pin) throws IOException {
    // A pinned file is of nsfs, which has a device of its own; the mount table, which would say so
    // too, has a line for every mount of every pod.
    Path folder = pin.getParent();
    return folder != null
        && Files.exists(pin)
        && !Files.getAttribute(pin, "unix:dev").equals(Files.getAttribute(folder, "unix:dev"));
  }

  @Override
  public void remove(Path folder) throws IOException {
    for (Kind kind : Kind.values()) {
      Path pin = folder.resolve(kind.file());
      if (Files.exists(pin)) {
        mounts.unmount(pin);
        Files.deleteIfExists(pin);
      }
    }
    Files.deleteIfExists(folder);
  }

  @Override
  public <T> T inNetwork(Path pin, Callable<T> action) throws Exception {
    return onOwnThread(() -> {
      int descriptor = Libc.open(pin.toString(), Libc.O_CLOEXEC);
      try {
        Libc.setns(descriptor, Libc.CLONE_NEWNET);
      } finally {
        Libc.close(descriptor);
      }
      return action.call();
    });
  }

  private static int flag(Kind kind) {
    return switch (kind) {
      case NETWORK -> Libc.CLONE_NEWNET;
      case IPC -> Libc.CLONE_NEWIPC;
      case UTS -> Libc.CLONE_NEWUTS;
    };
  }

  private static <T> T onOwnThread(Callable<T> action) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("namespace")
        .daemon()
        .start(() -> {
          try {
            result.complete(andReturn(action));
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /// Runs the action and comes back to the agent's own namespaces. Without that, completing the
  /// result could start a carrier of virtual threads from here: a new thread has the namespaces of
  /// the one that made it, and the agent would go on in a pod's network.
  private static <T> T andReturn(Callable<T> action) throws Exception {
    List<Integer> own = new ArrayList<>();
    String folder = "/proc/self/task/" + Libc.threadId() + "/ns/";
    for (Kind kind : Kind.values()) {
      own.add(Libc.open(folder + kind.file(), Libc.O_CLOEXEC));
    }
    try {
      return action.call();
    } finally {
      for (int descriptor : own) {
        Libc.setns(descriptor, 0);
        Libc.close(descriptor);
      }
    }
  }
}
