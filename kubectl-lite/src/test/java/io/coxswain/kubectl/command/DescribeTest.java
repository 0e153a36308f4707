package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Against a golden file, written anew with `-Dcoxswain.golden=update`.
class DescribeTest extends AgainstFakeServer {

  private static final String WEB =
      """
      {"kind": "Pod", "apiVersion": "v1",
       "metadata": {"name": "web-1", "namespace": "default", "uid": "u", "creationTimestamp": "2026-03-01T11:00:00Z",
         "labels": {"tier": "front", "app": "web"},
         "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
         "ownerReferences": [{"kind": "ReplicaSet", "name": "web", "controller": true}]},
       "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": "web:1", "ports": [{"containerPort": 80}]}],
         "volumes": [{"name": "v", "emptyDir": {}}]},
       "status": {"phase": "Running", "hostIP": "10.0.0.1", "podIP": "10.244.0.5", "qosClass": "BestEffort",
         "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-03-01T11:59:30Z"}],
         "containerStatuses": [{"name": "c", "containerID": "runc://1", "imageID": "sha256:2", "ready": true, "restartCount": 1,
           "state": {"running": {"startedAt": "2026-03-01T11:59:00Z"}}}]}}
      """;

  private static void golden(String name, String text) throws Exception {
    Path file = Path.of("src/test/resources/golden", name);
    if ("update".equals(System.getProperty("coxswain.golden"))) {
      Files.writeString(file, text);
    }
    assertThat(text).isEqualTo(Files.readString(file));
  }

  @Test
  void aPodIsToldWithItsContainersAndEvents() throws Exception {
    server.on("GET " + PODS + "/web-1", WEB);
    server.on(
        "GET /api/v1/namespaces/default/events",
        """
        {"items": [{"metadata": {"name": "e"}, "type": "Normal", "reason": "Started", "message": "container c",
          "lastTimestamp": "2026-03-01T11:59:00Z", "source": {"component": "agent"}}]}
        """);

    golden("describe-pod.txt", run("describe pod web-1").out());
    assertThat(server.asked().getLast().uri()).contains("involvedObject.uid%3Du");
  }

  @Test
  void theBeginningOfANameIsEnough() {
    server.on("GET " + PODS, "{\"items\": [" + WEB + "]}");
    server.on("GET /api/v1/namespaces/default/events", "{\"items\": []}");

    assertThat(run("describe pod web").out())
        .contains("Name:")
        .contains("web-1")
        .endsWith("Events:  <none>\n");
    assertThat(run("describe pod we-").err()).contains("NotFound");
  }

  @Test
  void ofANodesPodsThoseCountThatHaveNotEnded() {
    server.on(
        "GET /api/v1/nodes/n1",
        "{\"kind\": \"Node\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"n1\", \"creationTimestamp\": \"2026-03-01T11:00:00Z\"}}");
    server.on(
        "GET /api/v1/pods",
        """
        {"items": [{"metadata": {"name": "web-1", "namespace": "default"}, "status": {"phase": "Running"}},
                   {"metadata": {"name": "old-job", "namespace": "default"}, "status": {"phase": "Succeeded"}}]}
        """);
    server.on("GET /api/v1/events", "{\"items\": []}");

    assertThat(run("describe node n1").out())
        .contains("Non-terminated Pods:  (1 in total)", "web-1")
        .doesNotContain("old-job");
  }

  @Test
  void ofAClaimItIsToldWhoUsesIt() {
    server.on(
        "GET /api/v1/namespaces/default/persistentvolumeclaims/web-1-data",
        """
        {"kind": "PersistentVolumeClaim", "apiVersion": "v1",
         "metadata": {"name": "web-1-data", "namespace": "default", "uid": "u", "creationTimestamp": "2026-03-01T11:00:00Z"},
         "spec": {"volumeName": "pvc-1", "accessModes": ["ReadWriteOnce"]}, "status": {"phase": "Bound"}}
        """);
    server.on(
        "GET " + PODS,
        """
        {"items": [
          {"metadata": {"name": "web-1"}, "spec": {"volumes": [{"name": "data", "ephemeral": {}}]}},
          {"metadata": {"name": "web-2"}, "spec": {"volumes": [{"name": "data", "ephemeral": {}}]}},
          {"metadata": {"name": "reader"}, "spec": {"volumes": [{"name": "x", "persistentVolumeClaim": {"claimName": "web-1-data"}}]}},
          {"metadata": {"name": "other"}, "spec": {"volumes": [{"name": "x", "emptyDir": {}}]}}]}
        """);
    server.on("GET /api/v1/namespaces/default/events", "{\"items\": []}");

    assertThat(run("describe persistentvolumeclaim web-1-data").out())
        .contains("pvc-1", "Bound", "Used By:  web-1, reader\n");
  }
}
