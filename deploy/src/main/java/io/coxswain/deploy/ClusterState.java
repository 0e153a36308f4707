package io.coxswain.deploy;

import io.coxswain.api.core.v1.Node;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the launcher shows while a cluster comes up, and in `status`: a file with a line for each
/// thing known, replaced whole when something changes.
final class ClusterState implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterState.class);

  private final Path file;
  private final List<String> told = new ArrayList<>();
  private final Map<String, Boolean> nodes = new TreeMap<>();
  private final List<Informer<Node>> followed = new ArrayList<>();

  ClusterState(Path file) {
    this.file = file;
    write();
  }

  synchronized void tell(String line) {
    told.add(line);
    write();
  }

  /// Follows the nodes from now on.
  void follow(ApiClient client) {
    Informer<Node> informer = Informer.of(client.resources(Node.class), ListOptions.ALL);
    informer.addHandler(
        new Handler<Node>() {
          @Override
          public void added(Node node) {
            node(node);
          }

          @Override
          public void updated(Node before, Node node) {
            node(node);
          }

          @Override
          public void deleted(Node node) {
            gone(node.getMetadata().getName());
          }
        });
    followed.add(informer);
    informer.start();
  }

  private synchronized void node(Node node) {
    boolean ready =
        node.getStatus().getConditionsList().stream()
            .anyMatch(condition ->
                condition.getType().equals("Ready") && condition.getStatus().equals("True"));
    Boolean before = nodes.put(node.getMetadata().getName(), ready);
    if (before == null || before != ready) {
      write();
    }
  }

  private synchronized void gone(String name) {
    nodes.remove(name);
    write();
  }

  private void write() {
    List<String> lines = new ArrayList<>(told);
    nodes.forEach((name, ready) -> lines.add("node " + name + (ready ? " Ready" : " NotReady")));
    try {
      Files.createDirectories(file.getParent());
      Path fresh = file.resolveSibling("state.new");
      Files.write(fresh, lines);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("cannot write {}: {}", file, e.toString());
    }
  }

  @Override
  public void close() throws IOException {
    for (Informer<Node> each : followed) {
      each.close();
    }
    Files.deleteIfExists(file);
  }
}
