package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What several who watch over REST are promised: where they begin, what they see and in which
/// order.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchersTest {

  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

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

  private String made(String name, String label) throws Exception {
    return version(
        plane.made(
            MAPS,
            """
            {"metadata": {"name": "%s", "labels": {"watch": "%s"}}, "data": {"n": "0"}}\
            """
                .formatted(name, label)));
  }

  private String changed(String name, String patch) throws Exception {
    return version(TestPlane.successful(200, plane.merge(MAPS + "/" + name, patch)));
  }

  private static String counted(int n) {
    return "{\"data\": {\"n\": \"%d\"}}".formatted(n);
  }

  private void gone(String name) throws Exception {
    var _ = TestPlane.successful(200, plane.delete(MAPS + "/" + name));
  }

  private static String version(JsonNode object) {
    return object.at("/metadata/resourceVersion").asString();
  }

  private static String selecting(String label) {
    return "labelSelector=watch%3D" + label;
  }

  private OpenWatch watching(String query) throws Exception {
    return OpenWatch.fromNow(plane, MAPS, query);
  }

  @Test
  void eachSeesWhatItSelectsAndNothingElse() throws Exception {
    try (OpenWatch a = watching(selecting("a"));
        OpenWatch b = watching(selecting("b"));
        OpenWatch either = watching("labelSelector=watch%20in%20(a,b)")) {
      made("seen-a", "a");
      changed("seen-a", counted(1));
      gone("seen-a");
      made("seen-b", "b");
      gone("seen-b");

      List<String> ofA = List.of("ADDED seen-a", "MODIFIED seen-a", "DELETED seen-a");
      List<String> ofB = List.of("ADDED seen-b", "DELETED seen-b");
      assertThat(take(a, 3)).isEqualTo(ofA);
      assertThat(take(b, 2)).isEqualTo(ofB);
      List<String> both = new ArrayList<>(ofA);
      both.addAll(ofB);
      assertThat(take(either, 5)).isEqualTo(both);
    }
  }

  private static List<String> take(OpenWatch watch, int count) {
    List<String> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(watch.nextInWords());
    }
    return events;
  }

  @Test
  void beginsBehindTheVersionThatItNames() throws Exception {
    made("past", "past");
    String first = changed("past", counted(1));
    changed("past", counted(2));
    gone("past");
    try (OpenWatch watch = OpenWatch.of(plane, MAPS, selecting("past"), first)) {
      JsonNode second = watch.next();
      assertThat(second.path("type").asString()).isEqualTo("MODIFIED");
      assertThat(second.at("/object/data/n").asString()).isEqualTo("2");
      assertThat(watch.nextInWords()).isEqualTo("DELETED past");
    }
  }

  @Test
  void goesOnWhereAnotherStopped() throws Exception {
    String last;
    try (OpenWatch watch = watching(selecting("again"))) {
      made("again", "again");
      assertThat(watch.nextInWords()).isEqualTo("ADDED again");
      changed("again", counted(1));
      last = version(watch.next().path("object"));
    }
    changed("again", counted(2));
    gone("again");
    try (OpenWatch watch = OpenWatch.of(plane, MAPS, selecting("again"), last)) {
      JsonNode event = watch.next();
      assertThat(event.at("/object/data/n").asString()).isEqualTo("2");
      assertThat(watch.nextInWords()).isEqualTo("DELETED again");
    }
  }

  @Test
  void anObjectThatIsNoLongerSelectedIsGoneUntilItIsAgain() throws Exception {
    try (OpenWatch watch = watching(selecting("label"))) {
      made("turned", "label");
      assertThat(watch.nextInWords()).isEqualTo("ADDED turned");
      changed("turned", "{\"metadata\": {\"labels\": {\"watch\": \"other\"}}}");
      assertThat(watch.nextInWords()).isEqualTo("DELETED turned");
      changed("turned", counted(7));
      changed("turned", "{\"metadata\": {\"labels\": {\"watch\": \"label\"}}}");
      JsonNode back = watch.next();
      assertThat(back.path("type").asString()).isEqualTo("ADDED");
      assertThat(back.at("/object/data/n").asString()).isEqualTo("7");
      gone("turned");
      assertThat(watch.nextInWords()).isEqualTo("DELETED turned");
    }
  }

  @Test
  void allSeeOneOrderWhereverTheyBegin() throws Exception {
    int changes = 30;
    try (OpenWatch first = watching("")) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < changes; i++) {
                    switch (i % 3) {
                      case 0 -> made("order-" + i, "order");
                      case 1 -> changed("order-" + (i - 1), counted(i));
                      default -> gone("order-" + (i - 2));
                    }
                  }
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      List<OpenWatch> others = new ArrayList<>();
      List<String> seen = new ArrayList<>();
      try {
        while (seen.size() < changes) {
          seen.add(version(first.next().path("object")));
          others.add(OpenWatch.of(plane, MAPS, "", seen.getLast()));
        }
        for (int i = 0; i < changes - 1; i++) {
          List<String> same = new ArrayList<>();
          for (int j = i + 1; j < changes; j++) {
            same.add(version(others.get(i).next().path("object")));
          }
          assertThat(same).isEqualTo(seen.subList(i + 1, changes));
        }
      } finally {
        others.forEach(OpenWatch::close);
        writer.join();
      }
    }
  }

  /// Some clients take a refusal of the watch itself for something that passes, and try again for
  /// ever.
  @Test
  void aVersionThatIsForgottenIsToldByAnEvent() throws Exception {
    var _ = made("late", "late");
    var _ =
        plane.made(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            """
            {"metadata": {"name": "boats.watch.example.com"}, "spec": {"group": "watch.example.com",
             "scope": "Cluster", "names": {"plural": "boats", "kind": "Boat"},
             "versions": [{"name": "v1", "served": true, "storage": true,
               "schema": {"openAPIV3Schema": {"type": "object"}}}]}}\
            """);
    String boats = "/apis/watch.example.com/v1/boats";
    await().ignoreExceptions().until(() -> plane.read(boats).has("items"));
    try (OpenWatch watch = OpenWatch.of(plane, boats, "", "1")) {
      JsonNode event = watch.next();
      assertThat(event.path("type").asString()).isEqualTo("ERROR");
      assertThat(event.at("/object/code").asInt()).isEqualTo(410);
      assertThat(event.at("/object/reason").asString()).isEqualTo("Expired");
    }
  }
}
