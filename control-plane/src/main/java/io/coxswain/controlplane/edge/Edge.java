package io.coxswain.controlplane.edge;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.EventExecutor;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the connections of one server share: the handler above, the limits, and the exchanges that
/// are under way.
final class Edge {

  private static final Logger LOG = LoggerFactory.getLogger(Edge.class);

  private static final AttributeKey<List<X509Certificate>> PEER =
      AttributeKey.valueOf(Edge.class, "peer");

  private static final Duration LATE = Duration.ofSeconds(1);

  private final Handler handler;
  private final EdgeLimits limits;
  private final EdgeMetrics metrics;
  private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
  private final Map<EventExecutor, Departures> departures = new ConcurrentHashMap<>();
  private final Thread deadlines =
      Thread.ofVirtual().name("deadlines").unstarted(this::lookForLate);

  /// Whether [#deadlines] sleeps until a request comes.
  private volatile boolean resting;

  private volatile boolean closing;

  Edge(Handler handler, EdgeLimits limits, EdgeMetrics metrics) {
    this.handler = handler;
    this.limits = limits;
    this.metrics = metrics;
  }

  Handler handler() {
    return handler;
  }

  EdgeLimits limits() {
    return limits;
  }

  EdgeMetrics metrics() {
    return metrics;
  }

  boolean isClosing() {
    return closing;
  }

  /// What leaves by an event loop.
  Departures departures(EventExecutor loop) {
    return departures.computeIfAbsent(loop, Departures::new);
  }

  void start(Exchange exchange) {
    underWay.add(exchange);
    if (resting) {
      resting = false;
      LockSupport.unpark(deadlines);
    }
    Thread.ofVirtual().name("request").start(() -> run(exchange));
  }

  private void run(Exchange exchange) {
    try {
      handler.handle(exchange);
      if (!exchange.isAnswered() && !exchange.isEnded()) {
        throw new IllegalStateException("no answer was given");
      }
    } catch (Exception | LinkageError | StackOverflowError e) {
      if (exchange.isEnded()) {
        LOG.debug("{} {}: {}", exchange.method(), exchange.path(), e.toString());
        return;
      }
      LOG.error("{} {} failed", exchange.method(), exchange.path(), e);
      fail(exchange);
    }
  }

  private void fail(Exchange exchange) {
    if (exchange.isAnswered()) {
      exchange.abort();
      return;
    }
    try {
      exchange.respond(
          500,
          java.util.Map.of("content-type", handler.refusalContentType()),
          handler.refusal(500, "an internal error; the server's log has the cause"));
    } catch (java.io.IOException e) {
      LOG.debug("nobody to tell about the failure", e);
    }
  }

  /// Looks once a second for requests whose time is over, while there are any and until the server
  /// closes: a timer for each would cost every request what one in a million needs.
  void watchDeadlines() {
    deadlines.start();
  }

  private void lookForLate() {
    try {
      while (!closing) {
        resting = true;
        if (underWay.isEmpty()) {
          LockSupport.park(this);
        }
        resting = false;
        Thread.sleep(LATE);
        long now = System.nanoTime();
        for (Exchange exchange : underWay) {
          if (exchange.isOverdue(now)) {
            Thread.ofVirtual().name("late").start(exchange::answerLate);
          }
        }
      }
    } catch (InterruptedException _) {
      // asked to end
    }
  }

  void ended(Exchange exchange) {
    underWay.remove(exchange);
    exchange.end();
  }

  void refused(int status) {
    metrics.refused(status);
  }

  /// Asks long answers to end and waits for all, at most `limits.drain()`.
  void drain() throws InterruptedException {
    closing = true;
    underWay.forEach(Exchange::drain);
    long end = System.nanoTime() + limits.drain().toNanos();
    while (!underWay.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    deadlines.interrupt();
  }

  /// What the other side of a connection showed, which is asked for once.
  static List<X509Certificate> peer(Channel connection) {
    List<X509Certificate> known = connection.attr(PEER).get();
    if (known == null) {
      known = List.copyOf(shown(connection));
      connection.attr(PEER).set(known);
    }
    return known;
  }

  private static List<X509Certificate> shown(Channel connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    if (tls == null) {
      return List.of();
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain.add(x509);
        }
      }
      return chain;
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
  }
}
