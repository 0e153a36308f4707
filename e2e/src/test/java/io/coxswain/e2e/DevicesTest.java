package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.node.device.testing.TestDevicePlugin;
import io.coxswain.node.plugin.UnixSockets;
import io.coxswain.plugin.device.CDIDevice;
import io.coxswain.plugin.device.ContainerAllocateResponse;
import io.coxswain.plugin.device.DeviceSpec;
import io.coxswain.plugin.device.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// A vendor's device plugin beside a node: pods get its devices, what comes with them, and what CDI
/// files say of them; an agent that is killed forgets nothing of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class DevicesTest {

  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String THING = "vendor.example/thing";

  private final TestCluster cluster = TestCluster.prepared();
  private Path kubelet;
  private Path vendor;
  private Path cdi;

  @BeforeAll
  void up() throws IOException {
    cluster.coxswain("up").succeeded();
    kubelet = cluster.data().resolve("kubelet");
    vendor = Files.createDirectories(cluster.root().resolve("vendor"));
    Files.writeString(vendor.resolve("firmware"), "v7\n");
    // no driver has it: who may open it is told that, and who may not that they may not
    Command.run(
            SOON,
            Map.of(),
            "",
            List.of("mknod", vendor.resolve("probe").toString(), "c", "240", "77"))
        .succeeded();
    Path folder = Files.createDirectories(Path.of("/var/run/cdi"));
    cdi = folder.resolve(cluster.name() + ".json");
  }

  @AfterAll
  void down() throws IOException {
    cluster.close();
    Files.deleteIfExists(cdi);
  }

  private ContainerAllocateResponse given(List<String> ids) {
    return ContainerAllocateResponse.newBuilder()
        .putEnvs("THINGS", String.join(",", ids))
        .addMounts(
            Mount.newBuilder()
                .setHostPath(vendor.toString())
                .setContainerPath("/opt/thing")
                .setReadOnly(true))
        .addDevices(
            DeviceSpec.newBuilder()
                .setHostPath(vendor.resolve("probe").toString())
                .setContainerPath("/dev/thing")
                .setPermissions("r"))
        .addCdiDevices(CDIDevice.newBuilder().setName(cluster.name() + ".example/thing=all"))
        .build();
  }

  private TestDevicePlugin plugin() throws IOException {
    return new TestDevicePlugin(kubelet, THING, List.of("t1", "t2"), this::given).register();
  }

  private void pod(String name, String policy, int things) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              restartPolicy: %s
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, 'trap "exit 0" TERM; while :; do sleep 0.2; done']
                  resources: {limits: {vendor.example/thing: %d}}
            """
                .formatted(name, policy, things))
        .succeeded();
  }

  private void awaitReady(String name) {
    cluster.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=40s").succeeded();
  }

  private String inside(String pod, String script) {
    return cluster.kubectl("exec", pod, "--", "sh", "-c", script).out().strip();
  }

  private void awaitAllocatable(String amount) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .kubectl(
                            "get",
                            "nodes",
                            "-o",
                            "jsonpath={.items[0].status.allocatable.vendor\\.example/thing}")
                        .out())
                .isEqualTo(amount));
  }

  @Test
  void podsGetDevicesAndKeepThem() throws Exception {
    Files.writeString(
        cdi,
        """
        {"cdiVersion":"0.6.0","kind":"%s.example/thing",
         "devices":[{"name":"all","containerEdits":{
           "env":["FROM_CDI=yes"],
           "deviceNodes":[{"path":"/dev/cdi-zero","hostPath":"/dev/zero"}]}}]}
        """
            .formatted(cluster.name()));
    TestDevicePlugin plugin = plugin();
    try {
      awaitAllocatable("2");
      pod("one", "Always", 1);
      pod("two", "Always", 1);
      awaitReady("one");
      awaitReady("two");
      assertThat(inside("one", "echo $THINGS") + inside("two", "echo $THINGS"))
          .isIn("t1t2", "t2t1");
      assertThat(inside("one", "cat /opt/thing/firmware; echo $FROM_CDI")).isEqualTo("v7\nyes");
      assertThat(inside("one", "stat -c '%F %t:%T' /dev/thing /dev/cdi-zero"))
          .isEqualTo("character special file f0:4d\ncharacter special file 1:5");
      // what the plugin allows the kernel allows, and no more
      assertThat(inside("one", "(: < /dev/thing) 2>&1; (: > /dev/thing) 2>&1"))
          .matches("(?s).*No such device or address.*Operation not permitted");
      assertThat(inside("one", "head -c 3 /dev/cdi-zero | wc -c")).isEqualTo("3");

      pod("three", "Never", 1);
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(cluster.field("pod", "three", ".status.conditions[*].message"))
                  .contains("Insufficient vendor.example/thing"));

      String had = inside("one", "echo $THINGS");
      plugin.tell(had, "Unhealthy");
      awaitAllocatable("1");
      await().atMost(SOON).untilAsserted(() -> assertThat(fares("one")).isEqualTo("Unhealthy"));
      plugin.tell(had, "Healthy");
      awaitAllocatable("2");

      cluster.kubectl("delete", "pod", "three").succeeded();
      restartAgent();
      // no plugin has come back yet, and what runs does not care
      assertThat(inside("one", "echo $THINGS")).isEqualTo(had);
      assertThat(cluster.field("pod", "one", ".status.phase")).isEqualTo("Running");
      Object ignored = cluster.kubectl("exec", "one", "--", "kill", "1");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(cluster.field("pod", "one", ".status.containerStatuses[0].restartCount"))
                  .isEqualTo("1"));
      awaitReady("one");
      assertThat(inside("one", "echo $THINGS")).isEqualTo(had);
    } finally {
      plugin.close();
    }
    try (TestDevicePlugin again = plugin()) {
      awaitAllocatable("2");
      again.refuse("it is on fire");
      cluster.kubectl("delete", "pod", "two").succeeded();
      pod("four", "Never", 1);
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(cluster.field("pod", "four", ".status"))
                  .contains(
                      "UnexpectedAdmissionError",
                      "Pod was rejected: Allocate failed due to rpc error: code = Unknown desc ="
                          + " it is on fire, which is unexpected"));
    }
    awaitAllocatable("0");
  }

  /// Where nothing allocates devices, a pod that claims any waits, and a node does not take it.
  @Test
  void aPodDoesNotRunWithoutTheDevicesThatItClaims() {
    String pod =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          %s
          resourceClaims: [{name: gpu, resourceClaimName: gpu}]
          containers:
            - {name: main, image: "host:///", command: [sleep, "60"], resources: {claims: [{name: gpu}]}}
        """;
    assertThat(cluster.apply(pod.formatted("claims", "")).succeeded().err())
        .contains("spec.resourceClaims: nothing allocates devices in this version of Coxswain");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.field("pod", "claims", ".status.conditions[*].message"))
                .contains(
                    "0/1 nodes are available: the pod claims devices, which nothing allocates in"
                        + " this version of Coxswain."));
    assertThat(cluster.field("pod", "claims", ".status.phase")).isEqualTo("Pending");

    String node = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}").out();
    cluster.apply(pod.formatted("given", "nodeName: " + node)).succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.field("pod", "given", ".status"))
                .contains(
                    "\"phase\":\"Failed\"",
                    "UnexpectedAdmissionError",
                    "Pod was rejected: it claims devices, which nothing prepares in this version"
                        + " of Coxswain"));
    cluster.kubectl("delete", "pod", "claims", "given").succeeded();
  }

  private String fares(String pod) {
    return cluster.field(
        "pod", pod, ".status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health");
  }

  private void restartAgent() {
    long before = cluster.pid("all-in-one");
    ProcessHandle.of(before).orElseThrow().destroyForcibly();
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> cluster.pid("all-in-one") != before);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> cluster.kubectl("get", "--raw", "/readyz").code() == 0);
    Path socket = kubelet.resolve("device-plugins/kubelet.sock");
    await().atMost(SOON).until(() -> UnixSockets.answers(socket));
    // exec goes by the connection that the node's agent dials
    await().atMost(SOON).until(() -> cluster.kubectl("exec", "one", "--", "true").code() == 0);
  }
}
