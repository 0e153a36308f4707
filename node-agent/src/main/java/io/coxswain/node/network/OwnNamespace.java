package io.coxswain.node.network;

import io.coxswain.node.host.Namespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// The network namespace that the node is. That is the process's own, but where several nodes run
/// in one process, as in tests.
public sealed interface OwnNamespace {

  OwnNamespace PROCESS = new OfProcess();

  static OwnNamespace pinned(Path pin, Namespaces namespaces) {
    return new Pinned(pin, namespaces);
  }

  /// Runs the action there. Sockets that it opens belong to the namespace for good.
  <T> T call(Callable<T> action) throws IOException;

  /// That of the whole process.
  record OfProcess() implements OwnNamespace {
    @Override
    public <T> T call(Callable<T> action) throws IOException {
      return checked(action);
    }
  }

  /// One pinned at a file.
  record Pinned(Path pin, Namespaces namespaces) implements OwnNamespace {
    @Override
    public <T> T call(Callable<T> action) throws IOException {
      return checked(() -> namespaces.inNetwork(pin, action));
    }
  }

  private static <T> T checked(Callable<T> action) throws IOException {
    try {
      return action.call();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("work in the node's network namespace", e);
    }
  }
}
