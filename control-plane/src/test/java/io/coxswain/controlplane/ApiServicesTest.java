package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the controllers as they run, and what they may do.
class ApiServicesTest {

  @TempDir static Path folder;

  @Test
  void whatIsServedIsSaidToBeAvailable() throws Exception {
    try (TestPlane test = TestPlane.startWithControllers(folder)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> {
            for (String name : new String[] {"v1.", "v1.apps", "v1.apiregistration.k8s.io"}) {
              String path = "/apis/apiregistration.k8s.io/v1/apiservices/" + name;
              assertThat(test.send(test.request(path).GET()).body())
                  .contains("\"reason\":\"Local\"", "\"status\":\"True\"");
            }
          });
    }
  }
}
