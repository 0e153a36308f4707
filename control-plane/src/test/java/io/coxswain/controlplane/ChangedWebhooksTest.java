package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Configurations of webhooks that are changed while they are at work, those that change objects
/// and those that deny them; and webhooks that take their time or cannot be trusted.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangedWebhooksTest {

  private static final String CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/";

  @TempDir static Path folder;
  private final AtomicInteger numbers = new AtomicInteger();
  private TestPlane plane;
  private WebhookServer hooks;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
    hooks = new WebhookServer(plane.plane.pki());
  }

  @AfterAll
  void stop() {
    hooks.close();
    plane.close();
  }

  /// A namespace, and a webhook that says no or marks what it sees in it.
  private final class Hooked {

    final String namespace = "changed-" + numbers.incrementAndGet();
    final String maps = "/api/v1/namespaces/" + namespace + "/configmaps";
    final String configuration;
    private final boolean denies;

    Hooked(String kind, String members, String client) throws Exception {
      denies = kind.equals("Validating");
      configuration =
          CONFIGURATIONS + kind.toLowerCase(Locale.ROOT) + "webhookconfigurations/" + namespace;
      plane.made("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + namespace + "\"}}");
      hooks.at(
          "/" + namespace,
          (_, response) -> {
            if (denies) {
              WebhookServer.deny(response, "no");
            } else {
              WebhookServer.patch(
                  response, "[{\"op\": \"add\", \"path\": \"/data/seen\", \"value\": \"1\"}]");
            }
          });
      plane.made(
          configuration.substring(0, configuration.lastIndexOf('/')),
          """
          {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "%1$sWebhookConfiguration",
           "metadata": {"name": "%2$s"}, "webhooks": [{"name": "a.hooks.example.com",
            "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "%2$s"}},
            "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"],
                       "resources": ["configmaps"]}], %3$s %4$s}]}\
          """
              .formatted(
                  kind,
                  namespace,
                  members,
                  client.isEmpty() ? hooks.client("/" + namespace) : client));
    }

    /// Whether the webhook had a say in the making of an object.
    boolean acts(String name) throws Exception {
      HttpResponse<String> answer = plane.post(maps, map(name));
      if (denies) {
        assertThat(answer.statusCode()).isIn(201, 400);
        return answer.statusCode() == 400;
      }
      return TestPlane.successful(201, answer).at("/data").has("seen");
    }

    void change(String patch) throws Exception {
      var _ =
          TestPlane.successful(
              200, plane.send("PATCH", configuration, "application/json-patch+json", patch));
    }
  }

  private static String map(String name) {
    return "{\"metadata\": {\"name\": \"%s\"}, \"data\": {\"a\": \"b\"}}".formatted(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Validating", "Mutating"})
  void aRuleThatIsPutOrPatchedCountsAtOnce(String kind) throws Exception {
    Hooked hooked = new Hooked(kind, "", "");
    assertThat(hooked.acts("a")).isTrue();
    String now = plane.read(hooked.configuration).toString();
    var _ =
        TestPlane.successful(
            200, plane.put(hooked.configuration, now.replace("\"CREATE\"", "\"UPDATE\"")));
    assertThat(hooked.acts("b")).isFalse();
    hooked.change(
        "[{\"op\":\"replace\",\"path\":\"/webhooks/0/rules/0/operations\",\"value\":[\"CREATE\"]}]");
    assertThat(hooked.acts("c")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Validating", "Mutating"})
  void conditionsAreKeptChangedAndHeeded(String kind) throws Exception {
    Hooked hooked =
        new Hooked(
            kind,
            """
            "matchConditions": [{"name": "first",
              "expression": "object.metadata.name != 'skip-me'"}],\
            """,
            "");
    assertThat(plane.read(hooked.configuration).at("/webhooks/0/matchConditions").toString())
        .isEqualTo("[{\"name\":\"first\",\"expression\":\"object.metadata.name != 'skip-me'\"}]");
    assertThat(hooked.acts("skip-me")).isFalse();
    assertThat(hooked.acts("other")).isTrue();

    String now = plane.read(hooked.configuration).toString();
    var _ =
        TestPlane.successful(
            200,
            plane.put(
                hooked.configuration,
                now.replace("first", "second").replace("!= 'skip-me'", "== 'only-me'")));
    assertThat(plane.read(hooked.configuration).at("/webhooks/0/matchConditions").toString())
        .isEqualTo("[{\"name\":\"second\",\"expression\":\"object.metadata.name == 'only-me'\"}]");
    assertThat(hooked.acts("another")).isFalse();
    assertThat(hooked.acts("only-me")).isTrue();
  }

  @Test
  void whoTakesLessThanTheTimeoutIsWaitedFor() throws Exception {
    Hooked hooked = new Hooked("Mutating", "", "");
    assertThat(plane.read(hooked.configuration).at("/webhooks/0/timeoutSeconds").asInt())
        .isEqualTo(10);
    CountDownLatch answer = new CountDownLatch(1);
    String slow = "/slow-" + hooked.namespace;
    hooks.at(
        slow,
        (_, response) -> {
          answer.await();
          WebhookServer.patch(
              response, "[{\"op\": \"add\", \"path\": \"/data/slow\", \"value\": \"1\"}]");
        });
    hooked.change(
        "[{\"op\": \"replace\", \"path\": \"/webhooks/0/clientConfig/url\", \"value\": \""
            + hooks.url(slow)
            + "\"}]");
    CompletableFuture<HttpResponse<String>> made =
        plane
            .admin()
            .sendAsync(
                plane
                    .request(hooked.maps)
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(map("slow")))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    await().until(() -> hooks.asked(slow).size() == 1);
    assertThat(made).isNotDone();
    answer.countDown();
    JsonNode object = TestPlane.successful(201, made.get());
    assertThat(object.at("/data/slow").asString()).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Validating", "Mutating"})
  void aServerThatNobodyVouchesForIsNotAsked(String kind) throws Exception {
    Hooked hooked = new Hooked(kind, "", "");
    hooked.change("[{\"op\": \"remove\", \"path\": \"/webhooks/0/clientConfig/caBundle\"}]");
    HttpResponse<String> refused = plane.post(hooked.maps, map("a"));
    assertThat(refused.statusCode()).isEqualTo(500);
    assertThat(refused.body()).contains("failed calling webhook \\\"a.hooks.example.com\\\"");
    assertThat(hooks.asked("/" + hooked.namespace)).isEmpty();
  }
}
