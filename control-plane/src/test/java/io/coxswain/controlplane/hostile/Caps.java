package io.coxswain.controlplane.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Somebody who may ask for two thousand million replicas gets them, which is no attack but a wish:
/// there is a quota of pods, as in any cluster that is shared. Among the hostile requests are such
/// that remove it or raise it, so it is looked after all the time.
final class Caps implements AutoCloseable {

  private static final long BEAT_MILLIS = 200;
  private static final String CAP = "{\"spec\":{\"hard\":{\"pods\":\"100\"}}}";
  private static final String NEW =
      "{\"metadata\":{\"name\":\"cap\"},\"spec\":{\"hard\":{\"pods\":\"100\"}}}";

  private final Target target;
  private final List<String> namespaces;
  private final Thread thread = Thread.ofVirtual().name("caps").unstarted(this::run);

  private Caps(Target target, List<String> namespaces) {
    this.target = target;
    this.namespaces = namespaces;
  }

  /// Looks after the namespaces' caps until it is closed.
  static Caps keep(Target target, List<String> namespaces) {
    Caps caps = new Caps(target, namespaces);
    caps.thread.start();
    return caps;
  }

  private void run() {
    try {
      while (true) {
        for (String namespace : namespaces) {
          restore(namespace);
        }
        TimeUnit.MILLISECONDS.sleep(BEAT_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// A policy or a webhook may refuse it for the moment, and so may its namespace that ends.
  private void restore(String namespace) throws InterruptedException {
    String path = "/api/v1/namespaces/%s/resourcequotas".formatted(namespace);
    try {
      int status =
          target
              .send(
                  "PATCH",
                  path + "/cap",
                  "application/merge-patch+json",
                  CAP.getBytes(StandardCharsets.UTF_8),
                  Target.JSON)
              .statusCode();
      if (status == 404) {
        var _ = target.send("POST", path, NEW);
      }
    } catch (IOException e) {
      // the bystander tells of a server that does not answer
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
