package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Flow schemas and priority levels as clients meet them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FlowControlTest {

  private static final String GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1/";
  private static final String LEVELS = GROUP + "prioritylevelconfigurations";
  private static final String SCHEMAS = GROUP + "flowschemas";

  @TempDir static Path folder;
  private TestPlane plane;

  @BeforeAll
  void start() throws Exception {
    plane = TestPlane.start(folder);
  }

  @AfterAll
  void stop() {
    plane.close();
  }

  private JsonNode made(String path, String body) throws Exception {
    HttpResponse<String> answer = plane.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    assertThat(answer.headers().firstValue("warning")).isEmpty();
    return TestPlane.json(answer);
  }

  private JsonNode level(String name, int shares) throws Exception {
    return made(
        LEVELS,
        """
        {"metadata": {"name": "%s"}, "spec": {"type": "Limited", "limited": {
          "nominalConcurrencyShares": %d, "borrowingLimitPercent": 0,
          "limitResponse": {"type": "Queue", "queuing": {}}}}}\
        """
            .formatted(name, shares));
  }

  private JsonNode schema(String name, String level, String user) throws Exception {
    return made(
        SCHEMAS,
        """
        {"metadata": {"name": "%s"}, "spec": {"matchingPrecedence": 1000,
          "priorityLevelConfiguration": {"name": "%s"}, "distinguisherMethod": {"type": "ByUser"},
          "rules": [{"subjects": [{"kind": "User", "user": {"name": "%s"}}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}]}]}}\
        """
            .formatted(name, level, user));
  }

  private HttpResponse<String> as(String user, String path) throws Exception {
    HttpRequest.Builder request = plane.request(path).header("Impersonate-User", user);
    return plane.send(request.header("Impersonate-Group", "system:authenticated"));
  }

  private static String header(HttpResponse<String> answer, String part) {
    return answer.headers().firstValue("X-Kubernetes-PF-" + part + "-UID").orElse("");
  }

  private static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asString();
  }

  @Test
  void anAnswerNamesTheSchemaAndTheLevelThatServedIt() throws Exception {
    JsonNode level = level("testing", 1);
    JsonNode schema = schema("testing", "testing", "noxu");
    assertThat(level.at("/spec/limited/limitResponse/queuing/handSize").asInt()).isEqualTo(8);
    await().until(() -> header(as("noxu", "/version"), "FlowSchema").equals(uid(schema)));
    HttpResponse<String> answer = as("noxu", "/version");
    assertThat(header(answer, "PriorityLevel")).isEqualTo(uid(level));
    HttpResponse<String> other = as("foo", "/version");
    assertThat(header(other, "FlowSchema")).isNotEmpty().isNotEqualTo(uid(schema));
    assertThat(header(other, "PriorityLevel")).isNotEmpty().isNotEqualTo(uid(level));
  }

  @Test
  void whoHasNoSeatsIsToldToComeAgain() throws Exception {
    var _ = level("jail", 0);
    JsonNode schema = schema("jail", "jail", "mallory");
    await()
        .until(() ->
            header(as("mallory", "/version?timeout=100ms"), "FlowSchema").equals(uid(schema)));
    HttpResponse<String> answer = as("mallory", "/version?timeout=400ms");
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
    assertThat(TestPlane.json(answer).path("message").asString())
        .isEqualTo("Too many requests, please try again later.");
  }

  @Test
  void aSchemaWithoutItsLevelSaysSo() throws Exception {
    var _ = schema("lost", "nowhere", "anna");
    await().until(() -> dangling("lost").equals("True NotFound"));
    var _ = level("nowhere", 1);
    await().until(() -> dangling("lost").equals("False Found"));
  }

  private String dangling(String name) throws Exception {
    JsonNode condition =
        TestPlane.json(plane.get(SCHEMAS + "/" + name)).path("status").path("conditions").path(0);
    return condition.path("status").asString("") + " " + condition.path("reason").asString("");
  }

  @Test
  void whatEveryClusterHasIsKept() throws Exception {
    HttpRequest.Builder fixed =
        plane
            .request(SCHEMAS + "/catch-all")
            .header("content-type", "application/merge-patch+json")
            .method(
                "PATCH",
                HttpRequest.BodyPublishers.ofString("{\"spec\": {\"matchingPrecedence\": 77}}"));
    HttpResponse<String> refused = plane.send(fixed);
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("spec of 'catch-all' must equal the fixed value");

    assertThat(plane.send(plane.request(SCHEMAS + "/global-default").DELETE()).statusCode())
        .isEqualTo(200);
    await().until(() -> plane.get(SCHEMAS + "/global-default").statusCode() == 200);

    HttpRequest.Builder changed =
        plane
            .request(LEVELS + "/workload-low")
            .header("content-type", "application/merge-patch+json")
            .method(
                "PATCH",
                HttpRequest.BodyPublishers.ofString(
                    "{\"spec\": {\"limited\": {\"nominalConcurrencyShares\": 7}}}"));
    assertThat(plane.send(changed).statusCode()).isEqualTo(200);
    await()
        .until(() ->
            TestPlane.json(plane.get(LEVELS + "/workload-low"))
                    .at("/spec/limited/nominalConcurrencyShares")
                    .asInt()
                == 100);
  }

  @Test
  void aTimeoutThatIsNoneIsRefused() throws Exception {
    HttpResponse<String> answer = plane.get("/version?timeout=soon");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("invalid timeout specified in the request URL");
  }
}
