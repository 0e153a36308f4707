package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A program in a pod, its Service and its node are reached through the API.
@ExtendWith({OneNode.class, FailureLogs.class})
final class ProxyingTest {

  private static final String NAMESPACE = "/api/v1/namespaces/proxying/";

  @BeforeAll
  static void serve(TestCluster cluster) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: proxying}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: proxying}
            spec:
              selector: {app: proxied}
              ports: [{name: http, port: 80, targetPort: 8080}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: proxying, labels: {app: proxied}}
            spec:
              containers:
                - name: main
                  image: host:///
                  ports: [{containerPort: 8080}]
                  readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
                  command:
                    - perl
                    - -e
                    - |
                      use IO::Socket::INET;
                      my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1) or die $!;
                      while (my $client = $server->accept) {
                        my $line = <$client> // next;
                        while (<$client> =~ /\\S/) {}
                        my ($method, $path) = split " ", $line;
                        my $body = "<a href=\\"/x\\">$method $path</a>";
                        print $client "HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nContent-Length: "
                          . length($body) . "\\r\\n\\r\\n$body";
                        close $client;
                      }
            """)
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                cluster
                    .kubectl(
                        "-n",
                        "proxying",
                        "get",
                        "pod",
                        "web",
                        "-o",
                        "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}")
                    .out(),
            "True"::equals);
  }

  /// By the server's own socket, as its administrator.
  private static String raw(TestCluster cluster, String path) {
    return Command.run(
            Duration.ofSeconds(30),
            Map.of(),
            "",
            List.of(
                "curl",
                "-sS",
                "--unix-socket",
                cluster.run().resolve("admin").resolve("api.sock").toString(),
                "http://localhost" + path))
        .succeeded()
        .out();
  }

  @Test
  void podsAndServicesAnswer(TestCluster cluster) {
    for (String to : new String[] {"pods/web", "pods/web:8080", "pods/http:web:8080"}) {
      assertThat(raw(cluster, NAMESPACE + to + "/proxy/a?b=c"))
          .isEqualTo("<a href=\"" + NAMESPACE + to + "/proxy/x\">GET /a?b=c</a>");
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(raw(cluster, NAMESPACE + "services/web:http/proxy/")).contains("GET /<"));
    assertThat(raw(cluster, NAMESPACE + "services/web:80/proxy/")).contains("GET /<");
  }

  @Test
  void theNodeAnswersByItsAgent(TestCluster cluster) {
    String name = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}").out();
    String node = "/api/v1/nodes/" + name + "/proxy";
    assertThat(raw(cluster, node + "/healthz")).isEqualTo("ok");
    assertThat(raw(cluster, node + "/metrics")).contains("kubelet_running_pods");
    assertThat(raw(cluster, node + "/stats/summary")).contains("\"nodeName\":\"" + name + "\"");
    assertThat(raw(cluster, node + "/pods")).contains("\"PodList\"").contains("\"name\":\"web\"");
    assertThat(raw(cluster, node + "/logs/")).contains("<a href=");
    assertThat(raw(cluster, node + "/configz")).contains("has no /configz");
  }
}
