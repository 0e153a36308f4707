package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.server.Fact;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Every verb of every resource of Kubernetes' stable groups is answered, and no other verb.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryVerbTest {

  private static final List<String> OF_OBJECTS = List.of("get", "update", "patch", "delete");
  private static final List<String> OF_LISTS =
      List.of("list", "watch", "create", "deletecollection");
  private static final List<String> OF_PARTS =
      List.of("get", "create", "update", "patch", "delete");

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

  static Stream<Fact> facts() throws Exception {
    // what is passed on to others has tests of its own
    return Fact.all().stream().filter(fact -> !fact.part().equals("proxy"));
  }

  @ParameterizedTest
  @MethodSource("facts")
  void isAnswered(Fact fact) throws Exception {
    if (!fact.part().isEmpty()) {
      for (String verb : OF_PARTS) {
        check(fact, verb, "/nothing-like-it/" + fact.part());
      }
      return;
    }
    for (String verb : OF_OBJECTS) {
      check(fact, verb, "/nothing-like-it");
    }
    for (String verb : OF_LISTS) {
      check(fact, verb, "");
    }
  }

  private void check(Fact fact, String verb, String rest) throws Exception {
    String path =
        fact.root()
            + (fact.namespaced() ? "/namespaces/default/" : "/")
            + fact.resource()
            + rest
            + query(verb);
    HttpResponse<String> answer = send(verb, path, body(fact));
    String about = verb + " " + path + " answers " + answer.statusCode() + " " + answer.body();
    if (!fact.verbs().contains(verb)) {
      assertThat(answer.statusCode()).as(about).isIn(404, 405);
      return;
    }
    assertThat(answer.statusCode()).as(about).isLessThan(500).isNotEqualTo(405);
    if (answer.statusCode() == 404) {
      assertThat(answer.body()).as(about).doesNotContain("could not find the requested resource");
    }
    if (answer.statusCode() == 200 && verb.equals("list")) {
      assertThat(TestPlane.json(answer).path("kind").asString())
          .isEqualTo(fact.kind().substring(fact.kind().lastIndexOf('/') + 1) + "List");
    }
  }

  /// A watch of a version that is none is refused, as a watch.
  private static String query(String verb) {
    return switch (verb) {
      case "watch" -> "?watch=1&resourceVersion=none";
      case "deletecollection" -> "?labelSelector=nothing%3Dlike-it";
      default -> "";
    };
  }

  private static String body(Fact fact) {
    int name = fact.kind().lastIndexOf('/');
    return """
    {"apiVersion": "%s", "kind": "%s", "metadata": {"name": "nothing-like-it"}}
    """
        .formatted(fact.kind().substring(0, name), fact.kind().substring(name + 1));
  }

  private HttpResponse<String> send(String verb, String path, String body) throws Exception {
    String method =
        switch (verb) {
          case "get", "list", "watch" -> "GET";
          case "create" -> "POST";
          case "update" -> "PUT";
          case "patch" -> "PATCH";
          default -> "DELETE";
        };
    boolean sends = !method.equals("GET") && !method.equals("DELETE");
    return plane.send(
        plane
            .request(path)
            .header(
                "content-type",
                verb.equals("patch") ? "application/merge-patch+json" : "application/json")
            .method(method, sends ? BodyPublishers.ofString(body) : BodyPublishers.noBody()));
  }

  @Test
  void componentsSayHowTheyAre() throws Exception {
    HttpResponse<String> answer = plane.get("/api/v1/componentstatuses");
    JsonNode list = TestPlane.json(answer);

    assertThat(list.path("items").valueStream().map(one -> one.at("/metadata/name").asString()))
        .containsExactly("scheduler", "controller-manager", "etcd-0");
    assertThat(list.at("/items/2/conditions/0/status").asString()).isEqualTo("True");
    // nobody schedules here
    assertThat(list.at("/items/0/conditions/0/status").asString()).isEqualTo("False");
    assertThat(answer.headers().firstValue("warning").orElse(""))
        .contains("v1 ComponentStatus is deprecated in v1.19+");
    assertThat(plane.get("/api/v1/componentstatuses/etcd-0").statusCode()).isEqualTo(200);
    assertThat(plane.get("/api/v1/componentstatuses/other").statusCode()).isEqualTo(404);
  }
}
