package io.coxswain.controlplane.stream;

import io.coxswain.client.ApiException;
import io.coxswain.controlplane.link.NodeConnections;
import io.coxswain.controlplane.link.NodeStream;
import io.coxswain.controlplane.server.NodeStatistics;
import io.coxswain.rpc.v1.Frame;
import io.coxswain.rpc.v1.StatsRequest;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks nodes for their statistics on the sessions that they keep open.
public final class NodeSummaries implements NodeStatistics {

  private static final Logger LOG = LoggerFactory.getLogger(NodeSummaries.class);
  private static final JsonMapper JSON = new JsonMapper();

  /// A node that nobody asked lately measures for a second.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Questions that are open at once, whoever asks: each may hold an answer of some 100 KB.
  private static final int MOST = 256;

  private final NodeConnections nodes;
  private final Semaphore places = new Semaphore(MOST);

  public NodeSummaries(NodeConnections nodes) {
    this.nodes = nodes;
  }

  @Override
  public Map<String, JsonNode> summaries(Collection<String> names) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Map<String, CompletableFuture<Optional<JsonNode>>> asked = new LinkedHashMap<>();
    for (String node : names) {
      if (nodes.isConnected(node)) {
        asked.put(node, begin(node, deadline));
      }
    }
    Map<String, JsonNode> answers = new LinkedHashMap<>();
    for (Map.Entry<String, CompletableFuture<Optional<JsonNode>>> each : asked.entrySet()) {
      try {
        each.getValue()
            .get(left(deadline), TimeUnit.NANOSECONDS)
            .ifPresent(answer -> answers.put(each.getKey(), answer));
      } catch (TimeoutException e) {
        LOG.debug("Node {} did not tell in time what it uses", each.getKey());
      } catch (ExecutionException e) {
        LOG.warn("Node {} could not be asked what it uses", each.getKey(), e.getCause());
      }
    }
    return answers;
  }

  private static long left(long deadline) {
    return Math.max(1, deadline - System.nanoTime());
  }

  /// The question ends by itself soon after the deadline: nobody has to wait for it.
  private CompletableFuture<Optional<JsonNode>> begin(String node, long deadline) {
    CompletableFuture<Optional<JsonNode>> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("node-statistics")
        .start(() -> {
          try {
            answer.complete(
                places.tryAcquire(left(deadline), TimeUnit.NANOSECONDS)
                    ? ask(node, deadline)
                    : Optional.empty());
          } catch (InterruptedException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  private Optional<JsonNode> ask(String node, long deadline) {
    try (NodeStream stream =
        nodes.open(node, StreamRequest.newBuilder().setStats(StatsRequest.getDefaultInstance()))) {
      Optional<Frame> frame = stream.receive(Duration.ofNanos(left(deadline)));
      if (frame.isEmpty() || frame.get().getChannel() != PersonStream.STDOUT) {
        return Optional.empty();
      }
      return Optional.of(JSON.readTree(frame.get().getData().toByteArray()));
    } catch (ApiException | IOException | JacksonException e) {
      LOG.debug("Node {} did not tell what it uses", node, e);
      return Optional.empty();
    } finally {
      places.release();
    }
  }
}
