package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
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

/// Claims on a cluster of two nodes: data outlives pods, stays on its node, and goes with its
/// claim.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class VolumesTest {

  private static final Duration SOON = Duration.ofSeconds(40);

  private final TestCluster cluster = TestCluster.prepared();

  @BeforeAll
  void up() {
    cluster.coxswain("up", "--nodes", "2").succeeded();
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  private void claim(String name, String more) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %s}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 10Mi}}
            %s
            """
                .formatted(name, more.indent(2).stripTrailing()))
        .succeeded();
  }

  private void pod(String name, String claim, String command) {
    pod(name, claim, command, "");
  }

  private void pod(String name, String claim, String command, String more) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              terminationGracePeriodSeconds: 1
              securityContext: {runAsUser: 1000, fsGroup: 2000}
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, '%s; exec sleep 1000']
                  volumeMounts: [{name: data, mountPath: /data}]
              volumes: [{name: data, persistentVolumeClaim: {claimName: %s}}]
              %s
            """
                .formatted(name, command, claim, more))
        .succeeded();
  }

  private void awaitReady(String pod) {
    cluster.kubectl("wait", "--for=condition=Ready", "pod/" + pod, "--timeout=40s").succeeded();
  }

  private String exec(String pod, String command) {
    return cluster.kubectl("exec", pod, "--", "sh", "-c", command).out();
  }

  private void awaitField(String kind, String name, String path, String value) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(cluster.field(kind, name, path)).isEqualTo(value));
  }

  private void awaitGone(String kind, String name) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("get", kind, name, "--ignore-not-found").out()).isEmpty());
  }

  @Test
  void whatAPodWritesTheNextOneReadsUntilTheClaimIsDeleted() {
    assertThat(cluster.kubectl("get", "storageclass").out()).contains("local-path (default)");
    claim("diary", "");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("describe", "pvc", "diary").out())
                .contains("WaitForFirstConsumer"));
    pod("first", "diary", "echo kept > /data/note");
    awaitReady("first");
    awaitField("pvc", "diary", ".status.phase", "Bound");
    String volume = cluster.field("pvc", "diary", ".spec.volumeName");
    String node = cluster.field("pod", "first", ".spec.nodeName");
    Path path = Path.of(cluster.field("pv", volume, ".spec.local.path"));
    assertThat(path.resolve("note")).hasContent("kept");
    assertThat(exec("first", "stat -c %g /data/note")).isEqualTo("2000\n");

    pod("second", "diary", "true");
    awaitReady("second");
    assertThat(cluster.field("pod", "second", ".spec.nodeName")).isEqualTo(node);
    cluster.kubectl("delete", "pod", "first").succeeded();
    assertThat(exec("second", "cat /data/note")).isEqualTo("kept\n");

    cluster.kubectl("delete", "pvc", "diary", "--wait=false").succeeded();
    assertThat(cluster.kubectl("get", "pvc", "diary").out()).contains("Terminating");
    assertThat(exec("second", "cat /data/note")).isEqualTo("kept\n");
    cluster.kubectl("delete", "pod", "second").succeeded();
    awaitGone("pvc", "diary");
    awaitGone("pv", volume);
    assertThat(path).doesNotExist();
  }

  @Test
  void aNodeThatIsBackGoesOnWithItsVolumesAndPods() {
    claim("box", "");
    pod("keeper", "box", "echo one >> /data/log");
    awaitReady("keeper");
    String node = cluster.field("pod", "keeper", ".spec.nodeName");
    ProcessHandle.of(cluster.pid(node)).ifPresent(ProcessHandle::destroyForcibly);
    pod("joins", "box", "echo two >> /data/log");
    awaitReady("joins");
    assertThat(exec("keeper", "cat /data/log")).isEqualTo("one\ntwo\n");
    assertThat(cluster.field("pod", "keeper", ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
    cluster.kubectl("delete", "pod/keeper", "pod/joins", "pvc/box").succeeded();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(cluster.kubectl("get", "pv").out()).doesNotContain("default/box"));
  }

  @Test
  void aClaimGrows() {
    claim("small", "");
    pod("user", "small", "true");
    awaitReady("user");
    cluster
        .kubectl(
            "patch",
            "pvc",
            "small",
            "-p",
            "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"20Mi\"}}}}")
        .succeeded();
    awaitField("pvc", "small", ".status.capacity.storage", "20Mi");
    cluster.kubectl("delete", "pod/user", "pvc/small").succeeded();
  }

  @Test
  void volumesOfPeopleAreBoundAndKept() {
    String folder = cluster.root().resolve("shared").toString();
    cluster
        .apply(
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: by-hand}
            spec:
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOnce]
              storageClassName: manual
              hostPath: {path: %s, type: DirectoryOrCreate}
            """
                .formatted(folder))
        .succeeded();
    claim("mine", "storageClassName: manual");
    awaitField("pvc", "mine", ".status.phase", "Bound");
    pod("user-of-mine", "mine", "true");
    awaitReady("user-of-mine");
    cluster.kubectl("delete", "pod/user-of-mine", "pvc/mine").succeeded();
    awaitField("pv", "by-hand", ".status.phase", "Released");
    assertThat(Path.of(folder)).isDirectory();
    cluster.kubectl("delete", "pv", "by-hand").succeeded();
  }

  /// A volume of the class `devices` on the first node, and a claim for it.
  private void device(String name, String device, String mode) {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: %1$s}
            spec:
              capacity: {storage: 32Mi}
              accessModes: [ReadWriteOnce]
              storageClassName: devices
              volumeMode: %3$s
              local: {path: %2$s}
              nodeAffinity:
                required:
                  nodeSelectorTerms:
                    - matchExpressions:
                        - {key: kubernetes.io/hostname, operator: In, values: [node-1]}
            ---
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %1$s}
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: devices
              volumeName: %1$s
              volumeMode: %3$s
              resources: {requests: {storage: 32Mi}}
            """
                .formatted(name, device, mode))
        .succeeded();
  }

  private static Command.Result run(String... command) {
    return Command.run(SOON, Map.of(), "", List.of(command));
  }

  private Path image(String name, long bytes) throws IOException {
    Path file = cluster.root().resolve(name);
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength(bytes);
    }
    return file;
  }

  private String loop(String name) throws IOException {
    Path file = image(name, 32 << 20);
    Command.Result made = run("losetup", "--find", "--show", file.toString());
    assumeTrue(made.code() == 0, "no loop devices here: " + made.err());
    return made.out().strip();
  }

  private static void detach(String device) {
    run("losetup", "--detach", device).succeeded();
  }

  @Test
  void aDeviceIsGivenRawAndWithAFileSystem() throws IOException {
    String device = loop("disk");
    try {
      device("raw", device, "Block");
      cluster
          .apply(
              """
              apiVersion: v1
              kind: Pod
              metadata: {name: raw}
              spec:
                terminationGracePeriodSeconds: 1
                containers:
                  - name: main
                    image: host:///
                    command: [sh, -c, 'printf written | dd of=/dev/disk conv=notrunc && exec sleep 1000']
                    volumeDevices: [{name: disk, devicePath: /dev/disk}]
                volumes: [{name: disk, persistentVolumeClaim: {claimName: raw}}]
              """)
          .succeeded();
      awaitReady("raw");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(exec("raw", "dd if=/dev/disk bs=7 count=1 2>/dev/null"))
                  .isEqualTo("written"));
      pod("mistaken", "raw", "true");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(cluster.kubectl("describe", "pod", "mistaken").out())
                  .contains("volume data has volumeMode Block, but is specified in volumeMounts"));
      cluster.kubectl("delete", "pod", "raw", "mistaken", "--wait=true").succeeded();
    } finally {
      detach(device);
    }
    String other = loop("other");
    try {
      device("formatted", other, "Filesystem");
      pod("formatted", "formatted", "echo kept > /data/note");
      awaitReady("formatted");
      assertThat(exec("formatted", "stat -f -c %T /data")).isEqualTo("ext2/ext3\n");
      cluster.kubectl("delete", "pod", "formatted", "--wait=true").succeeded();
      pod("again", "formatted", "true");
      awaitReady("again");
      assertThat(exec("again", "cat /data/note")).isEqualTo("kept\n");
      cluster.kubectl("delete", "pod", "again", "--wait=true").succeeded();
    } finally {
      detach(other);
    }
  }

  @Test
  void whereTheFileSystemKnowsQuotasAVolumeHoldsNoMoreThanItsClaim() throws IOException {
    String folder =
        cluster.field("node", "node-1", ".metadata.annotations.coxswain\\.io/local-volumes");
    Path image = image("quotas", 400 << 20);
    run("/sbin/mkfs.btrfs", "--quiet", image.toString()).succeeded();
    Files.createDirectories(Path.of(folder));
    assumeTrue(
        run("mount", "-o", "loop,commit=1", image.toString(), folder).code() == 0,
        "this kernel has no Btrfs");
    try {
      run("btrfs", "quota", "enable", folder).succeeded();
      claim("bounded", "");
      pod("writer", "bounded", "true", "nodeSelector: {kubernetes.io/hostname: node-1}");
      awaitReady("writer");
      String fill =
          "dd if=/dev/zero of=/data/%s bs=1M count=%d conv=fsync status=none && echo done";
      assertThat(exec("writer", fill.formatted("fits", 6))).isEqualTo("done\n");
      assertThat(
              cluster.kubectl("exec", "writer", "--", "sh", "-c", fill.formatted("more", 12)).err())
          .contains("Disk quota exceeded");

      cluster
          .kubectl(
              "patch", "pvc", "bounded", "-p", "{spec: {resources: {requests: {storage: 40Mi}}}}")
          .succeeded();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(exec("writer", fill.formatted("more", 12))).isEqualTo("done\n"));
      assertThat(cluster.field("pvc", "bounded", ".status.capacity.storage")).isEqualTo("40Mi");

      String volume = cluster.field("pvc", "bounded", ".spec.volumeName");
      cluster.kubectl("delete", "pod", "writer").succeeded();
      cluster.kubectl("delete", "pvc", "bounded").succeeded();
      awaitGone("pv", volume);
      assertThat(Path.of(folder)).isEmptyDirectory();
    } finally {
      run("umount", "--lazy", folder);
    }
  }

  @Test
  void anEphemeralVolumeComesAndGoesWithItsPod() {
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: scratch}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c, 'echo x > /tmp-data/y; exec sleep 1000']
                  volumeMounts: [{name: tmp, mountPath: /tmp-data}]
              volumes:
                - name: tmp
                  ephemeral:
                    volumeClaimTemplate:
                      spec:
                        accessModes: [ReadWriteOnce]
                        resources: {requests: {storage: 10Mi}}
            """)
        .succeeded();
    awaitReady("scratch");
    awaitField("pvc", "scratch-tmp", ".status.phase", "Bound");
    String volume = cluster.field("pvc", "scratch-tmp", ".spec.volumeName");
    cluster.kubectl("delete", "pod", "scratch").succeeded();
    awaitGone("pvc", "scratch-tmp");
    awaitGone("pv", volume);
  }

  @Test
  void whyAPodWaitsIsSaid() {
    pod("hopeful", "missing", "true");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(cluster.kubectl("describe", "pod", "hopeful").out())
                .contains("persistentvolumeclaim \"missing\" not found"));
    cluster.kubectl("delete", "pod", "hopeful").succeeded();
  }
}
