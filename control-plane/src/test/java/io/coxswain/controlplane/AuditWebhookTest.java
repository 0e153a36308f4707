package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.coxswain.controlplane.audit.AuditOptions;
import io.coxswain.controlplane.pki.Pki;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The audit log sent to a server of somebody.
final class AuditWebhookTest {

  private static final String POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived]
      rules: [{level: Metadata, nonResourceURLs: [/version]}]
      """;

  @TempDir Path folder;
  private WebhookServer receiver;

  @BeforeEach
  void start() throws Exception {
    receiver = new WebhookServer(Pki.open(folder.resolve("receiver"), Clock.systemUTC()));
  }

  @AfterEach
  void stop() {
    receiver.close();
  }

  private Path kubeconfig(String user) throws Exception {
    return Files.writeString(
        folder.resolve("receiver.kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: receiver
          cluster: {server: "%s", certificate-authority-data: %s}
        users:
        - name: apiserver
          user: %s
        contexts:
        - name: told
          context: {cluster: receiver, user: apiserver}
        current-context: told
        """
            .formatted(receiver.url("/events"), receiver.authority(), user));
  }

  private TestPlane plane(Path kubeconfig, int queue) throws Exception {
    return TestPlane.start(
        ControlPlaneOptions.inMemory(folder.resolve("plane"))
            .serving(
                ServingOptions.DEFAULT.audited(
                    new AuditOptions(
                        Optional.of(Files.writeString(folder.resolve("policy.yaml"), POLICY)),
                        Optional.empty(),
                        Optional.of(
                            new AuditOptions.Webhook(
                                kubeconfig,
                                queue,
                                2,
                                Duration.ofMillis(20),
                                Duration.ofMillis(10)))))));
  }

  @Test
  void eventsAreSentAsListsAndAgainWhenTheyWereNotTaken() throws Exception {
    List<JsonNode> lists = new CopyOnWriteArrayList<>();
    List<String> tokens = new CopyOnWriteArrayList<>();
    AtomicInteger asked = new AtomicInteger();
    receiver.raw(
        "/events",
        (exchange, list) -> {
          if (asked.getAndIncrement() == 0) {
            WebhookServer.send(exchange, 503, "later");
            return;
          }
          tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
          lists.add(list);
          WebhookServer.send(exchange, 200, "");
        });
    String id;
    try (TestPlane plane = plane(kubeconfig("{token: secret}"), 100)) {
      id = plane.get("/version").headers().firstValue("audit-id").orElseThrow();
      await().until(() -> !lists.isEmpty());
    }
    JsonNode list = lists.getFirst();
    assertThat(list.path("kind").asString()).isEqualTo("EventList");
    assertThat(list.path("apiVersion").asString()).isEqualTo("audit.k8s.io/v1");
    JsonNode event = list.at("/items/0");
    assertThat(event.has("kind")).isFalse();
    assertThat(event.path("auditID").asString()).isEqualTo(id);
    assertThat(event.path("stage").asString()).isEqualTo("ResponseComplete");
    assertThat(tokens.getFirst()).isEqualTo("Bearer secret");
  }

  @Test
  void aReceiverThatHangsHoldsNobodyUp() throws Exception {
    CountDownLatch mayAnswer = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    receiver.raw(
        "/events",
        (exchange, _) -> {
          asked.countDown();
          mayAnswer.await();
          WebhookServer.send(exchange, 200, "");
        });
    try (TestPlane plane = plane(kubeconfig("{}"), 3)) {
      assertThat(plane.get("/version").statusCode()).isEqualTo(200);
      asked.await();
      for (int i = 0; i < 20; i++) {
        assertThat(plane.get("/version").statusCode()).isEqualTo(200);
      }
      assertThat(plane.get("/metrics").body())
          .containsPattern("(?m)^apiserver_audit_error_total\\{plugin=\"buffered\"\\} [1-9]");
      mayAnswer.countDown();
    }
  }

  @Test
  void whatIsWrongIsSaidAtTheStart() throws Exception {
    assertThatThrownBy(() -> plane(kubeconfig("{exec: {command: get-token}}"), 1).close())
        .hasMessageContaining("receiver.kubeconfig")
        .hasMessageContaining("users: exec is not known here");
    Path policy =
        Files.writeString(
            folder.resolve("broken.yaml"),
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Much}]\n");
    AuditOptions options =
        new AuditOptions(
            Optional.of(policy),
            Optional.of(new AuditOptions.Log(folder.resolve("a.log").toString(), 1, 1, 1)),
            Optional.empty());
    assertThatThrownBy(() ->
            ControlPlane.start(
                    ControlPlaneOptions.inMemory(folder.resolve("other"))
                        .serving(ServingOptions.DEFAULT.audited(options)),
                    new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
                .close())
        .hasMessageContaining("broken.yaml: rules[0].level: Unsupported value: \"Much\"");
    assertThatThrownBy(
            () -> new AuditOptions(Optional.of(policy), Optional.empty(), Optional.empty()))
        .hasMessageContaining("--audit-log-path");
  }
}
