package io.coxswain.kubectl.command;

import io.coxswain.kubectl.testing.Transcript;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands and what they print, in files that people can read.
class TranscriptsTest extends AgainstFakeServer {

  @BeforeEach
  void objects() throws Exception {
    Files.writeString(folder.resolve("f.txt"), "hi\n");
    Files.writeString(folder.resolve("e.env"), "# comment\nA=b\nUNSET\nC=d=e\n");
    String web =
        """
        {"apiVersion": "apps/v1", "kind": "Deployment",
         "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
         "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"spec": {"containers": [
           {"name": "a", "image": "nginx:1", "env": [{"name": "OLD", "value": "1"},
             {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "a.b"}}}]},
           {"name": "b", "image": "b:1"}]}}}}
        """;
    server.on("GET " + DEPLOYMENTS + "/web", web);
    server.on("PATCH " + DEPLOYMENTS + "/web", web);
    String map =
        """
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"},
         "data": {"a.b": "1"}}
        """;
    server.on("GET /api/v1/namespaces/default/configmaps/c", map);
    server.on("PATCH /api/v1/namespaces/default/configmaps/c", map);
    Files.writeString(folder.resolve("t"), "{{.kind}}{{\"\\n\"}}");
    server.on(
        "GET /api/v1/namespaces/default/configmaps/gt",
        """
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"name": "gt", "labels": {"a": "b", "c": "d"}, "managedFields": [{}]},
         "data": {"k1": "v1", "k2": "x<y>&\\"'", "enc": "aGVsbG8="}}
        """);
    server.on(
        "GET /api/v1/nodes/n1",
        """
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"},
         "spec": {"taints": [{"key": "old", "value": "1", "effect": "NoExecute"}]}}
        """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"create.txt", "changes.txt", "templates.txt", "config.txt"})
  void printWhatTheFilesSay(String file) throws Exception {
    Transcript.check(file, commands, folder);
  }
}
