package io.coxswain.controlplane.hostile;

import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.TestPlane;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/// Sends hostile requests on a few connections and looks at what comes back.
final class Assault {

  private static final int CONNECTIONS = 6;
  private static final int MOST_PROBLEMS = 40;
  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);

  private final TestPlane plane;
  private final RequestSource source;
  private final SSLContext tls;
  private final CopyOnWriteArrayList<String> problems = new CopyOnWriteArrayList<>();
  private final Map<Integer, AtomicLong> byStatus =
      new java.util.concurrent.ConcurrentSkipListMap<>();

  Assault(TestPlane plane, RequestSource source) throws Exception {
    this.plane = plane;
    this.source = source;
    this.tls = plane.adminTls();
  }

  List<String> problems() {
    return problems;
  }

  /// How many were answered with which status; 0 of those whose connection was closed.
  Map<Integer, AtomicLong> byStatus() {
    return new TreeMap<>(byStatus);
  }

  /// Sends the requests of these numbers; blocks until all are answered.
  void run(long from, long to) throws InterruptedException {
    AtomicLong next = new AtomicLong(from);
    ConcurrentLinkedQueue<Thread> workers = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      workers.add(Thread.ofVirtual().start(() -> work(next, to)));
    }
    for (Thread worker : workers) {
      worker.join();
    }
  }

  private void work(AtomicLong next, long to) {
    RawConnection connection = null;
    try {
      while (problems.size() < MOST_PROBLEMS) {
        long number = next.getAndIncrement();
        if (number >= to) {
          return;
        }
        if (connection == null) {
          connection = new RawConnection(tls, plane.plane.restPort());
        }
        if (!one(connection, number)) {
          connection.close();
          connection = null;
        }
      }
    } catch (IOException | RuntimeException e) {
      problems.add("the server cannot be reached: " + e);
    } finally {
      if (connection != null) {
        try {
          connection.close();
        } catch (IOException e) {
          problems.add("close: " + e);
        }
      }
    }
  }

  /// @return whether the connection can be used again
  private boolean one(RawConnection connection, long number) {
    HostileRequest request = source.request(number);
    RawConnection.Answer answer;
    try {
      connection.send(request.bytes());
      boolean waits =
          request.framing() == HostileRequest.Framing.SHORT
              || request.framing() == HostileRequest.Framing.BROKEN_CHUNKS;
      if (waits) {
        return false;
      }
      answer = connection.answer(request.stream());
    } catch (IOException e) {
      count(0);
      boolean timedOut = e instanceof java.net.SocketTimeoutException;
      if (timedOut || (request.isHttp() && request.bytes().length < 60_000)) {
        problems.add(number + ": " + e + " to " + request);
      }
      return false;
    }
    count(answer.status());
    look(number, request, answer);
    return !request.stream() && !answer.closes();
  }

  private void count(int status) {
    byStatus.computeIfAbsent(status, _ -> new AtomicLong()).incrementAndGet();
  }

  private void look(long number, HostileRequest request, RawConnection.Answer answer) {
    if (answer.status() == 500) {
      problems.add(number + ": 500 " + answer.text() + " to " + request);
      return;
    }
    boolean json = answer.header("content-type").equals("application/json");
    if (request.stream() || !json) {
      return;
    }
    try {
      JsonNode tree = JSON.readTree(answer.body());
      if (answer.status() >= 400 && tree.path("code").asInt(0) != answer.status()) {
        problems.add(number + ": no Status: " + answer.text() + " to " + request);
      }
    } catch (ApiException e) {
      problems.add(number + ": no JSON: " + e.getMessage() + " to " + request);
    }
  }
}
