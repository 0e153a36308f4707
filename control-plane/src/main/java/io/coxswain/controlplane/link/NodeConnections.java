package io.coxswain.controlplane.link;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.rpc.v1.StreamRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The nodes that have dialled in, and the streams asked of them. A node keeps one session; each
/// stream that is asked for on it comes back as a call of its own, which names the stream by a
/// secret id.
public final class NodeConnections {

  private static final Logger LOG = LoggerFactory.getLogger(NodeConnections.class);

  /// How long a node may take to answer that it carries a stream.
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /// How long a node may take to dial in again after its session ended, or after this server began.
  private static final Duration RETURN = Duration.ofSeconds(10);

  private static final SecureRandom RANDOM = new SecureRandom();

  private record Awaited(String node, CompletableFuture<NodeStream> stream) {}

  private final Map<String, Outbox<StreamRequest>> sessions = new ConcurrentHashMap<>();
  private final Map<String, Awaited> awaited = new ConcurrentHashMap<>();

  /// When sessions ended, of nodes that have no other since.
  private final Map<String, Long> lost = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final LongSupplier nanoTime;
  private final long began;

  public NodeConnections() {
    this(System::nanoTime);
  }

  NodeConnections(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
  }

  /// Asks a node for a stream. Blocks until the node carries it; for a node that had a session just
  /// now, or may have had one with the server before this one, first until it has one again.
  ///
  /// @param request its id is set here
  /// @throws ApiException with Unavailable when the node is not connected, Timeout when it does not
  ///   answer
  public NodeStream open(String node, StreamRequest.Builder request) {
    Outbox<StreamRequest> session = require(node);
    byte[] secret = new byte[16];
    RANDOM.nextBytes(secret);
    String id = HexFormat.of().formatHex(secret);
    Awaited waiting = new Awaited(node, new CompletableFuture<>());
    awaited.put(id, waiting);
    try {
      if (!session.send(request.setStreamId(id).build(), ANSWER)) {
        throw new ApiException(
            new ApiError.Unavailable("node \"" + node + "\" has just lost its connection"));
      }
      return waiting.stream().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new ApiException(
          new ApiError.Timeout("node \"" + node + "\" did not open the stream within " + ANSWER),
          e);
    } catch (ExecutionException e) {
      throw new ApiException(
          new ApiError.Internal("node \"" + node + "\" failed to open the stream"), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(new ApiError.Unavailable("interrupted while opening a stream"), e);
    } finally {
      awaited.remove(id);
    }
  }

  /// Blocks as [#open] does until the node is there.
  ///
  /// @throws ApiException with Unavailable when it is not connected
  public void await(String node) {
    var _ = require(node);
  }

  private Outbox<StreamRequest> require(String node) {
    return session(node)
        .orElseThrow(() ->
            new ApiException(
                new ApiError.Unavailable(
                    "node \""
                        + node
                        + "\" is not connected to the control plane: its agent is down or"
                        + " cannot be reached")));
  }

  private Optional<Outbox<StreamRequest>> session(String node) {
    Outbox<StreamRequest> open = sessions.get(node);
    if (open != null) {
      return Optional.of(open);
    }
    lock.lock();
    try {
      long until = lost.getOrDefault(node, began) + RETURN.toNanos();
      long left = until - nanoTime.getAsLong();
      while (!sessions.containsKey(node) && left > 0) {
        var _ = arrived.awaitNanos(left);
        left = until - nanoTime.getAsLong();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return Optional.ofNullable(sessions.get(node));
  }

  /// Whether the node has a session open.
  public boolean isConnected(String node) {
    return sessions.containsKey(node);
  }

  /// How many nodes have.
  public int count() {
    return sessions.size();
  }

  /// A node's new session replaces its last one, which may not have noticed that it is dead.
  void connected(String node, Outbox<StreamRequest> session) {
    Outbox<StreamRequest> last = sessions.put(node, session);
    if (last != null) {
      last.complete();
    }
    lost.remove(node);
    lock.lock();
    try {
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    LOG.info("Node {} is connected", node);
    session.onGone(() -> disconnected(node, session));
  }

  void disconnected(String node, Outbox<StreamRequest> session) {
    if (sessions.remove(node, session)) {
      long now = nanoTime.getAsLong();
      lost.values().removeIf(at -> now - at > RETURN.toNanos());
      lost.put(node, now);
      LOG.info("Node {} is no longer connected", node);
    }
  }

  /// Gives an arriving stream to who waits for it.
  ///
  /// @return false when nobody waits for this stream of this node
  boolean carried(String node, String id, NodeStream stream) {
    return Optional.ofNullable(awaited.get(id))
        .filter(waiting -> waiting.node().equals(node))
        .map(waiting -> waiting.stream().complete(stream))
        .orElse(false);
  }

  /// Ends all sessions, so that agents look for another server.
  void close() {
    sessions.values().forEach(Outbox::complete);
    sessions.clear();
  }
}
