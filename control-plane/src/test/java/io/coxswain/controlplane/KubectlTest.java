package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.authn.User;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What people do with kubectl, done with the real one where it is installed.
class KubectlTest {

  private static final Path KUBECTL = Path.of("/usr/bin/kubectl");

  @TempDir static Path folder;
  private static TestPlane api;
  private static FakeAgent agent;

  record Result(int code, String out) {}

  @BeforeAll
  static void start() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(KUBECTL), "kubectl is not installed");
    api = TestPlane.start(folder);
    api.plane.writeKubeconfig(folder.resolve("config"));
    agent = new FakeAgent(api.plane, "n1");
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: default}
        spec:
          containers: [{name: c, image: "host:///"}]
        """);
    ApiClient client = api.plane.localClient(User.internal("test"));
    var _ =
        client
            .resources(Pod.class)
            .createSubresource(
                "default",
                "p",
                "binding",
                Binding.newBuilder()
                    .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("p"))
                    .setTarget(ObjectReference.newBuilder().setKind("Node").setName("n1"))
                    .build());
    var _ =
        client
            .resources(Pod.class)
            .patchStatus("default", "p", Patch.merge("{\"status\":{\"phase\":\"Running\"}}"));
    await().until(() -> api.plane.nodes().isConnected("n1"));
  }

  @AfterAll
  static void stop() throws Exception {
    if (agent != null) {
      agent.close();
    }
    if (api != null) {
      api.close();
    }
  }

  private static ProcessBuilder command(String... arguments) {
    List<String> words = new ArrayList<>(List.of(KUBECTL.toString()));
    words.add("--kubeconfig=" + folder.resolve("config"));
    words.add("--cache-dir=" + folder.resolve("cache"));
    words.addAll(List.of(arguments));
    return new ProcessBuilder(words).redirectErrorStream(true);
  }

  private static Result kubectl(String... arguments) throws Exception {
    return typing("", arguments);
  }

  private static Result typing(String input, String... arguments) throws Exception {
    return run(command(arguments), input);
  }

  private static Result run(ProcessBuilder builder, String input) throws Exception {
    Process process = builder.start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), out);
  }

  private static Result apply(String manifest) throws Exception {
    return typing(manifest, "apply", "-f", "-");
  }

  @Test
  void appliesChangesAndDeletes() throws Exception {
    String manifest =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: default}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: c, image: "host:///", command: [sleep, "1"]}]}
        """;
    assertThat(apply(manifest).out()).isEqualTo("deployment.apps/web created\n");
    assertThat(apply(manifest).out()).isEqualTo("deployment.apps/web unchanged\n");
    assertThat(apply(manifest.replace("replicas: 2", "replicas: 3")).out())
        .isEqualTo("deployment.apps/web configured\n");
    assertThat(kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}").out())
        .isEqualTo("3");
    assertThat(kubectl("get", "deploy", "-o", "wide").out())
        .containsPattern("NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR")
        .containsPattern("web +0/3 +0 +0 +\\d+s +c +host:/// +app=web");
    assertThat(kubectl("scale", "deploy", "web", "--replicas=5").out())
        .isEqualTo("deployment.apps/web scaled\n");
    assertThat(kubectl("label", "deploy", "web", "a=b").out())
        .isEqualTo("deployment.apps/web labeled\n");
    assertThat(kubectl("delete", "deploy", "web").out())
        .isEqualTo("deployment.apps \"web\" deleted\n");
  }

  private static Result serverSide(String manifest, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("apply", "--server-side", "-f", "-"));
    words.addAll(List.of(more));
    return typing(manifest, words.toArray(String[]::new));
  }

  @Test
  void appliesOnTheServer() throws Exception {
    String manifest =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: side, namespace: default}
        spec:
          replicas: 2
          selector: {matchLabels: {app: side}}
          template:
            metadata: {labels: {app: side}}
            spec: {containers: [{name: c, image: "host:///", command: [sleep, "1"]}]}
        """;
    assertThat(serverSide(manifest).out()).isEqualTo("deployment.apps/side serverside-applied\n");
    assertThat(kubectl("scale", "deploy", "side", "--replicas=5").code()).isZero();
    Result refused = serverSide(manifest);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.out())
        .contains(
            "Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\""
                + " using apps/v1: .spec.replicas",
            "--force-conflicts");
    assertThat(serverSide(manifest, "--force-conflicts").out())
        .isEqualTo("deployment.apps/side serverside-applied\n");
    assertThat(kubectl("get", "deploy", "side", "-o", "jsonpath={.spec.replicas}").out())
        .isEqualTo("2");
    assertThat(kubectl("get", "deploy", "side", "-o", "yaml", "--show-managed-fields").out())
        .contains("manager: kubectl", "operation: Apply", "k:{\"name\":\"c\"}");
    assertThat(kubectl("get", "deploy", "side", "-o", "yaml").out())
        .doesNotContain("managedFields");
    assertThat(
            typing(
                    manifest.replace("replicas: 2", "replicas: 4"),
                    "diff",
                    "--server-side",
                    "-f",
                    "-")
                .out())
        .contains("+  replicas: 4");
  }

  @Test
  void goesOverFromTheClientsApplyToTheServers() throws Exception {
    String manifest =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: over, namespace: default}
        data: {a: "1", b: "2"}
        """;
    assertThat(apply(manifest).code()).isZero();
    String less = manifest.replace(", b: \"2\"", "");
    assertThat(serverSide(less.replace("\"1\"", "\"3\"")).out())
        .isEqualTo("configmap/over serverside-applied\n");
    assertThat(kubectl("get", "cm", "over", "-o", "jsonpath={.data}").out())
        .isEqualTo("{\"a\":\"3\"}");
    assertThat(kubectl("apply", "view-last-applied", "cm/over").out()).contains("a: \"3\"");
    String owners =
        kubectl(
                "get",
                "cm",
                "over",
                "-o",
                "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation},{end}",
                "--show-managed-fields")
            .out();
    // their order is by the second in which they wrote
    assertThat(owners.split(","))
        .containsExactlyInAnyOrder("kubectl Apply", "kubectl-last-applied Apply");
    assertThat(apply(less).out()).isEqualTo("configmap/over configured\n");
    assertThat(kubectl("get", "cm", "over", "-o", "jsonpath={.data}").out())
        .isEqualTo("{\"a\":\"1\"}");
  }

  @Test
  void refusesUnknownFieldsBeforeAnythingIsStored() throws Exception {
    Result result = apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndta: {a: b}\n");
    assertThat(result.code()).isNotZero();
    assertThat(result.out()).contains("unknown field \"dta\"");
    assertThat(kubectl("get", "cm", "bad").out()).contains("configmaps \"bad\" not found");
  }

  @Test
  void explainsAndKnowsWhoAsks() throws Exception {
    assertThat(kubectl("explain", "pod.spec.containers.image").out())
        .contains("KIND:       Pod", "FIELD: image <string>");
    assertThat(kubectl("auth", "whoami").out()).contains("kubernetes-admin", "system:masters");
    assertThat(kubectl("auth", "can-i", "delete", "nodes").out()).contains("yes");
    assertThat(kubectl("api-resources").out()).contains("deployments", "leases");
    assertThat(kubectl("version").out()).contains("v1.36.0+coxswain");
  }

  @Test
  void devicesAreClaimedShownAndExplained() throws Exception {
    String claim =
        """
        apiVersion: resource.k8s.io/v1
        kind: ResourceClaim
        metadata: {name: gpu, namespace: default}
        spec: {devices: {requests: [{name: one, exactly: {deviceClassName: gpu.example.com}}]}}
        """;
    Result applied = apply(claim);
    assertThat(applied.code()).as(applied.out()).isZero();
    assertThat(applied.out())
        .contains(
            "resourceclaim.resource.k8s.io/gpu created",
            "Warning: ResourceClaim resource.k8s.io/v1 is stored, but nothing acts upon it");
    assertThat(kubectl("get", "resourceclaims").out())
        .containsPattern("NAME +STATE +AGE\ngpu +pending");
    assertThat(apply(claim).code()).as("again").isZero();
    assertThat(apply(claim.replace("gpu.example.com", "other")).out())
        .contains("spec: Invalid value", "field is immutable");
    assertThat(kubectl("get", "resourceclaim", "gpu", "-o", "jsonpath={..allocationMode}").out())
        .isEqualTo("ExactCount");

    Result slice =
        apply(
            """
            apiVersion: resource.k8s.io/v1
            kind: ResourceSlice
            metadata: {name: n1-gpus}
            spec:
              driver: gpu.example.com
              nodeName: n1
              pool: {name: n1, generation: 1, resourceSliceCount: 1}
              devices: [{name: gpu-0, taints: [{key: example.com/worn, effect: NoSchedule}]}]
            """);
    assertThat(slice.code()).as(slice.out()).isZero();
    assertThat(kubectl("get", "resourceslices").out())
        .containsPattern("NAME +NODE +DRIVER +POOL +AGE\nn1-gpus +n1 +gpu.example.com +n1");
    assertThat(
            kubectl("get", "resourceslice", "n1-gpus", "-o", "jsonpath={..taints[0].timeAdded}")
                .out())
        .matches("2[0-9]{3}-.*Z");
    assertThat(kubectl("explain", "resourceclaim.spec.devices.requests.exactly.count").out())
        .contains("GROUP:      resource.k8s.io", "FIELD: count <integer>");
    assertThat(kubectl("explain", "deviceclass.spec.selectors.cel").out())
        .contains("expression\t<string> -required-");
    assertThat(kubectl("api-resources", "--api-group=resource.k8s.io").out())
        .contains("deviceclasses", "resourceclaims", "resourceclaimtemplates", "resourceslices");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void readsLogsAndRunsCommands(String webSockets) throws Exception {
    assertThat(kubectl("logs", "p", "--tail=5").out()).isEqualTo("first line\nsecond line\n");
    ProcessBuilder failing = command("exec", "p", "--", "say", "hello");
    failing.environment().put("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", webSockets);
    Result failed = run(failing, "");
    assertThat(failed.out()).contains("say hello\n", "to stderr\n", "exit code 7");
    assertThat(failed.code()).isEqualTo(7);

    ProcessBuilder typed = command("exec", "-i", "p", "--", "cat");
    typed.environment().put("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", webSockets);
    Result echoed = run(typed, "typed in\n");
    assertThat(echoed.out()).isEqualTo("typed in\n");
    assertThat(echoed.code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void forwardsPorts(String webSockets) throws Exception {
    ProcessBuilder builder = command("port-forward", "pod/p", ":80", "--address=127.0.0.1");
    builder.environment().put("KUBECTL_PORT_FORWARD_WEBSOCKETS", webSockets);
    Process process = builder.start();
    try {
      String line = process.inputReader().readLine();
      Matcher port = Pattern.compile("127\\.0\\.0\\.1:(\\d+)").matcher(String.valueOf(line));
      assertThat(port.find()).as(line).isTrue();
      for (int i = 0; i < 3; i++) {
        try (Socket socket =
            new Socket(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(port.group(1)))) {
          socket.setSoTimeout(10_000);
          byte[] sent = ("ping " + i).repeat(10_000).getBytes(StandardCharsets.UTF_8);
          Thread writer =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      socket.getOutputStream().write(sent);
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
          InputStream in = socket.getInputStream();
          assertThat(in.readNBytes(sent.length)).isEqualTo(sent);
          writer.join();
        }
      }
    } finally {
      process.destroy();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
