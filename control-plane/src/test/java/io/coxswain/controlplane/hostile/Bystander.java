package io.coxswain.controlplane.hostile;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A well-behaved client while others are not: renews a lease, as each node does, makes and removes
/// an object, and lists. It tries again where it is told to, as clients do.
final class Bystander implements AutoCloseable {

  static final String NAMESPACE = "bystander";

  private static final String LEASES =
      "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases";
  private static final String MAPS = "/api/v1/namespaces/" + NAMESPACE + "/configmaps";
  private static final long BEAT_MILLIS = 100;

  private final Target target;
  private final List<String> problems;
  private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
  private final Thread thread = Thread.ofPlatform().name("bystander").unstarted(this::run);
  private long renewed = System.nanoTime();
  private volatile long longestGap;
  private volatile boolean over;

  private Bystander(Target target, List<String> problems) {
    this.target = target;
    this.problems = problems;
  }

  static Bystander start(Target target, List<String> problems) {
    Bystander bystander = new Bystander(target, problems);
    bystander.thread.start();
    return bystander;
  }

  private void run() {
    try {
      while (!over) {
        renew();
        if (call("POST", MAPS, "{\"metadata\":{\"name\":\"m\"},\"data\":{\"k\":\"v\"}}") == 201) {
          call("GET", MAPS, "");
          call("DELETE", MAPS + "/m", "");
        }
        TimeUnit.MILLISECONDS.sleep(BEAT_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      problems.add("a well-behaved client got no answer: " + e);
    }
  }

  private void renew() throws IOException, InterruptedException {
    HttpResponse<byte[]> got = target.get(LEASES + "/l", Target.JSON);
    int status;
    if (got.statusCode() == 200) {
      JsonNode lease = Target.tree(got.body());
      ((ObjectNode) lease.path("spec"))
          .put("leaseTransitions", lease.at("/spec/leaseTransitions").asInt(0) + 1);
      status = call("PUT", LEASES + "/l", new String(Target.json(lease), UTF_8));
    } else {
      status =
          call(
              "POST",
              LEASES,
              "{\"metadata\":{\"name\":\"l\"},\"spec\":{\"holderIdentity\":\"b\"}}");
    }
    if (status < 300) {
      long now = System.nanoTime();
      longestGap = Math.max(longestGap, now - renewed);
      renewed = now;
    }
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  private int call(String method, String path, String body)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    HttpResponse<byte[]> answer = target.send(method, path, body);
    while (answer.statusCode() == 429) {
      TimeUnit.SECONDS.sleep(1);
      answer = target.send(method, path, body);
    }
    nanos.add(System.nanoTime() - begin);
    if (answer.statusCode() >= 400) {
      problems.add(
          "a well-behaved client: %s %s: %d %s"
              .formatted(method, path, answer.statusCode(), new String(answer.body(), UTF_8)));
    }
    return answer.statusCode();
  }

  /// Between two renewals of the lease.
  Duration longestGap() {
    return Duration.ofNanos(longestGap);
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return "no calls";
    }
    return "%d calls, p50 %d ms, p99 %d ms, longest %d ms; longest between two renewals %d ms"
        .formatted(
            sorted.length,
            sorted[sorted.length / 2] / 1_000_000,
            sorted[sorted.length * 99 / 100] / 1_000_000,
            Arrays.stream(sorted).max().orElse(0) / 1_000_000,
            longestGap().toMillis());
  }
}
