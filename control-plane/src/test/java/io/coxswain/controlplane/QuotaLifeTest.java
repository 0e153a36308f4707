package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Quotas as people watch them: what is made is counted, what is gone is given back.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuotaLifeTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir static Path folder;
  private final AtomicInteger numbers = new AtomicInteger();
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.startWithControllers(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  /// The path of a namespace that has what every one begins with.
  private String namespace() throws Exception {
    String name = "quota-" + numbers.incrementAndGet();
    plane.made("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + name + "\"}}");
    String home = "/api/v1/namespaces/" + name;
    await()
        .atMost(SOON)
        .until(() ->
            plane.get(home + "/serviceaccounts/default").statusCode() == 200
                && plane.get(home + "/configmaps/kube-root-ca.crt").statusCode() == 200);
    return home;
  }

  private void quota(String home, String name, String hard, String more) throws Exception {
    plane.made(
        home + "/resourcequotas",
        """
        {"metadata": {"name": "%s"}, "spec": {"hard": {%s} %s}}\
        """
            .formatted(name, hard, more));
  }

  private String used(String home, String quota, String resource) throws Exception {
    return plane
        .read(home + "/resourcequotas/" + quota)
        .path("status")
        .path("used")
        .path(resource)
        .asString("");
  }

  private void awaitUsed(String home, String quota, String resource, String amount) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(used(home, quota, resource)).isEqualTo(amount));
  }

  /// @param path below the namespace, or the whole one of another group with `NAMESPACE` in it
  /// @param before how many every namespace has
  record Counted(String resource, String path, String object, int before) {
    @Override
    public String toString() {
      return resource;
    }
  }

  static List<Counted> counted() {
    String template =
        """
        "template": {"metadata": {"labels": {"a": "b"}},
          "spec": {"containers": [{"name": "c", "image": "i"}]}}\
        """;
    return List.of(
        new Counted("configmaps", "/configmaps", "\"data\": {\"a\": \"b\"}", 1),
        new Counted("secrets", "/secrets", "\"stringData\": {\"a\": \"b\"}", 0),
        new Counted("services", "/services", "\"spec\": {\"ports\": [{\"port\": 80}]}", 0),
        new Counted(
            "services.nodeports",
            "/services",
            "\"spec\": {\"type\": \"NodePort\", \"ports\": [{\"port\": 80}]}",
            0),
        new Counted(
            "replicationcontrollers",
            "/replicationcontrollers",
            "\"spec\": {\"replicas\": 0, \"selector\": {\"a\": \"b\"}, " + template + "}",
            0),
        new Counted(
            "count/replicasets.apps",
            "/apis/apps/v1/namespaces/NAMESPACE/replicasets",
            "\"spec\": {\"replicas\": 0, \"selector\": {\"matchLabels\": {\"a\": \"b\"}}, "
                + template
                + "}",
            0));
  }

  @ParameterizedTest
  @MethodSource("counted")
  void whatIsMadeIsCountedAndGivenBack(Counted kind) throws Exception {
    String home = namespace();
    String path =
        kind.path().startsWith("/apis/")
            ? kind.path().replace("NAMESPACE", home.substring(home.lastIndexOf('/') + 1))
            : home + kind.path();
    int most = kind.before() + 1;
    quota(
        home,
        "q",
        "\"%s\": \"%d\", \"resourcequotas\": \"5\"".formatted(kind.resource(), most),
        "");
    awaitUsed(home, "q", kind.resource(), Integer.toString(kind.before()));
    awaitUsed(home, "q", "resourcequotas", "1");

    String one = "{\"metadata\": {\"name\": \"one\"}, " + kind.object() + "}";
    plane.made(path, one);
    awaitUsed(home, "q", kind.resource(), Integer.toString(most));
    HttpResponse<String> refused = plane.post(path, one.replace("one", "two"));
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(refused.body()).contains("exceeded quota: q, requested: " + kind.resource() + "=1");

    assertThat(plane.delete(path + "/one").statusCode()).isEqualTo(200);
    awaitUsed(home, "q", kind.resource(), Integer.toString(kind.before()));
    plane.made(path, one.replace("one", "two"));
  }

  private static String pod(String name, String amounts, String more) {
    return """
    {"metadata": {"name": "%s"}, "spec": {%s "containers": [{"name": "c", "image": "i",
      "resources": {"requests": {%3$s}, "limits": {%3$s}}}]}}\
    """
        .formatted(name, more, amounts);
  }

  @Test
  void whatAPodAsksForIsCountedUntilItIsGone() throws Exception {
    String home = namespace();
    String pods = home + "/pods";
    String dongles = "requests.example.com/dongle";
    quota(
        home,
        "q",
        """
        "pods": "5", "cpu": "1", "memory": "500Mi", "ephemeral-storage": "50Gi",
        "requests.example.com/dongle": "3"\
        """,
        "");
    awaitUsed(home, "q", "pods", "0");
    String amounts =
        """
        "cpu": "500m", "memory": "252Mi", "ephemeral-storage": "30Gi", "example.com/dongle": "2"\
        """;
    plane.made(pods, pod("fits", amounts, ""));
    awaitUsed(home, "q", "pods", "1");
    for (String[] one :
        new String[][] {
          {"cpu", "500m"}, {"memory", "252Mi"}, {"ephemeral-storage", "30Gi"}, {dongles, "2"}
        }) {
      assertThat(used(home, "q", one[0])).as(one[0]).isEqualTo(one[1]);
    }

    String less = amounts.replace("30Gi", "1Gi").replace("252Mi", "10Mi");
    HttpResponse<String> tooManyDongles =
        plane.post(pods, pod("second", less.replace("500m", "10m"), ""));
    assertThat(tooManyDongles.statusCode()).isEqualTo(403);
    assertThat(tooManyDongles.body()).contains("exceeded quota: q", dongles + "=2");
    HttpResponse<String> tooMuch =
        plane.post(pods, pod("third", less.replace("500m", "600m").replace("\"2\"", "\"1\""), ""));
    assertThat(tooMuch.statusCode()).isEqualTo(403);
    assertThat(tooMuch.body()).contains("requested: cpu=600m", "used: cpu=500m");
    JsonNode fits = plane.read(pods + "/fits");
    assertThat(plane.put(pods + "/fits", fits.toString().replace("252Mi", "100Mi")).statusCode())
        .isEqualTo(422);
    assertThat(used(home, "q", "memory")).isEqualTo("252Mi");

    assertThat(plane.delete(pods + "/fits?gracePeriodSeconds=0").statusCode()).isEqualTo(200);
    for (String resource : List.of("pods", "cpu", "memory", "ephemeral-storage", dongles)) {
      awaitUsed(home, "q", resource, "0");
    }
  }

  record Scoped(String pod, String counting, String other) {}

  static List<Scoped> scopes() {
    String sized = "\"cpu\": \"100m\", \"memory\": \"10Mi\"";
    return List.of(
        new Scoped(pod("p", "", ""), "besteffort", "notbesteffort"),
        new Scoped(pod("p", sized, ""), "notbesteffort", "besteffort"),
        new Scoped(pod("p", sized, ""), "notterminating", "terminating"),
        new Scoped(
            pod("p", sized, "\"activeDeadlineSeconds\": 3600,"), "terminating", "notterminating"));
  }

  @ParameterizedTest
  @MethodSource("scopes")
  void aPodIsCountedByTheQuotasOfItsScope(Scoped row) throws Exception {
    String home = namespace();
    for (String scope : List.of("BestEffort", "NotBestEffort", "Terminating", "NotTerminating")) {
      quota(
          home,
          scope.toLowerCase(java.util.Locale.ROOT),
          "\"pods\": \"5\"",
          ", \"scopes\": [\"" + scope + "\"]");
      awaitUsed(home, scope.toLowerCase(java.util.Locale.ROOT), "pods", "0");
    }
    plane.made(home + "/pods", row.pod());
    awaitUsed(home, row.counting(), "pods", "1");
    assertThat(used(home, row.other(), "pods")).isEqualTo("0");
    assertThat(plane.delete(home + "/pods/p?gracePeriodSeconds=0").statusCode()).isEqualTo(200);
    awaitUsed(home, row.counting(), "pods", "0");
  }

  @Test
  void whatAQuotaSaysOfItselfFollowsItsWish() throws Exception {
    String home = namespace();
    String path = home + "/resourcequotas/q";
    quota(home, "q", "\"cpu\": \"1\", \"memory\": \"500Mi\"", "");
    awaitHard(path, "500Mi");
    JsonNode quota = plane.read(path);
    assertThat(plane.put(path, quota.toString().replace("\"500Mi\"", "\"1Gi\"")).statusCode())
        .isIn(200, 409);
    assertThat(plane.merge(path, "{\"spec\": {\"hard\": {\"memory\": \"1Gi\"}}}").statusCode())
        .isEqualTo(200);
    awaitHard(path, "1Gi");
    JsonNode odd =
        TestPlane.successful(
            200, plane.merge(path + "/status", "{\"status\": {\"hard\": {\"memory\": \"9Gi\"}}}"));
    assertThat(odd.at("/spec/hard/memory").asString()).isEqualTo("1Gi");
    awaitHard(path, "1Gi");

    assertThat(plane.delete(path).statusCode()).isEqualTo(200);
    assertThat(plane.get(path).statusCode()).isEqualTo(404);
  }

  private void awaitHard(String path, String memory) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(plane.read(path + "/status").at("/status/hard/memory").asString(""))
                .isEqualTo(memory));
  }
}
