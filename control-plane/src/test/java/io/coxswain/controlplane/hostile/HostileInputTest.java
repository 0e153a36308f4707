package io.coxswain.controlplane.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.TestPlane;
import io.coxswain.controlplane.authn.User;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole server under hostile input, over TLS. How much of it and which is said by
/// `-Dcoxswain.hostile.requests=200000 -Dcoxswain.hostile.seed=7`; a failure names the number of
/// each request, which the seed gives again.
class HostileInputTest {

  private static final long SEED = Long.getLong("coxswain.hostile.seed", 1);
  private static final long REQUESTS = Long.getLong("coxswain.hostile.requests", 10_000);
  private static final long FIRST = Long.getLong("coxswain.hostile.first", 0);
  private static final long BATCH = 5_000;
  private static final int ENOUGH = 20;

  /// What would change the fate of all later requests.
  private static final List<String> FAR_REACHING =
      List.of(
          "/api/v1/namespaces/hostile-0/resourcequotas",
          "/api/v1/namespaces/hostile-1/resourcequotas",
          "/api/v1/namespaces/hostile-0/limitranges",
          "/api/v1/namespaces/hostile-1/limitranges",
          "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
          "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
          "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
          "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings");

  @TempDir static Path folder;
  private static TestPlane plane;

  @BeforeAll
  static void start() throws Exception {
    plane = TestPlane.start(folder);
    for (String namespace : RequestSource.NAMESPACES) {
      var _ =
          plane
              .plane
              .localClient(User.ADMINISTRATOR)
              .resources(Namespace.class)
              .create(
                  Namespace.newBuilder()
                      .setMetadata(ObjectMeta.newBuilder().setName(namespace))
                      .build());
      plane.account(namespace, "default");
    }
  }

  @AfterAll
  static void stop() {
    plane.close();
  }

  @Test
  void whateverComesIsAnsweredAndWhatIsStoredCanBeRead() throws Exception {
    Assault assault = new Assault(plane, new RequestSource(new Corpus(), SEED));
    List<String> unreadable = new ArrayList<>();
    int stored = 0;
    for (long from = FIRST; from < FIRST + REQUESTS; from += BATCH) {
      assault.run(from, Math.min(from + BATCH, FIRST + REQUESTS));
      ReadBack readBack = new ReadBack(plane);
      for (String problem : readBack.problems()) {
        unreadable.add("before request " + (from + BATCH) + ": " + problem);
      }
      stored = Math.max(stored, readBack.objects());
      if (unreadable.size() + assault.problems().size() > ENOUGH) {
        break;
      }
      clear();
    }
    assertThat(assault.problems()).as("answers to seed %d", SEED).isEmpty();
    assertThat(unreadable).as("stored by seed %d", SEED).isEmpty();
    System.out.printf("%d requests of seed %d: %s%n", REQUESTS, SEED, assault.byStatus());
    assertThat(stored).as("objects that got through").isGreaterThan(50);
    await()
        .untilAsserted(() ->
            assertThat(plane.get("/metrics").body())
                .contains("apiserver_longrunning_requests 0.0"));
  }

  private static void clear() throws Exception {
    for (String path : FAR_REACHING) {
      var _ = plane.send(plane.request(path).method("DELETE", HttpRequest.BodyPublishers.noBody()));
    }
  }
}
