package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplyTest {

  private static final String WEB = "/apis/apps/v1/namespaces/default/deployments/web";

  @TempDir Path folder;
  private FakeServer server;
  private CommandLine commands;
  private Path manifest;

  @BeforeEach
  void start() throws Exception {
    server = FakeServer.start();
    commands = CommandLine.against(server, folder);
    manifest =
        Files.writeString(
            folder.resolve("web.yaml"),
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec: {containers: [{name: b, image: "2"}]}
            """);
    server.on(
        "GET " + WEB,
        """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default",
         "annotations": {"kubectl.kubernetes.io/last-applied-configuration":
           "{\\"spec\\":{\\"containers\\":[{\\"name\\":\\"a\\"},{\\"name\\":\\"b\\",\\"image\\":\\"1\\"}]}}"}},
         "spec": {"containers": [{"name": "a"}, {"name": "b", "image": "1"}]}}
        """);
    server.on("PATCH " + WEB, "{\"kind\": \"Deployment\"}");
    server.on("GET /openapi/v3", "{\"paths\": {}}");
    server.on("GET /openapi/v3/apis/apps/v1", FakeServer.resource("/server/openapi-apps.json"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private CommandLine.Ran apply() {
    return commands.run("apply", "-f", manifest.toString());
  }

  private long timesDescribed() {
    return server.asked("GET").stream().filter(each -> each.uri().startsWith("/openapi/")).count();
  }

  private void keptAt(FileTime time) throws Exception {
    try (var files = Files.list(folder.resolve(".cache/kubectl-lite"))) {
      for (Path each : files.toList()) {
        Files.setLastModifiedTime(each, time);
      }
    }
  }

  @Test
  void itemsAreMergedByTheKeyThatTheServerNames() {
    assertThat(apply().out()).isEqualTo("deployment.apps/web configured\n");

    FakeServer.Asked patch = server.asked("PATCH").getFirst();
    assertThat(patch.contentType()).isEqualTo("application/strategic-merge-patch+json");
    assertThat(patch.body()).contains("{\"$patch\":\"delete\",\"name\":\"a\"}", "\"image\":\"2\"");
  }

  @Test
  void theServerMergesWhereItIsAsked() {
    CommandLine.Ran ran =
        commands.run("apply", "--server-side", "--force-conflicts", "-f", manifest.toString());
    assertThat(ran.out()).isEqualTo("deployment.apps/web serverside-applied\n");

    FakeServer.Asked patch = server.asked("PATCH").getFirst();
    assertThat(patch.contentType()).isEqualTo("application/apply-patch+yaml");
    assertThat(patch.uri()).contains("fieldManager=kubectl&", "force=true");
    assertThat(patch.body()).contains("\"namespace\":\"default\"").doesNotContain("last-applied");
    assertThat(server.asked("GET")).noneMatch(asked -> asked.uri().equals(WEB));
  }

  @Test
  void aPartOfTheObjectIsForTheServer() {
    server.on("PATCH " + WEB + "/scale", "{\"kind\": \"Scale\"}");
    CommandLine.Ran ran =
        commands.run("apply", "--server-side", "--subresource=scale", "-f", manifest.toString());
    assertThat(ran.out()).isEqualTo("deployment.apps/web serverside-applied\n");
    assertThat(server.asked("PATCH"))
        .singleElement()
        .matches(asked -> asked.uri().startsWith(WEB + "/scale?"));

    ran = commands.run("apply", "--subresource=scale", "-f", manifest.toString());
    assertThat(ran.err()).contains("--subresource can only be specified for --server-side");
  }

  @Test
  void takingFieldsIsForTheServer() {
    CommandLine.Ran ran = commands.run("apply", "--force-conflicts", "-f", manifest.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("--force-conflicts only works with --server-side");
  }

  @Test
  void theServerDescribesAKindOnceInTenMinutes() throws Exception {
    apply();
    keptAt(FileTime.from(CommandLine.NOW.minus(Duration.ofMinutes(9))));
    long described = timesDescribed();
    apply();

    assertThat(timesDescribed()).isEqualTo(described);
    List<FakeServer.Asked> patches = server.asked("PATCH");
    assertThat(patches.getLast().body()).isEqualTo(patches.getFirst().body());

    keptAt(FileTime.from(CommandLine.NOW.minus(Duration.ofMinutes(11))));
    apply();
    assertThat(timesDescribed()).isEqualTo(2 * described);
  }

  @Test
  void aDamagedCopyIsAskedForAnew() throws Exception {
    apply();
    long described = timesDescribed();
    try (var files = Files.list(folder.resolve(".cache/kubectl-lite"))) {
      for (Path each : files.toList()) {
        Files.writeString(each, "{\"compo");
      }
    }
    assertThat(apply().out()).isEqualTo("deployment.apps/web configured\n");
    assertThat(timesDescribed()).isEqualTo(2 * described);
  }
}
