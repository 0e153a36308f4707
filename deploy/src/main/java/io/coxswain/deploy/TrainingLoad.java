package io.coxswain.deploy;

import io.coxswain.deploy.TrainingClient.Format;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// What people and programs ask of a cluster, for [Training]: many requests of every kind over
/// HTTP/2 and HTTP/1.1, in JSON and protobuf, and pods that come, are changed and go. A process of
/// its own, since what asks is not what is to start fast.
///
/// How much is asked is bounded by number and by time, so that a slow machine builds, too. An
/// answer that is not the one wished for ends nothing: also a refusal is work.
public final class TrainingLoad {

  private static final int WORKERS = 9;
  private static final Duration REQUESTS_AT_MOST = Duration.ofSeconds(40);
  private static final Duration PODS_AT_MOST = Duration.ofSeconds(40);
  private static final Duration STEP_AT_MOST = Duration.ofSeconds(15);
  private static final String NAMESPACE = "/api/v1/namespaces/default";
  private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

  private final List<TrainingClient> clients;
  private final TrainingClient people;
  private final int rounds;
  private final String image;

  /// Whether it makes sense to wait for pods that run.
  private boolean node;

  private TrainingLoad(List<TrainingClient> clients, int rounds, String image, boolean node) {
    this.clients = clients;
    this.rounds = rounds;
    this.image = image;
    this.node = node;
    this.people = clients.getFirst();
  }

  /// @param arguments the server's folder of certificates, its URL, how many rounds of requests,
  ///   and, when there is a node, a folder that is its pods' image
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path pki = Path.of(arguments[0]);
    TrainingLoad load =
        new TrainingLoad(
            List.of(
                TrainingClient.of(pki, arguments[1], true),
                TrainingClient.of(pki, arguments[1], true),
                TrainingClient.of(pki, arguments[1], false)),
            Integer.parseInt(arguments[2]),
            arguments.length > 3 ? arguments[3] : "/",
            arguments.length > 3);
    load.watch();
    load.requests();
    load.pods();
    System.exit(0);
  }

  /// Streams that are read until this process ends.
  private void watch() {
    for (String path :
        List.of(
            NAMESPACE + "/pods?watch=1&allowWatchBookmarks=true",
            NAMESPACE + "/configmaps?watch=1",
            DEPLOYMENTS + "?watch=1")) {
      for (TrainingClient client : clients) {
        Thread.startVirtualThread(() -> client.read(path, Format.JSON));
        Thread.startVirtualThread(() -> client.read(path, Format.PROTOBUF));
        Thread.startVirtualThread(() -> client.read(path, Format.TABLE));
      }
    }
  }

  private void requests() throws InterruptedException {
    long end = System.nanoTime() + REQUESTS_AT_MOST.toNanos();
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < WORKERS; i++) {
        TrainingClient client = clients.get(i % clients.size());
        workers.execute(() -> {
          for (int n = next.getAndIncrement();
              n < rounds && System.nanoTime() < end;
              n = next.getAndIncrement()) {
            round(client, n);
          }
        });
      }
    }
    System.out.println(next.get() + " rounds, " + TrainingClient.asked() + " requests");
    for (String path :
        List.of(
            "/metrics",
            "/readyz",
            "/version",
            "/openapi/v2",
            "/openapi/v3",
            "/openapi/v3/apis/apps/v1",
            "/api",
            "/apis",
            "/api/v1",
            "/apis/apps/v1",
            "/nowhere",
            "/api/v1/namespaces/nowhere/pods/none")) {
      for (TrainingClient client : clients) {
        client.get(path, Format.JSON);
        client.get(path, Format.PROTOBUF);
      }
    }
  }

  /// The life of some objects that nothing else acts on.
  private static void round(TrainingClient client, int number) {
    String name = "load-" + number;
    String pod = NAMESPACE + "/pods/" + name;
    client.send("POST", NAMESPACE + "/pods", Format.JSON, TrainingObjects.idlePod(name));
    client.send("PATCH", pod + "/status", Format.MERGE, "{\"status\":{\"phase\":\"Pending\"}}");
    client.send(
        "PATCH", pod, Format.STRATEGIC, "{\"metadata\":{\"labels\":{\"n\":\"" + number + "\"}}}");
    client.putBack(pod, Format.JSON);
    client.putBack(pod, Format.PROTOBUF);
    client.send(
        "POST", NAMESPACE + "/configmaps", Format.JSON, TrainingObjects.configMap(name, number));
    client.putBack(NAMESPACE + "/configmaps/" + name, Format.PROTOBUF);
    client.send(
        "PATCH",
        NAMESPACE + "/configmaps/" + name + "?fieldManager=load&force=true",
        Format.APPLY,
        TrainingObjects.configMap(name, number + 1));
    client.send(
        "POST",
        "/apis/coordination.k8s.io/v1/namespaces/default/leases",
        Format.JSON,
        TrainingObjects.lease(name));
    client.putBack(
        "/apis/coordination.k8s.io/v1/namespaces/default/leases/" + name, Format.PROTOBUF);
    client.send("POST", NAMESPACE + "/events", Format.JSON, TrainingObjects.event(name));
    switch (number % 5) {
      case 0 -> client.get(NAMESPACE + "/pods", Format.JSON);
      case 1 -> client.get(NAMESPACE + "/pods?limit=20", Format.PROTOBUF);
      case 2 -> client.get("/api/v1/pods?labelSelector=app%3Dload", Format.TABLE);
      case 3 -> client.get(NAMESPACE + "/pods?resourceVersion=0", Format.JSON);
      default -> client.get(NAMESPACE + "/pods?fieldSelector=spec.nodeName%3D", Format.JSON);
    }
    client.send(
        "PATCH",
        pod,
        Format.JSON_PATCH,
        "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"a\":\"b\"}}]");
    client.send(
        "DELETE",
        pod,
        Format.JSON,
        "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0}");
    client.send("DELETE", NAMESPACE + "/configmaps/" + name, Format.JSON, "");
  }

  /// Deployments whose pods run, are seen by a Service, are replaced and go.
  private void pods() throws IOException, InterruptedException {
    long end = System.nanoTime() + PODS_AT_MOST.toNanos();
    people.send("POST", NAMESPACE + "/configmaps", Format.JSON, TrainingObjects.configMap("c", 1));
    people.send("POST", NAMESPACE + "/secrets", Format.JSON, TrainingObjects.secret("s"));
    people.send("POST", NAMESPACE + "/services", Format.JSON, TrainingObjects.service("trained"));
    people.send("POST", NAMESPACE + "/pods", Format.JSON, TrainingObjects.ownPod("alone"));
    people.send("POST", DEPLOYMENTS, Format.JSON, TrainingObjects.deployment("trained", image, 5));
    people.send("POST", DEPLOYMENTS, Format.JSON, TrainingObjects.deployment("plain", image, 5));
    await("trained", 5, end);
    names();
    for (String each : List.of("trained", "plain")) {
      people.send("PATCH", DEPLOYMENTS + "/" + each + "/scale", Format.MERGE, replicas(8));
    }
    await("plain", 8, end);
    await("trained", 8, end);
    people.get(NAMESPACE + "/pods/alone/log", Format.JSON);
    people.get(NAMESPACE + "/pods", Format.TABLE);
    people.get("/apis/metrics.k8s.io/v1beta1/pods", Format.JSON);
    people.send(
        "PATCH",
        DEPLOYMENTS + "/trained",
        Format.STRATEGIC,
        "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"again\":\"1\"}}}}}");
    people.send("PATCH", DEPLOYMENTS + "/plain", Format.MERGE, replicas(2));
    people.send("DELETE", NAMESPACE + "/pods/alone?gracePeriodSeconds=0", Format.JSON, "");
    await("trained", 8, end);
    people.send("DELETE", DEPLOYMENTS + "/plain", Format.JSON, "");
    people.send("DELETE", NAMESPACE + "/services/trained", Format.JSON, "");
    people.send("DELETE", DEPLOYMENTS + "/trained", Format.JSON, "");
    long least = Math.min(end, System.nanoTime() + STEP_AT_MOST.toNanos());
    while (System.nanoTime() < least
        && people
            .get(NAMESPACE + "/pods?labelSelector=app%3Dtrained", Format.JSON)
            .contains("\"phase\"")) {
      Thread.sleep(50);
    }
  }

  private static String replicas(int count) {
    return "{\"spec\":{\"replicas\":" + count + "}}";
  }

  private void await(String deployment, int ready, long end) throws InterruptedException {
    long began = System.nanoTime();
    if (!node) {
      // what can be done without is done soon
      Thread.sleep(500);
      return;
    }
    long least = Math.min(end, began + STEP_AT_MOST.toNanos());
    String wanted = "\"updatedReplicas\":" + ready;
    String alike = "\"readyReplicas\":" + ready;
    boolean seen = false;
    while (!seen && System.nanoTime() < least) {
      Thread.sleep(50);
      String now = people.get(DEPLOYMENTS + "/" + deployment, Format.JSON);
      seen = now.contains(wanted) && now.contains(alike);
    }
    node = seen;
    System.out.printf(
        "%s with %d: %s after %d ms%n",
        deployment, ready, seen ? "ready" : "not ready", (System.nanoTime() - began) / 1_000_000);
  }

  /// Asks the node's name server, as a pod's libc does.
  private static void names() throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(200);
      for (String name :
          List.of(
              "trained.default.svc.cluster.local",
              "kubernetes.default.svc.cluster.local",
              "nothing.default.svc.cluster.local")) {
        for (byte type : new byte[] {1, 28, 33}) {
          byte[] question = question(name, type);
          socket.send(
              new DatagramPacket(
                  question, question.length, InetAddress.ofLiteral("10.96.0.10"), 53));
          try {
            DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
            socket.receive(answer);
          } catch (SocketTimeoutException e) {
            System.out.println("no answer about " + name);
            return;
          }
        }
      }
    } catch (IOException e) {
      // no node, or no way to it
      System.out.println("no names: " + e.getMessage());
    }
  }

  private static byte[] question(String name, byte type) throws IOException {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    bytes.write(new byte[] {1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.", -1)) {
      bytes.write(label.length());
      bytes.write(label.getBytes(StandardCharsets.US_ASCII));
    }
    bytes.write(new byte[] {0, 0, type, 0, 1});
    return bytes.toByteArray();
  }
}
