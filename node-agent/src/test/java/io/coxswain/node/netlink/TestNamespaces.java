package io.coxswain.node.netlink;

import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.LinuxNamespaces;
import io.coxswain.node.host.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assumptions;

/// Network namespaces of one test, taken away with all that is in them when it ends.
public final class TestNamespaces implements AutoCloseable {

  private final LinuxNamespaces namespaces = new LinuxNamespaces(new LinuxMounts());
  private final Path folder;
  private final List<Path> folders = new ArrayList<>();

  /// Skips the test where the kernel does not let us make namespaces.
  public TestNamespaces() {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "network namespaces need root");
    try {
      folder = Files.createTempDirectory("cxs-test-netns-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Namespaces all() {
    return namespaces;
  }

  /// A new namespace with nothing but a loopback device that is down.
  public Path create(String name) throws IOException {
    Path own = folder.resolve(name);
    folders.add(own);
    namespaces.create(own, Set.of(Namespaces.Kind.NETWORK), name);
    return own.resolve(Namespaces.Kind.NETWORK.file());
  }

  public <T> T in(Path namespace, Callable<T> action) throws Exception {
    return namespaces.inNetwork(namespace, action);
  }

  public Netlink netlink(Path namespace) throws Exception {
    return in(namespace, LinuxNetlink::open);
  }

  @Override
  public void close() throws IOException {
    for (Path own : folders) {
      namespaces.remove(own);
    }
    Files.deleteIfExists(folder);
  }
}
