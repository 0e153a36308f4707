package io.coxswain.node.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
      pin(own.resolve(kind.file()), folder.resolve(kind.file()));
    }
  }

  /// A process with threads cannot have another user namespace, and the agent has threads: so
  /// another process is in the new ones until they are pinned.
  @Override
  public void createWithUsers(Path folder, Set<Kind> kinds, String hostname, int first)
      throws IOException {
    boolean whole = isPinned(folder.resolve(USERS));
    for (Kind kind : kinds) {
      whole = whole && isPinned(folder.resolve(kind.file()));
    }
    if (whole) {
      return;
    }
    remove(folder);
    Files.createDirectories(folder);
    List<String> command = new ArrayList<>(List.of("unshare", "--user"));
    kinds.forEach(kind -> command.add("--" + kind.file()));
    command.add("cat");
    Process holder = new ProcessBuilder(command).start();
    try (OutputStream in = holder.getOutputStream();
        InputStream out = holder.getInputStream()) {
      in.write('\n');
      in.flush();
      if (out.read() != '\n') {
        throw new IOException(
            "no user namespace can be made: %s"
                .formatted(new String(holder.getErrorStream().readAllBytes(), UTF_8).strip()));
      }
      Path process = Path.of("/proc/" + holder.pid());
      String map = "0 %d %d\n".formatted(first, UserRange.COUNT);
      Files.writeString(process.resolve("uid_map"), map);
      Files.writeString(process.resolve("gid_map"), map);
      pin(process.resolve("ns/" + USERS), folder.resolve(USERS));
      for (Kind kind : kinds) {
        pin(process.resolve("ns/" + kind.file()), folder.resolve(kind.file()));
      }
    } finally {
      holder.destroyForcibly();
    }
    if (kinds.contains(Kind.UTS)) {
      name(folder.resolve(Kind.UTS.file()), hostname);
    }
  }

  private void pin(Path namespace, Path pin) throws IOException {
    if (Files.notExists(pin)) {
      Files.createFile(pin);
    }
    mounts.bind(namespace, pin, false, Set.of());
  }

  private static void name(Path pin, String hostname) throws IOException {
    try {
      onOwnThread(() -> {
        int descriptor = Libc.open(pin.toString(), Libc.O_CLOEXEC);
        try {
          Libc.setns(descriptor, Libc.CLONE_NEWUTS);
        } finally {
          Libc.close(descriptor);
        }
        Libc.setHostname(hostname);
        return pin;
      });
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("name the host of " + pin, e);
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
      unpin(folder.resolve(kind.file()));
    }
    unpin(folder.resolve(USERS));
    Files.deleteIfExists(folder);
  }

  private void unpin(Path pin) throws IOException {
    if (Files.exists(pin)) {
      mounts.unmount(pin);
      Files.deleteIfExists(pin);
    }
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
