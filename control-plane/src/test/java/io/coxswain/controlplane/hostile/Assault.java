package io.coxswain.controlplane.hostile;

import io.coxswain.client.ApiException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/// Sends hostile requests on a few connections and looks at what comes back.
final class Assault {

  private static final int WORKERS = 6;
  private static final int ENOUGH = 40;

  /// So much of a request that the server may have closed before it had read it.
  private static final int LONG = 60_000;

  private final Target target;
  private final RequestSource source;
  private final Lingering lingering;
  private final List<String> problems;
  private final Map<String, AtomicLong> counts = new ConcurrentSkipListMap<>();

  /// @param problems gets what was found, by many threads
  Assault(Target target, RequestSource source, Lingering lingering, List<String> problems) {
    this.target = target;
    this.source = source;
    this.lingering = lingering;
    this.problems = problems;
  }

  /// How many were answered with which status, of each kind of connection.
  Map<String, AtomicLong> counts() {
    return counts;
  }

  /// Sends the requests of these numbers; blocks until all are answered.
  void run(long from, long to) throws InterruptedException {
    AtomicLong next = new AtomicLong(from);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      workers.add(Thread.ofVirtual().start(() -> new Worker().work(next, to)));
    }
    for (Thread worker : workers) {
      worker.join();
    }
  }

  /// How a request goes out.
  private enum Way {
    HTTP1,
    HTTP2,
    STRANGER;

    static Way of(long number, HostileRequest request) {
      if (number % 16 == 5) {
        return STRANGER;
      }
      return number % 4 == 3 && request.isHttp() ? HTTP2 : HTTP1;
    }
  }

  /// One that sends, with a connection of each kind.
  private final class Worker {

    private final Map<Way, Wire> open = new java.util.EnumMap<>(Way.class);

    void work(AtomicLong next, long to) {
      try {
        while (problems.size() < ENOUGH) {
          long number = next.getAndIncrement();
          if (number >= to) {
            return;
          }
          switch (source.attack(number)) {
            case Onslaught onslaught -> strike(number, onslaught);
            case HostileRequest request -> send(number, request, Way.of(number, request));
          }
        }
      } catch (IOException | RuntimeException e) {
        problems.add("the server cannot be reached: " + e);
      } finally {
        open.values().forEach(Assault.this::close);
      }
    }

    private void send(long number, HostileRequest request, Way way) throws IOException {
      Wire wire = open.get(way);
      if (wire == null) {
        wire =
            switch (way) {
              case HTTP1 -> new RawConnection(target.connect());
              case STRANGER -> new RawConnection(target.connectAsStranger());
              case HTTP2 -> new Http2Connection(target);
            };
        open.put(way, wire);
      }
      if (!one(wire, way, number, request)) {
        open.remove(way);
        close(wire);
      }
    }
  }

  private void close(Wire wire) {
    try {
      wire.close();
    } catch (IOException e) {
      // the server was quicker
    }
  }

  private void strike(long number, Onslaught onslaught) throws IOException {
    try {
      onslaught.run(target, lingering);
    } catch (IOException refused) {
      // as it may be; whether the server still answers, the next request tells
    } catch (RuntimeException e) {
      problems.add(number + ": " + e + " of " + onslaught);
    }
    count("onslaughts", 0);
  }

  /// @return whether the connection can be used again
  private boolean one(Wire wire, Way way, long number, HostileRequest request) {
    Answer answer;
    try {
      if (wire instanceof RawConnection raw && request.isUnfinished()) {
        raw.send(request.bytes());
        count(way.name(), 0);
        return false;
      }
      answer = wire.exchange(request);
    } catch (IOException e) {
      count(way.name(), 0);
      boolean plain = way != Way.HTTP2 || request.isPlainHttp2();
      boolean expected = request.isHttp() && plain && request.bytes().length < LONG;
      if (e instanceof SocketTimeoutException || expected) {
        problems.add(number + ": " + e + " to " + way + " " + request);
      }
      return false;
    }
    count(way.name(), answer.status());
    if (answer.status() == 0 && request.isPlainHttp2() && request.bytes().length < LONG) {
      problems.add(number + ": given up without an answer, to " + way + " " + request);
    }
    look(number, way, request, answer);
    return wire.again(request, answer);
  }

  private void count(String what, int status) {
    counts.computeIfAbsent(what + " " + status, _ -> new AtomicLong()).incrementAndGet();
  }

  private void look(long number, Way way, HostileRequest request, Answer answer) {
    String what = number + ": " + answer.status() + " " + answer.text() + " to " + way + " ";
    if (answer.status() >= 500 && !isMeant(answer)) {
      problems.add(what + request);
      return;
    }
    if (way == Way.STRANGER && answer.status() < 300 && !request.isRead()) {
      problems.add("a stranger was let in, " + what + request);
    }
    boolean json = answer.header("content-type").equals(Target.JSON);
    if (request.stream() || !json) {
      return;
    }
    try {
      JsonNode tree = Target.tree(answer.body());
      if (answer.status() >= 400 && tree.path("code").asInt(0) != answer.status()) {
        problems.add("no Status, " + what + request);
      }
    } catch (ApiException e) {
      problems.add("no JSON, " + e.getMessage() + ", " + what + request);
    }
  }

  /// What is answered on purpose: that it is not built, not to be reached, or took too long, and
  /// that somebody else failed whom the server had to ask.
  private static boolean isMeant(Answer answer) {
    return switch (answer.status()) {
      case 501, 503, 504, 505 -> true;
      case 500 ->
          answer.text().contains("failed calling webhook")
              || answer.text().contains("conversion webhook for");
      default -> false;
    };
  }
}
