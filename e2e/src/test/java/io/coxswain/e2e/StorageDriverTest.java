package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.node.csi.testing.TestCsiDriver;
import io.coxswain.plugin.csi.NodeGetVolumeStatsRequest;
import io.coxswain.plugin.csi.NodeGetVolumeStatsResponse;
import io.coxswain.plugin.csi.NodePublishVolumeRequest;
import io.coxswain.plugin.csi.NodeServiceCapability.RPC;
import io.coxswain.plugin.csi.VolumeUsage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// A storage driver beside a node: a volume is attached, staged, published, and taken back in turn,
/// and a killed agent leaves nothing behind. The test is what attaches volumes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class StorageDriverTest {

  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String DRIVER = "disk.example";

  private final TestCluster cluster = TestCluster.prepared();
  private Path storage;
  private TestCsiDriver driver;

  @BeforeAll
  void up() throws IOException {
    cluster.coxswain("up").succeeded();
    storage = Files.createDirectories(cluster.root().resolve("storage"));
    driver =
        new TestCsiDriver(
            cluster.data().resolve("kubelet"),
            DRIVER,
            storage,
            EnumSet.of(
                RPC.Type.STAGE_UNSTAGE_VOLUME,
                RPC.Type.GET_VOLUME_STATS,
                RPC.Type.VOLUME_CONDITION));
    driver.tell(StorageDriverTest::figures);
    cluster
        .apply(
            """
            apiVersion: storage.k8s.io/v1
            kind: CSIDriver
            metadata: {name: disk.example}
            spec:
              attachRequired: true
              podInfoOnMount: true
              fsGroupPolicy: File
              volumeLifecycleModes: [Persistent, Ephemeral]
              tokenRequests: [{audience: vault}]
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: disk-key, namespace: kube-system}
            stringData: {key: s3cret}
            ---
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: disk-1}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              csi:
                driver: disk.example
                volumeHandle: h1
                fsType: ext4
                nodeStageSecretRef: {name: disk-key, namespace: kube-system}
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec:
              storageClassName: ""
              volumeName: disk-1
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
            """)
        .succeeded();
  }

  @AfterAll
  void down() throws IOException {
    try {
      cluster.close();
    } finally {
      driver.close();
    }
  }

  private static NodeGetVolumeStatsResponse figures(NodeGetVolumeStatsRequest request) {
    NodeGetVolumeStatsResponse.Builder told = NodeGetVolumeStatsResponse.newBuilder();
    told.addUsageBuilder()
        .setUnit(VolumeUsage.Unit.BYTES)
        .setAvailable(600)
        .setTotal(1000)
        .setUsed(400);
    told.getVolumeConditionBuilder()
        .setAbnormal(request.getVolumeId().equals("h1"))
        .setMessage("the disk clicks");
    return told.build();
  }

  private String page(String path) {
    String name = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}").out();
    return cluster.kubectl("get", "--raw", "/api/v1/nodes/" + name + "/proxy" + path).out();
  }

  private void pod(String name, String volume) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              terminationGracePeriodSeconds: 1
              securityContext: {fsGroup: 4711}
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, 'echo %s > /data/file; exec sleep 1000']
                  volumeMounts: [{name: data, mountPath: /data}]
              volumes:
                - name: data
                  %s
            """
                .formatted(name, name, volume))
        .succeeded();
  }

  private void awaitReady(String name) {
    cluster.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=40s").succeeded();
  }

  private String attachments() {
    return cluster.kubectl("get", "volumeattachments", "-o", "name").out().strip();
  }

  private String node(String jsonPath) {
    return cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0]" + jsonPath + "}").out();
  }

  @Test
  void aVolumeIsAttachedStagedAndPublishedAndAllOfItUndone() throws Exception {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    cluster
                        .kubectl("get", "csinodes", "-o", "jsonpath={.items[0].spec.drivers}")
                        .out())
                .contains("\"name\":\"disk.example\"", "\"nodeID\":\"id-of-this-node\""));
    assertThat(node(".metadata.labels")).contains("\"topology.disk.example/zone\":\"z1\"");

    pod("web", "persistentVolumeClaim: {claimName: data}");
    await().atMost(SOON).until(() -> attachments().startsWith("volumeattachment"));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("get", "events").out())
                .contains("FailedMount", "volume h1 is not attached for volume attachment csi-"));
    String attachment = attachments().substring(attachments().indexOf('/') + 1);
    cluster
        .kubectl(
            "patch",
            "volumeattachment",
            attachment,
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"attached\":true,\"attachmentMetadata\":{\"at\":\"sdb\"}}}")
        .succeeded();
    awaitReady("web");
    await().atMost(SOON).until(() -> Files.exists(storage.resolve("h1/file")));
    assertThat(storage.resolve("h1/file")).hasContent("web\n");
    assertThat(Files.getAttribute(storage.resolve("h1"), "unix:gid")).isEqualTo(4711);
    assertThat(driver.staged("h1").getSecretsMap()).containsEntry("key", "s3cret");
    NodePublishVolumeRequest request = driver.published().getFirst();
    assertThat(request.getPublishContextMap()).containsEntry("at", "sdb");
    assertThat(request.getVolumeContextMap())
        .containsEntry("csi.storage.k8s.io/pod.name", "web")
        .containsKey("csi.storage.k8s.io/serviceAccount.tokens");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(node(".status.volumesInUse")).contains("kubernetes.io/csi/disk.example^h1"));

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(page("/stats/summary"))
                .contains(
                    "\"availableBytes\":600,\"capacityBytes\":1000,\"usedBytes\":400,\"name\":\"data\","
                        + "\"pvcRef\":{\"name\":\"data\",\"namespace\":\"default\"},"
                        + "\"volumeHealthStats\":{\"abnormal\":true}"));
    String claim = "{namespace=\"default\",persistentvolumeclaim=\"data\"} ";
    assertThat(page("/metrics"))
        .contains("kubelet_volume_stats_used_bytes" + claim + "400")
        .contains("kubelet_volume_stats_health_status_abnormal" + claim + "1");

    restartAgent();
    assertThat(cluster.field("pod", "web", ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
    cluster.kubectl("delete", "pod", "web", "--wait=true").succeeded();
    assertThat(driver.calls()).containsSubsequence("unpublish h1", "unstage h1");
    assertThat(page("/metrics")).doesNotContain("kubelet_volume_stats_");
    await().atMost(SOON).until(() -> attachments().isEmpty());
    assertThat(storage.resolve("h1/file")).hasContent("web\n");
    assertThat(Files.readString(Path.of("/proc/self/mounts")))
        .doesNotContain(cluster.data() + "/kubelet/pods", "globalmount");

    pod("scratch", "csi: {driver: disk.example, volumeAttributes: {size: small}}");
    awaitReady("scratch");
    assertThat(driver.published().getLast().getVolumeContextMap())
        .containsEntry("size", "small")
        .containsEntry("csi.storage.k8s.io/ephemeral", "true");
    assertThat(attachments()).isEmpty();
    cluster.kubectl("delete", "pod", "scratch", "--wait=true").succeeded();
    assertThat(driver.calls().stream().filter(call -> !call.startsWith("figures")).toList())
        .last()
        .asString()
        .startsWith("unpublish csi-");
  }

  /// Drivers run as pods, and what they mount is for all.
  @Test
  void whatAPodMountsTheHostSees() throws Exception {
    Path shared = Files.createDirectories(cluster.root().resolve("shared"));
    host("mount", "--bind", shared.toString(), shared.toString());
    try {
      host("mount", "--make-shared", shared.toString());
      cluster
          .apply(
              """
              apiVersion: v1
              kind: Pod
              metadata: {name: mounter}
              spec:
                terminationGracePeriodSeconds: 1
                containers:
                  - name: main
                    image: host:///
                    securityContext: {privileged: true}
                    command:
                      - sh
                      - -c
                      - mkdir -p /s/made && mount -t tmpfs made /s/made && touch /s/made/inside && exec sleep 1000
                    volumeMounts: [{name: s, mountPath: /s, mountPropagation: Bidirectional}]
                volumes: [{name: s, hostPath: {path: %s}}]
              """
                  .formatted(shared))
          .succeeded();
      awaitReady("mounter");
      await().atMost(SOON).until(() -> Files.exists(shared.resolve("made/inside")));
      cluster.kubectl("delete", "pod", "mounter", "--wait=true").succeeded();
    } finally {
      host("umount", "-R", shared.toString());
    }
  }

  /// Where the machine's mounts do not spread, the agent has seen to it that those do.
  @Test
  void whatADriversPodMountsInTheFolderOfPluginsIsThereForTheAgent() {
    Path plugins = cluster.data().resolve("kubelet/plugins");
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: driver}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: host:///
                  securityContext: {privileged: true}
                  command:
                    - sh
                    - -c
                    - mkdir /p/staged && mount -t tmpfs made /p/staged && touch /p/staged/in && exec sleep 1000
                  volumeMounts: [{name: p, mountPath: /p, mountPropagation: Bidirectional}]
              volumes: [{name: p, hostPath: {path: %s, type: Directory}}]
            """
                .formatted(plugins))
        .succeeded();
    awaitReady("driver");
    await().atMost(SOON).until(() -> Files.exists(plugins.resolve("staged/in")));
    host("umount", plugins.resolve("staged").toString());
    cluster.kubectl("delete", "pod", "driver", "--wait=true").succeeded();
  }

  private static void host(String... command) {
    Command.run(SOON, Map.of(), "", List.of(command)).succeeded();
  }

  private void restartAgent() {
    long before = cluster.pid("all-in-one");
    ProcessHandle.of(before).orElseThrow().destroyForcibly();
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> cluster.pid("all-in-one") != before);
    long registered = registrations();
    // found again by the next agent
    await().atMost(Duration.ofSeconds(60)).until(() -> registrations() > registered);
    await().atMost(SOON).until(() -> cluster.kubectl("exec", "web", "--", "true").code() == 0);
  }

  private long registrations() {
    return driver.calls().stream().filter("registered"::equals).count();
  }
}
