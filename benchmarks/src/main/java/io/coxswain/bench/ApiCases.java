package io.coxswain.bench;

import io.coxswain.bench.LoadClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What is asked of one server: pods of a scheduler that does not exist, in JSON, in a namespace of
/// its own, where nothing else touches them.
final class ApiCases {

  /// Servers of Kubernetes take no more on one connection.
  private static final int STREAMS = 100;

  static final int CONNECTIONS = 4;
  static final int WORKERS = 32;
  static final int LISTED = 5_000;

  private static final String NAMESPACE = "coxswain-bench";
  private static final String PODS = "/api/v1/namespaces/" + NAMESPACE + "/pods";
  private static final String JSON = "application/json";
  private static final byte[] NOTHING = {};
  private static final byte[] NOW =
      bytes("{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"gracePeriodSeconds\":0}");
  private static final Pattern CONTINUE = Pattern.compile("\"continue\":\"([^\"]*)\"");
  private static final JsonMapper MAPPER = new JsonMapper();

  private final LoadTarget target;
  private final LoadClient client;
  private final Map<String, Load> loads = new LinkedHashMap<>();

  ApiCases(LoadTarget target, LoadClient client) {
    this.target = target;
    this.client = client;
  }

  /// What was done, in its order, by name.
  Map<String, Load> loads() {
    return loads;
  }

  void prepare() throws IOException, InterruptedException {
    made("/api/v1/namespaces", "Namespace", NAMESPACE);
    // where no controller makes it, pods are refused without
    made("/api/v1/namespaces/" + NAMESPACE + "/serviceaccounts", "ServiceAccount", "default");
    removeAll();
  }

  private void made(String path, String kind, String name)
      throws IOException, InterruptedException {
    String body =
        "{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}}"
            .formatted(kind, name);
    Answer answer = client.call("POST", path, JSON, bytes(body));
    if (answer.status() != 409) {
      expect(answer, "POST " + path);
    }
  }

  void removeAll() throws IOException, InterruptedException {
    expect(client.call("DELETE", PODS + "?gracePeriodSeconds=0", "", NOTHING), "DELETE " + PODS);
  }

  /// @param round makes names that were not there before
  void createAndDelete(String title, int round, int pods) throws IOException, InterruptedException {
    measure("create" + title, pods, (_, i) -> create("c" + round + "-" + i, i));
    measure(
        "delete" + title,
        pods,
        (_, i) -> ok("DELETE", PODS + "/c" + round + "-" + i, JSON, NOW, Map.of()));
  }

  void get(int times) throws IOException, InterruptedException {
    create("one", 0);
    measure("get", times, (_, _) -> ok(PODS + "/one", Map.of()));
    measure("get, rv=0", times, (_, _) -> ok(PODS + "/one?resourceVersion=0", Map.of()));
    removeAll();
  }

  void update(int pods, int times) throws IOException, InterruptedException {
    for (int i = 0; i < pods; i++) {
      create("u" + i, i);
    }
    measure(
        "patch of status",
        times,
        (_, i) ->
            ok(
                "PATCH",
                PODS + "/u" + i % pods + "/status",
                "application/merge-patch+json",
                bytes("{\"status\":" + status(i) + "}"),
                Map.of()));
    int own = pods / WORKERS;
    int[] turns = new int[WORKERS];
    AtomicReferenceArray<byte[]> seen = read(pods);
    measure(
        "put of status", times, (worker, i) -> put(seen, worker * own + turns[worker]++ % own, i));
    AtomicReferenceArray<byte[]> shared = read(pods);
    measure("put of 8 shared", times, (worker, i) -> put(shared, (worker + i) % 8, i));
    removeAll();
  }

  private AtomicReferenceArray<byte[]> read(int pods) throws IOException, InterruptedException {
    AtomicReferenceArray<byte[]> seen = new AtomicReferenceArray<>(pods);
    for (int i = 0; i < pods; i++) {
      seen.set(i, ok(PODS + "/u" + i, Map.of()).body());
    }
    return seen;
  }

  /// Writes what was last seen with another status; after a conflict once more what is there now.
  private void put(AtomicReferenceArray<byte[]> seen, int pod, int number)
      throws IOException, InterruptedException {
    while (true) {
      ObjectNode object = (ObjectNode) MAPPER.readTree(seen.get(pod));
      object.set("status", MAPPER.readTree(status(number)));
      String path = PODS + "/u" + pod;
      Answer answer = client.call("PUT", path + "/status", JSON, MAPPER.writeValueAsBytes(object));
      if (answer.status() != 409) {
        expect(answer, "PUT " + path);
        seen.set(pod, answer.body());
        return;
      }
      seen.set(pod, ok(path, Map.of()).body());
    }
  }

  /// One list at a time. Leaves the pods.
  void list(int times) throws IOException, InterruptedException {
    Load.Operation make = (_, i) -> create("l" + i, i);
    var _ = Load.run(target, WORKERS, LISTED, make);
    Answer whole = ok(PODS, Map.of());
    int items = MAPPER.readTree(whole.body()).path("items").size();
    if (items != LISTED) {
      throw new IOException("a list of " + LISTED + " pods has " + items);
    }
    measure("list", 1, times, (_, _) -> ok(PODS, Map.of()));
    measure("list, rv=0", 1, times, (_, _) -> ok(PODS + "?resourceVersion=0", Map.of()));
    measure("list, gzip", 1, times, (_, _) -> ok(PODS, Map.of("accept-encoding", "gzip")));
    measure("list in pages of 500", 1, times, (_, _) -> pages());
  }

  private void pages() throws IOException, InterruptedException {
    String next = "";
    do {
      Answer page = ok(PODS + "?limit=500&continue=" + next, Map.of());
      Matcher found = CONTINUE.matcher(new String(page.body(), StandardCharsets.ISO_8859_1));
      next = found.find() ? java.net.URLEncoder.encode(found.group(1), StandardCharsets.UTF_8) : "";
    } while (!next.isEmpty());
  }

  /// Pods are made at a steady rate, whether or not earlier ones were answered. Its latencies run
  /// from sending a pod to each watcher's event of it; its CPU is told for each event. A server
  /// that cannot keep up has no figure, and is said not to.
  void watch(String title, int watchers, int pods, int perSecond)
      throws IOException, InterruptedException {
    Answer now = ok(PODS + "?limit=1", Map.of());
    String version =
        MAPPER.readTree(now.body()).path("metadata").path("resourceVersion").asString();
    long[] sent = new long[pods];
    List<Arrivals> all = new ArrayList<>();
    AtomicLong left = new AtomicLong((long) watchers * pods);
    AtomicLong failed = new AtomicLong();
    Report.say(target.name() + ": " + title);
    int connections = Math.max(CONNECTIONS, Math.ceilDiv(watchers, STREAMS));
    try (LoadClient listener = new LoadClient(target, connections)) {
      for (int i = 0; i < watchers; i++) {
        Arrivals arrivals = new Arrivals("\"name\":\"w", pods, left);
        all.add(arrivals);
        listener.stream(PODS + "?watch=1&resourceVersion=" + version, arrivals);
      }
      Load load = watched(all, sent, left, failed, perSecond);
      if (failed.get() > 0 || left.get() > 0) {
        Report.say(
            "%s: %s: no figure, for %d pods were refused, and %d events never came"
                .formatted(target.name(), title, failed.get(), left.get()));
      } else {
        loads.put(title, load);
      }
    }
    removeAll();
  }

  private Load watched(
      List<Arrivals> all, long[] sent, AtomicLong left, AtomicLong failed, int perSecond)
      throws IOException, InterruptedException {
    int pods = sent.length;
    double cpu = Load.cpuSeconds(target.pids());
    long begin = System.nanoTime();
    List<Thread> creations = new ArrayList<>();
    for (int i = 0; i < pods; i++) {
      long due = begin + i * 1_000_000_000L / perSecond;
      java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
      int number = i;
      sent[i] = System.nanoTime();
      creations.add(
          Thread.startVirtualThread(() -> {
            try {
              create("w" + number, number);
            } catch (IOException | InterruptedException e) {
              failed.incrementAndGet();
            }
          }));
    }
    for (Thread creation : creations) {
      creation.join();
    }
    long end = System.nanoTime() + 60_000_000_000L;
    while (left.get() > 0 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    double used = Load.cpuSeconds(target.pids()) - cpu;
    List<Double> latencies = new ArrayList<>();
    for (Arrivals arrivals : all) {
      for (int i = 0; i < pods; i++) {
        latencies.add((arrivals.at(i) - sent[i]) / 1e6);
      }
    }
    return new Load(latencies, seconds, used);
  }

  private void measure(String title, int times, Load.Operation operation)
      throws IOException, InterruptedException {
    measure(title, WORKERS, times, operation);
  }

  private void measure(String title, int workers, int times, Load.Operation operation)
      throws IOException, InterruptedException {
    Report.say(target.name() + ": " + title);
    loads.put(title, Load.run(target, workers, times, operation));
  }

  private void create(String name, int number) throws IOException, InterruptedException {
    expect(client.call("POST", PODS, JSON, bytes(pod(name, number))), "POST " + PODS);
  }

  private static String pod(String name, int number) {
    return """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s",
      "labels": {"app": "bench", "group": "g0"}, "annotations": {"example.com/index": "%d"}},
     "spec": {"schedulerName": "none", "automountServiceAccountToken": false,
      "terminationGracePeriodSeconds": 30, "containers": [{"name": "web",
       "image": "registry.example/web:1", "ports": [{"name": "http", "containerPort": 8080}],
       "env": [{"name": "LEVEL", "value": "info"}, {"name": "POD_NAME",
         "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
       "resources": {"requests": {"cpu": "100m", "memory": "128Mi"},
         "limits": {"cpu": "500m", "memory": "256Mi"}},
       "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10},
       "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}],
      "volumes": [{"name": "tmp", "emptyDir": {}}]}}
    """
        .formatted(name, number);
  }

  private Answer ok(String path, Map<String, String> headers)
      throws IOException, InterruptedException {
    return ok("GET", path, "", NOTHING, headers);
  }

  private Answer ok(
      String method, String path, String type, byte[] body, Map<String, String> headers)
      throws IOException, InterruptedException {
    return expect(client.call(method, path, type, body, headers), method + " " + path);
  }

  private static Answer expect(Answer answer, String what) throws IOException {
    if (answer.status() / 100 != 2) {
      throw new IOException(
          what
              + " was answered with "
              + answer.status()
              + ": "
              + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return answer;
  }

  private static String status(int number) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    return """
    {"phase":"Running","podIP":"10.0.%d.%d","startTime":"%s","conditions":[{"type":"Ready",\
    "status":"True","lastTransitionTime":"%s","message":"operation %d"}]}\
    """
        .formatted(number >> 8 & 255, number & 255, now, now, number);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
