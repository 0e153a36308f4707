package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// No request fails while a Deployment rolls to a new version and back.
@ExtendWith({OneNode.class, FailureLogs.class})
final class RollingUpdateTest {

  private static final long REQUESTS = 10_000;
  private static final int PORT = 30091;

  private static String manifest(String version) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: rolling, namespace: rolling}
    spec:
      replicas: 4
      selector: {matchLabels: {app: rolling}}
      strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}
      template:
        metadata: {labels: {app: rolling}}
        spec:
          terminationGracePeriodSeconds: 10
          containers:
            - name: web
              image: host:///
              env: [{name: VERSION, value: "%s"}]
              command:
                - perl
                - -MIO::Socket::INET
                - -e
                - |
                  my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 256, ReuseAddr => 1) or die $!;
                  while (my $client = $server->accept) {
                    while (my $line = <$client>) { last if $line =~ /^\\r?\\n$/ }
                    my $body = "$ENV{VERSION}\\n";
                    print $client "HTTP/1.0 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
                    close $client;
                  }
              readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
              lifecycle: {preStop: {sleep: {seconds: 2}}}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: rolling, namespace: rolling}
    spec:
      type: NodePort
      selector: {app: rolling}
      ports: [{port: 80, targetPort: 8080, nodePort: %d}]
    """
        .formatted(version, PORT);
  }

  @Test
  void noRequestFailsWhileVersionsChange(TestCluster cluster) throws InterruptedException {
    cluster.kubectl("create", "namespace", "rolling").succeeded();
    cluster.apply(manifest("one")).succeeded();
    finished(cluster);
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptionsInstanceOf(IOException.class)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(Http.get("127.0.0.1", PORT, "/")).isEqualTo("one\n"));
    Http.Load load = new Http.Load("127.0.0.1", PORT, 4);
    try {
      cluster.apply(manifest("two")).succeeded();
      finished(cluster);
      await().atMost(Duration.ofMinutes(2)).until(() -> load.succeeded() >= REQUESTS / 2);
      cluster.kubectl("-n", "rolling", "rollout", "undo", "deployment/rolling").succeeded();
      finished(cluster);
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> load.succeeded() + load.failed() >= REQUESTS);
    } finally {
      load.end();
    }
    System.out.println(
        "rolling update: " + load.succeeded() + " requests answered, " + load.failed() + " failed");
    assertThat(load.failed()).as(load.firstFailures()).isZero();
    await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(Http.get("127.0.0.1", PORT, "/")).isEqualTo("one\n"));
    cluster.kubectl("delete", "namespace", "rolling", "--timeout=60s").succeeded();
  }

  private static void finished(TestCluster cluster) {
    cluster
        .kubectl("-n", "rolling", "rollout", "status", "deployment/rolling", "--timeout=55s")
        .succeeded();
  }
}
