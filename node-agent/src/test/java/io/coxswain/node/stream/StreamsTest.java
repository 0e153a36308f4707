package io.coxswain.node.stream;

import static io.coxswain.node.runtime.RealRuntime.pod;
import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.image.FakeImages;
import io.coxswain.node.image.ImageConfig;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.runtime.RealRuntime;
import io.coxswain.node.usage.HostPodMeter;
import io.coxswain.node.usage.NodeDisks;
import io.coxswain.node.usage.VolumeRounds;
import io.coxswain.node.volume.FakeVolumes;
import io.coxswain.node.volume.Measure;
import io.coxswain.node.volume.VolumeFigures;
import io.coxswain.node.volume.VolumeFigures.Figure;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.ImageLoad;
import io.coxswain.rpc.v1.ImageSave;
import io.coxswain.rpc.v1.LogStream;
import io.coxswain.rpc.v1.NodePage;
import io.coxswain.rpc.v1.PortForwardStream;
import io.coxswain.rpc.v1.StatsRequest;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Needs root: streams to and from real containers.
@EnabledIf("io.coxswain.node.host.Root#present")
class StreamsTest {

  private static final String SUCCESS = "\"status\":\"Success\"";

  private final BlockingQueue<ContainerRecord> ends = new LinkedBlockingQueue<>();
  @TempDir Path logs;
  private final FakeCarrier carrier = new FakeCarrier();
  private final FolderWatch folders = new FolderWatch();
  private final FakeImages images = new FakeImages();
  private RealRuntime real;
  private Streams streams;
  private FakeVolumes volumes;
  private VolumeRounds rounds;

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime();
    volumes = new FakeVolumes(real.folders.data().resolve("volumes"));
    rounds = new VolumeRounds(volumes, () -> known(real.runtime), Clock.systemUTC(), new Random());
    StatsSummary stats = new StatsSummary("node-1", parts(), Clock.systemUTC());
    streams =
        new Streams(
            real.runtime,
            real.host.namespaces(),
            folders,
            stats,
            new NodePages(real.runtime, stats, () -> "pods 1\n", () -> "", logs),
            images);
  }

  private StatsSummary.Parts parts() throws Exception {
    ControlGroups groups = real.host.controlGroups();
    Path data = real.folders.data();
    return new StatsSummary.Parts(
        real.runtime,
        images,
        groups,
        new HostPodMeter(real.runtime, images, volumes, groups, Clock.systemUTC()),
        rounds,
        new NodeDisks(data, data.resolve("images")));
  }

  private static Collection<Pod> known(PodRuntime runtime) {
    try {
      return runtime.known();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void close() throws Exception {
    rounds.close();
    folders.close();
    real.cleanUp();
  }

  private Pod start(String script) throws Exception {
    return start(pod("p", shell("main", script)));
  }

  private Pod start(Pod pod) throws Exception {
    assertThat(real.runtime.start(real.launch(pod, 0, 0), ends::add).running()).isTrue();
    return pod;
  }

  private void awaitEnd() throws Exception {
    assertThat(ends.poll(20, TimeUnit.SECONDS)).isNotNull();
  }

  private Thread serve(StreamRequest request) {
    return Thread.startVirtualThread(() -> {
      try {
        streams.serve(request, carrier);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private static LogStream.Builder log(Pod pod) {
    return LogStream.newBuilder()
        .setPod(pod.getMetadata().getName())
        .setNamespace("default")
        .setUid(pod.getMetadata().getUid());
  }

  private static ExecStream.Builder exec(Pod pod, String... command) {
    return ExecStream.newBuilder()
        .setPod(pod.getMetadata().getName())
        .setNamespace("default")
        .setUid(pod.getMetadata().getUid())
        .addAllCommand(List.of(command))
        .setStdout(true)
        .setStderr(true);
  }

  private String read(LogStream.Builder wanted) throws Exception {
    FakeCarrier own = new FakeCarrier();
    streams.serve(StreamRequest.newBuilder().setLog(wanted).build(), own);
    assertThat(own.text(Carrier.ERROR)).contains(SUCCESS);
    return own.text(Carrier.STDOUT);
  }

  @Test
  void logsAreReadWholeAndInPart() throws Exception {
    Pod pod = start("for i in 1 2 3 4 5; do echo line $i; done");
    awaitEnd();
    assertThat(read(log(pod))).isEqualTo("line 1\nline 2\nline 3\nline 4\nline 5\n");
    assertThat(read(log(pod).setTailLines(2))).isEqualTo("line 4\nline 5\n");
    assertThat(read(log(pod).setTailLines(0))).isEmpty();
    assertThat(read(log(pod).setLimitBytes(9))).isEqualTo("line 1\nli");
    assertThat(read(log(pod).setTailLines(1).setTimestamps(true)))
        .matches("20[0-9-]+T[0-9:.]+(Z|\\+00:00) line 5\n");
    assertThat(read(log(pod).setSinceSeconds(System.currentTimeMillis() / 1000 + 60))).isEmpty();
  }

  @Test
  void aFollowedLogGoesOnOverRotationAndEndsWithTheContainer() throws Exception {
    Pod pod = start("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); sleep 0.01; done");
    Thread follower = serve(StreamRequest.newBuilder().setLog(log(pod).setFollow(true)).build());
    ContainerRecord record = real.runtime.containers(pod.getMetadata().getUid()).getFirst();
    Path current = real.runtime.log(pod, record);
    for (int i = 0; i < 2; i++) {
      int half = 50 + 100 * i;
      await().until(() -> carrier.text(Carrier.STDOUT).contains("line " + half + "\n"));
      Files.move(current, current.resolveSibling("0.log.2026010" + i));
      // until the log is opened again, the renamed file is still written to, and has readers
      await().until(() -> carrier.text(Carrier.STDOUT).contains("line " + (half + 10) + "\n"));
      real.runtime.reopenLog(record);
    }
    awaitEnd();
    follower.join(10_000);
    assertThat(carrier.text(Carrier.ERROR)).contains(SUCCESS);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      all.append("line ").append(i).append('\n');
    }
    assertThat(carrier.text(Carrier.STDOUT)).isEqualTo(all.toString());
    assertThat(read(log(pod))).isEqualTo(all.toString());
  }

  @Test
  void anAttachedContainerIsHeardAndTypedTo() throws Exception {
    Pod plain = pod("p", shell("main", "while read x; do echo got $x; done"));
    Pod.Builder pod = plain.toBuilder();
    pod.getSpecBuilder().getContainersBuilder(0).setStdin(true);
    start(pod.build());
    Thread served =
        serve(
            StreamRequest.newBuilder()
                .setAttach(exec(plain).clearCommand().setStdin(true))
                .build());
    carrier.type(Carrier.STDIN, "hello\n");
    await().until(() -> carrier.text(Carrier.STDOUT).contains("got hello"));
    carrier.leave();
    served.join(10_000);
    assertThat(served.isAlive()).isFalse();
  }

  @Test
  void aPortIsForwardedFromInsideThePod() throws Exception {
    Pod pod = start("echo hello > /tmp/index.html; httpd -f -p 127.0.0.1:8080 -h /tmp");
    network(pod, "ip link set lo up");
    await().untilAsserted(() -> assertThat(page(pod, "")).contains("200 OK").endsWith("hello\n"));
  }

  @Test
  void aPortIsForwardedAtAnAddressOfThePodAndAtNoOther() throws Exception {
    // the address comes when the container runs already
    Pod pod =
        start(
            "echo hello > /tmp/index.html;"
                + " until httpd -f -p 10.9.8.7:8080 -h /tmp; do sleep 0.05; done");
    network(pod, "ip link set lo up; ip addr add 10.9.8.7/32 dev lo; ip route add default dev lo");
    await()
        .untilAsserted(
            () -> assertThat(page(pod, "10.9.8.7")).contains("200 OK").endsWith("hello\n"));
    assertThat(page(pod, "10.9.8.8")).isEmpty();
    assertThat(page(pod, "")).isEmpty();
  }

  // The network is a fake: somebody has to bring interfaces up in the pod's namespace.
  private void network(Pod pod, String commands) throws Exception {
    String namespace = "--net=" + real.runtime.networkNamespace(pod.getMetadata().getUid());
    Process up = new ProcessBuilder("nsenter", namespace, "sh", "-c", commands).start();
    assertThat(up.waitFor()).isZero();
  }

  private String page(Pod pod, String address) throws Exception {
    FakeCarrier own = new FakeCarrier();
    own.type(Carrier.STDIN, "GET /index.html HTTP/1.0\r\n\r\n");
    streams.serve(
        StreamRequest.newBuilder()
            .setPortForward(
                PortForwardStream.newBuilder()
                    .setPod("p")
                    .setNamespace("default")
                    .setUid(pod.getMetadata().getUid())
                    .setAddress(address)
                    .setPort(8080))
            .build(),
        own);
    return own.text(Carrier.STDOUT);
  }

  @Test
  void statisticsNameThePod() throws Exception {
    start("sleep 1000");
    streams.serve(
        StreamRequest.newBuilder().setStats(StatsRequest.getDefaultInstance()).build(), carrier);
    assertThat(carrier.text(Carrier.STDOUT))
        .contains(
            "\"nodeName\":\"node-1\"",
            "\"name\":\"main\"",
            "usageNanoCores",
            "workingSetBytes",
            "\"imageFs\":{",
            "\"curproc\":",
            "\"rootfs\":{",
            "\"logs\":{",
            "\"ephemeral-storage\":{");
  }

  @Test
  void whoAsksFirstWaitsForAWindowAndOthersShareItsAnswer() throws Exception {
    start("sleep 1000");
    List<Duration> pauses = new ArrayList<>();
    AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    StatsSummary stats =
        new StatsSummary(
            "node-1",
            parts(),
            ((InstantSource) now::get).withZone(ZoneOffset.UTC),
            time -> {
              pauses.add(time);
              now.updateAndGet(instant -> instant.plus(time));
            });
    String first = stats.json();
    assertThat(first).contains("\"windowMillis\":1000");
    now.updateAndGet(instant -> instant.plusSeconds(4));
    assertThat(stats.json()).isSameAs(first);
    now.updateAndGet(instant -> instant.plusSeconds(16));
    assertThat(stats.json()).contains("\"windowMillis\":20000");
    assertThat(pauses).containsExactly(Duration.ofSeconds(1));
    now.updateAndGet(instant -> instant.plusSeconds(61));
    assertThat(stats.json()).contains("\"windowMillis\":1000");
    assertThat(pauses).hasSize(2);
  }

  @Test
  void thereIsWhatIsKnownOfVolumes() throws Exception {
    Pod.Builder pod = pod("p", shell("main", "sleep 1000")).toBuilder();
    String uid = pod.getMetadata().getUid();
    for (String name : List.of("cache", "data", "raw", "silent")) {
      VolumeSource.Builder source =
          pod.getSpecBuilder().addVolumesBuilder().setName(name).getVolumeSourceBuilder();
      switch (name) {
        case "cache" -> source.getEmptyDirBuilder();
        case "raw" -> source.getEphemeralBuilder();
        default -> source.getPersistentVolumeClaimBuilder().setClaimName("c-" + name);
      }
    }
    Pod made = start(pod.build());
    StatsSummary stats = new StatsSummary("node-1", parts(), Clock.systemUTC());
    Files.write(
        Files.createDirectories(
                real.folders.data().resolve("volumes").resolve(uid).resolve("cache"))
            .resolve("file"),
        new byte[10_000]);
    CountDownLatch never = new CountDownLatch(1);
    Map<String, Measure> measures = new HashMap<>();
    for (String name : List.of("data", "raw", "silent")) {
      measures.put(name, new Measure.Driver("driver-of-" + name, name, Path.of("/none")));
    }
    volumes.stand(uid, measures);
    Instant when = Instant.parse("2026-11-24T10:00:00Z");
    volumes.answer(measure -> {
      if (measure.equals(measures.get("silent"))) {
        awaitAnswer(never);
      }
      return measure.equals(measures.get("data"))
          ? Optional.of(
              new VolumeFigures(
                  when, Map.of(Figure.INODES, 3L, Figure.USED_BYTES, 4L), Optional.of(true)))
          : Optional.of(
              new VolumeFigures(when, Map.of(Figure.CAPACITY_BYTES, 512L), Optional.empty()));
    });
    rounds.start();
    await().until(() -> rounds.of(made, "data").isPresent() && rounds.of(made, "raw").isPresent());
    JsonNode told = JsonTrees.read(stats.json().getBytes(StandardCharsets.UTF_8));
    JsonNode all = told.path("pods").path(0).path("volume");
    assertThat(all.size()).as("%s", all).isEqualTo(3);
    JsonNode cache = all.path(0);
    assertThat(cache.path("name").asString()).isEqualTo("cache");
    assertThat(cache.path("usedBytes").asLong()).isBetween(10_000L, 30_000L);
    assertThat(cache.path("inodesUsed").asLong()).isEqualTo(2);
    assertThat(cache.path("capacityBytes").asLong())
        .isEqualTo(Files.getFileStore(real.folders.data()).getTotalSpace());
    assertThat(cache.has("pvcRef")).isFalse();
    assertThat(all.path(1).toString())
        .isEqualTo(
            "{\"time\":\"2026-11-24T10:00:00Z\",\"usedBytes\":4,\"inodes\":3,\"name\":\"data\","
                + "\"pvcRef\":{\"name\":\"c-data\",\"namespace\":\"default\"},"
                + "\"volumeHealthStats\":{\"abnormal\":true}}");
    assertThat(all.path(2).toString())
        .isEqualTo(
            "{\"time\":\"2026-11-24T10:00:00Z\",\"capacityBytes\":512,\"name\":\"raw\","
                + "\"pvcRef\":{\"name\":\"p-raw\",\"namespace\":\"default\"}}");
    never.countDown();
  }

  private static void awaitAnswer(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException("closed", e);
    }
  }

  private FakeCarrier page(String path) throws Exception {
    FakeCarrier own = new FakeCarrier();
    streams.serve(
        StreamRequest.newBuilder().setPage(NodePage.newBuilder().setPath(path)).build(), own);
    return own;
  }

  private static StreamRequest imageLoad(String name) {
    return StreamRequest.newBuilder().setImageLoad(ImageLoad.newBuilder().setName(name)).build();
  }

  @Test
  void imagesComeAsArchives() throws Exception {
    images.with("shop:1", logs, ImageConfig.EMPTY);
    carrier.type(Carrier.STDIN, "sho").type(Carrier.STDIN, "p:1").type(Carrier.CLOSE, "\0");
    streams.serve(imageLoad(""), carrier);
    assertThat(carrier.text(Carrier.STDOUT))
        .startsWith("application/json{")
        .contains("\"name\":\"shop:1\"");
    assertThat(carrier.text(Carrier.ERROR)).contains(SUCCESS);
  }

  @Test
  void anArchiveWhoseSenderLeftIsNotTaken() throws Exception {
    images.with("shop:1", logs, ImageConfig.EMPTY);
    carrier.type(Carrier.STDIN, "shop:1").leave();
    streams.serve(imageLoad(""), carrier);
    assertThat(carrier.text(Carrier.STDOUT)).isEmpty();
    assertThat(carrier.text(Carrier.ERROR)).contains("whoever sent it went away before its end");
  }

  @Test
  void whyAnArchiveIsNotTakenIsTold() throws Exception {
    carrier.type(Carrier.CLOSE, "\0");
    streams.serve(imageLoad("nothing:1"), carrier);
    assertThat(carrier.text(Carrier.ERROR))
        .contains("the image archive is not taken: ", "nothing:1", "BadRequest");
  }

  private static StreamRequest imageSave(String... names) {
    return StreamRequest.newBuilder()
        .setImageSave(ImageSave.newBuilder().addAllNames(List.of(names)))
        .build();
  }

  @Test
  void imagesGoAsAnArchive() throws Exception {
    images.with("shop:1", logs, ImageConfig.EMPTY).with("web:2", logs, ImageConfig.EMPTY);
    streams.serve(imageSave("shop:1", "web:2"), carrier);
    assertThat(carrier.text(Carrier.STDOUT)).isEqualTo("application/x-tarshop:1 web:2");
    assertThat(carrier.text(Carrier.ERROR)).contains(SUCCESS);
  }

  @Test
  void anArchiveOfWhatIsNotHereIsRefused() throws Exception {
    images.with("shop:1", logs, ImageConfig.EMPTY);
    streams.serve(imageSave("shop:1", "web:2"), carrier);
    assertThat(carrier.text(Carrier.STDOUT)).isEmpty();
    assertThat(carrier.text(Carrier.ERROR)).contains("NotFound", "image web:2 is not on this node");
  }

  @Test
  void whoWantsAnArchiveTooManyIsToldToComeAgain() throws Exception {
    images.with("shop:1", logs, ImageConfig.EMPTY).busyWithSaves(4);
    streams.serve(imageSave("shop:1"), carrier);
    assertThat(carrier.text(Carrier.STDOUT)).isEmpty();
    assertThat(carrier.text(Carrier.ERROR))
        .contains("429", "TooManyRequests", "try again when one is done");
  }

  @Test
  void anArchiveEndsWhenItsReaderLeaves() throws Exception {
    images.with("shop:1", logs, ImageConfig.EMPTY).holdingUpSaves();
    Thread serving = serve(imageSave("shop:1"));
    carrier.leave();
    assertThat(serving.join(Duration.ofSeconds(20))).isTrue();
    assertThat(carrier.text(Carrier.STDOUT)).isEmpty();
  }

  @Test
  void pagesTellWhatAKubeletWould() throws Exception {
    start("sleep 1000");
    assertThat(page("/healthz").text(Carrier.STDOUT)).isEqualTo("text/plain; charset=utf-8ok");
    assertThat(page("/metrics").text(Carrier.STDOUT))
        .contains("version=0.0.4")
        .endsWith("pods 1\n");
    assertThat(page("/stats/summary").text(Carrier.STDOUT)).contains("\"nodeName\":\"node-1\"");
    assertThat(page("/pods").text(Carrier.STDOUT))
        .contains("\"kind\":\"PodList\"", "\"name\":\"p\"");
    assertThat(page("/configz").text(Carrier.ERROR)).contains("NotFound", "has no /configz");
  }

  @Test
  void logsAreThoseOfTheirFolderAndNoOthers() throws Exception {
    Files.createDirectory(logs.resolve("pods"));
    Files.writeString(logs.resolve("pods").resolve("a&b.log"), "a line\n");
    Files.createSymbolicLink(logs.resolve("inside"), logs.resolve("pods").resolve("a&b.log"));
    Files.createSymbolicLink(logs.resolve("outside"), Path.of("/etc/passwd"));
    assertThat(page("/logs/").text(Carrier.STDOUT))
        .contains("<a href=\"pods/\">pods/</a>", "<a href=\"inside\">");
    assertThat(page("/logs/pods").text(Carrier.STDOUT)).contains(">a&amp;b.log</a>");
    assertThat(page("/logs/pods/a&b.log").text(Carrier.STDOUT)).endsWith("a line\n");
    assertThat(page("/logs/inside").text(Carrier.STDOUT)).endsWith("a line\n");
    for (String other : List.of("/logs/outside", "/logs/../passwd", "/logs/none")) {
      assertThat(page(other).text(Carrier.ERROR)).as(other).contains("NotFound");
      assertThat(page(other).text(Carrier.STDOUT)).as(other).isEmpty();
    }
  }

  /// CVE-2025-0426, CVE-2024-9042: a node has none of the pages by which others were harmed.
  @Test
  void aNodeDoesNothingForWhoAsksForAPage() throws Exception {
    for (String path :
        List.of(
            "/checkpoint/default/a/main",
            "/run/default/a/main?cmd=id",
            "/exec/default/a/main",
            "/debug/pprof/profile",
            "/configz",
            "/logs/?query=$(id)")) {
      assertThat(page(path).text(Carrier.ERROR)).as(path).contains("NotFound");
      assertThat(page(path).text(Carrier.STDOUT)).as(path).isEmpty();
    }
  }

  @Test
  void whatIsNotThereIsSaid() throws Exception {
    Pod pod = start("sleep 1000");
    streams.serve(
        StreamRequest.newBuilder().setExec(exec(pod, "true").setContainer("other")).build(),
        carrier);
    assertThat(carrier.text(Carrier.ERROR)).contains("Failure", "container \\\"other\\\"");
  }
}
