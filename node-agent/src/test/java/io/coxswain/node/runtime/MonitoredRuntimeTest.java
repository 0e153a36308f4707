package io.coxswain.node.runtime;

import static io.coxswain.node.runtime.RealRuntime.pod;
import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.resource.Quantity;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.host.Signals;
import io.coxswain.node.image.ImageRequest;
import io.coxswain.node.image.PullPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a runtime must do, whichever program makes its containers. Needs root: real containers.
@EnabledIf("io.coxswain.node.host.Root#present")
abstract class MonitoredRuntimeTest {

  private final String program;

  private final BlockingQueue<ContainerRecord> ends = new LinkedBlockingQueue<>();
  private RealRuntime real;

  /// @param program `runc` or `crun`
  MonitoredRuntimeTest(String program) {
    this.program = program;
  }

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime(program);
  }

  @AfterEach
  void close() throws Exception {
    real.cleanUp();
  }

  private ContainerRecord start(Pod pod) throws Exception {
    return real.runtime.start(real.launch(pod, 0, 0), ends::add);
  }

  @Test
  void theProgramIsTheOneThatWasAskedFor() {
    assertThat(real.runtime.version()).startsWith(program + "://");
  }

  private ContainerRecord end() throws Exception {
    ContainerRecord end = ends.poll(20, TimeUnit.SECONDS);
    assertThat(end).isNotNull();
    return end;
  }

  @Test
  void outputAndExitCodeAreKept() throws Exception {
    Pod pod =
        pod(
            "talker",
            shell(
                "main",
                "echo out; echo err >&2; echo why > /dev/termination-log; hostname; exit 3"));
    ContainerRecord started = start(pod);
    assertThat(started.running()).isTrue();
    ContainerRecord end = end();
    assertThat(end.exitCode()).isEqualTo(3);
    assertThat(end.reason()).isEqualTo("Error");
    assertThat(end.message()).isEqualTo("why\n");
    assertThat(Files.readAllLines(real.runtime.log(pod, end)))
        .extracting(line -> CriLog.parse(line).stream() + ":" + CriLog.parse(line).text())
        .containsExactlyInAnyOrder("stdout:out", "stderr:err", "stdout:talker");
    real.runtime.release(end);
    real.runtime.tearDown(pod);
    assertThat(real.folders.podFile(pod.getMetadata().getUid())).doesNotExist();
    assertThat(real.controlGroups().children(real.options.cgroupParent() + "/besteffort"))
        .isEmpty();
  }

  @Test
  void whatAConfinedContainerMayDo() throws Exception {
    Pod.Builder pod =
        pod(
            "confined",
            shell(
                "main",
                "grep -E '^(Seccomp|NoNewPrivs|CapEff):' /proc/self/status;"
                    + " cat /proc/self/oom_score_adj; id -u; id -G; touch /x 2>&1"))
            .toBuilder();
    pod.getSpecBuilder()
        .getSecurityContextBuilder()
        .setRunAsUser(1000)
        .addSupplementalGroups(3000)
        .getSeccompProfileBuilder()
        .setType("RuntimeDefault");
    pod.getSpecBuilder()
        .getContainersBuilder(0)
        .getSecurityContextBuilder()
        .setReadOnlyRootFilesystem(true)
        .setAllowPrivilegeEscalation(false);
    start(pod.build());
    ContainerRecord end = end();
    assertThat(Files.readAllLines(real.runtime.log(pod.build(), end)))
        .extracting(line -> CriLog.parse(line).text().replaceAll("\\s+", " "))
        .containsExactly(
            "CapEff: 0000000000000000",
            "NoNewPrivs: 1",
            "Seccomp: 2",
            "1000",
            "1000",
            "1000 2000 3000",
            "touch: /x: Read-only file system");
  }

  @Test
  void aProfileOfTheNodeSaysWhatAContainerMayCall() throws Exception {
    Files.createDirectories(real.options.seccompProfiles().resolve("team"));
    Files.writeString(
        real.options.seccompProfiles().resolve("team/no-folders.json"),
        """
        {"defaultAction": "SCMP_ACT_ALLOW",
         "archMap": [
           {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
           {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
         "syscalls": [
           {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
           {"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_CHOWN"]}}]}
        """);
    Pod.Builder pod =
        pod(
            "local",
            shell("main", "mkdir /x 2>&1; touch /y; chmod 600 /y; grep Seccomp: /proc/self/status"))
            .toBuilder();
    pod.getSpecBuilder()
        .getContainersBuilder(0)
        .getSecurityContextBuilder()
        .getSeccompProfileBuilder()
        .setType("Localhost")
        .setLocalhostProfile("team/no-folders.json");
    start(pod.build());
    assertThat(Files.readAllLines(real.runtime.log(pod.build(), end())))
        .extracting(line -> CriLog.parse(line).text().replaceAll("\\s+", " "))
        .containsExactly(
            "mkdir: can't create directory '/x': No space left on device", "Seccomp: 2");
  }

  @Test
  void aContainerWaitsForAProfileThatIsNotThere() throws Exception {
    Pod.Builder pod = pod("waits", shell("main", "true")).toBuilder();
    pod.getSpecBuilder()
        .getSecurityContextBuilder()
        .getSeccompProfileBuilder()
        .setType("Localhost")
        .setLocalhostProfile("none.json");
    assertThatThrownBy(() -> start(pod.build()))
        .isInstanceOfSatisfying(
            LaunchException.class, e -> assertThat(e.reason()).isEqualTo("CreateContainerError"))
        .hasMessage(
            "container \"main\": cannot load seccomp profile \"%s/none.json\": %s"
                .formatted(real.options.seccompProfiles(), "no such file or directory"));
  }

  @Test
  void aReadOnlyRootIsSoInItsOwnMountsToo() throws Exception {
    Path rootfs =
        real.images.mountRootfs(
            real.images.pull(
                new ImageRequest(RealRuntime.IMAGE, PullPolicy.IF_NOT_PRESENT, List.of())),
            "look");
    Path usr = Files.createDirectories(rootfs.resolve("usr"));
    real.host.mounts().mount("usr", usr, "tmpfs", Set.of(), "mode=755");
    Pod.Builder pod =
        pod("closed", shell("main", "touch /usr/x 2>&1; touch /dev/shm/x && echo open"))
            .toBuilder();
    pod.getSpecBuilder()
        .getContainersBuilder(0)
        .getSecurityContextBuilder()
        .setReadOnlyRootFilesystem(true);
    start(pod.build());
    assertThat(Files.readAllLines(real.runtime.log(pod.build(), end())))
        .extracting(line -> CriLog.parse(line).text())
        .containsExactly("touch: /usr/x: Read-only file system", "open");
  }

  @ParameterizedTest
  @CsvSource({
    "false, Read-only file system, written",
    "true, Read-only file system, Read-only file system"
  })
  void aMountIsReadOnlyWithWhatIsMountedBelowIt(boolean recursively, String top, String below)
      throws Exception {
    Path volume = Files.createDirectories(real.folders.data().resolve("volume"));
    Path inner = Files.createDirectories(volume.resolve("inner"));
    real.host.mounts().mount("inner", inner, "tmpfs", Set.of(), "mode=755");
    Pod pod =
        pod(
            "closed",
            shell("main", "for d in /data /data/inner; do touch $d/x 2>&1 && echo written; done"));
    ContainerLaunch plain = real.launch(pod, 0, 0);
    ContainerLaunch launch =
        new ContainerLaunch(
            pod,
            plain.container(),
            0,
            plain.sandbox(),
            plain.image(),
            List.of(),
            List.of(new BindMount(volume, "/data", true, recursively, "rprivate")));
    real.runtime.start(launch, ends::add);
    List<String> said =
        Files.readAllLines(real.runtime.log(pod, end())).stream()
            .map(line -> CriLog.parse(line).text())
            .toList();
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).endsWith(top);
    assertThat(said.get(1)).endsWith(below);
    assertThat(real.runtime.handlers()).allMatch(RuntimeHandler::recursiveReadOnly);
  }

  @Test
  void aProgramThatIsNotThereIsAnEndWithItsReason() throws Exception {
    Container container =
        Container.newBuilder().setName("main").setImage("busybox").addCommand("/no/such").build();
    ContainerRecord end = start(pod("broken", container));
    assertThat(end.ended()).isTrue();
    assertThat(end.exitCode()).isEqualTo(127);
    assertThat(end.reason()).isEqualTo("ContainerCannotRun");
    assertThat(end.message()).contains("/no/such");
  }

  @Test
  void aMemoryHogIsKilledAndSaysSo() throws Exception {
    Container hog =
        shell("main", "head -c 200m /dev/zero | tail >/dev/null").toBuilder()
            .setResources(
                io.coxswain.api.core.v1.ResourceRequirements.newBuilder()
                    .putLimits("memory", Quantity.newBuilder().setString("32Mi").build()))
            .build();
    start(pod("hog", hog));
    ContainerRecord end = end();
    assertThat(end.reason()).isEqualTo("OOMKilled");
    assertThat(end.exitCode()).isEqualTo(137);
  }

  /// A limit would be none on a machine with swap. What a container's group begins with is its
  /// pod's.
  @Test
  void memoryIsNotSwappedOut() throws Exception {
    Pod pod = pod("stays", shell("main", "sleep 1000"));
    start(pod);
    boolean unified = real.controlGroups().layout() == ControlGroups.Layout.V2;
    Path groups =
        Path.of(
            (unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory")
                + real.options.cgroupParent()
                + "/besteffort/pod"
                + pod.getMetadata().getUid());
    assertThat(groups).isDirectory();
    if (unified) {
      Path most = groups.resolve("memory.swap.max");
      assumeTrue(Files.exists(most), "the kernel does not swap");
      assertThat(most).hasContent("0");
    } else {
      try (Stream<Path> all = Files.walk(groups)) {
        assertThat(all.filter(file -> file.endsWith("memory.swappiness")))
            .hasSizeGreaterThan(1)
            .allSatisfy(file -> assertThat(file).hasContent("0"));
      }
    }
  }

  /// No volume and no right is needed to take huge pages: who asks for none gets none.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"4Mi | one, two", "2Mi | one", "0 | ''"})
  void hugePagesAreThoseThatWereAskedFor(String limit, String given) throws Exception {
    assumeTrue(
        real.controlGroups().hugePages().contains("hugepages-2Mi"),
        "the machine has no control groups of huge pages");
    try (HugePageReserve reserve = new HugePageReserve(4)) {
      assumeTrue(reserve.pages() == 4, "no memory for huge pages");
      Path rootfs =
          real.images.mountRootfs(
              real.images.pull(
                  new ImageRequest(RealRuntime.IMAGE, PullPolicy.IF_NOT_PRESENT, List.of())),
              "look");
      Path pages = Files.createDirectories(rootfs.resolve("pages"));
      real.host.mounts().mount("pages", pages, "hugetlbfs", Set.of(), "pagesize=2M");
      Pod.Builder pod =
          pod(
              "huge",
              shell(
                  "main",
                  "for page in one two three; do"
                      + " fallocate -l 2097152 /pages/$page 2>/dev/null && echo $page;"
                      + " done; rm /pages/*"))
              .toBuilder();
      if (!limit.equals("0")) {
        pod.getSpecBuilder()
            .getContainersBuilder(0)
            .getResourcesBuilder()
            .putLimits("hugepages-2Mi", Quantity.newBuilder().setString(limit).build());
      }
      start(pod.build());
      assertThat(String.join(", ", said(pod.build(), end()))).isEqualTo(given);
    }
  }

  /// cgroup v1 has nothing like it: there the kernel ends one process, and the rest goes on.
  @Test
  void aContainerThatIsOutOfMemoryEndsAsAWhole() throws Exception {
    assumeTrue(real.controlGroups().layout() == ControlGroups.Layout.V2, "cgroup v1");
    Pod.Builder pod =
        pod("whole", shell("main", "(head -c 1000m /dev/zero | tail); echo went on; sleep 1000"))
            .toBuilder();
    pod.getSpecBuilder()
        .getContainersBuilder(0)
        .getResourcesBuilder()
        .putLimits("memory", Quantity.newBuilder().setString("16Mi").build());
    start(pod.build());
    ContainerRecord end = end();
    assertThat(end.reason()).isEqualTo("OOMKilled");
    assertThat(said(pod.build(), end)).isEmpty();
  }

  /// What a container may do with CAP_SYS_ADMIN that the profile does not let it.
  @Test
  void appArmorConfinesWhoDoesNotSayOtherwise() throws Exception {
    assumeTrue(AppArmor.isEnabled(), "the kernel has no AppArmor");
    String script =
        "cat /proc/self/attr/current; mount -t tmpfs none /tmp 2>/dev/null && echo mounted || echo refused";
    Pod silent = pod("silent", withAdmin(shell("main", script)));
    start(silent);
    assertThat(said(silent, end())).containsExactly("coxswain-default (enforce)", "refused");
    Pod.Builder free = pod("free", withAdmin(shell("main", script))).toBuilder();
    free.getSpecBuilder()
        .getSecurityContextBuilder()
        .getAppArmorProfileBuilder()
        .setType("Unconfined");
    start(free.build());
    assertThat(said(free.build(), end())).containsExactly("unconfined", "mounted");
  }

  private static Container withAdmin(Container container) {
    Container.Builder with = container.toBuilder();
    with.getSecurityContextBuilder().getCapabilitiesBuilder().addAdd("SYS_ADMIN");
    return with.build();
  }

  @Test
  void aForkBombStaysWithinItsPod() throws Exception {
    // The shell that may not fork any more ends, what it has made stays.
    Pod pod = pod("bomb", shell("main", "(while :; do sleep 1000 & done); exec sleep 1000"));
    ContainerRecord container = start(pod);
    String cgroup = real.runtime.cgroup(pod);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> real.controlGroups().usage(cgroup).processes() > 500);
    assertThat(real.controlGroups().usage(cgroup).processes()).isLessThanOrEqualTo(512);
    real.runtime.kill(container);
    assertThat(end().exitCode()).isEqualTo(137);
  }

  @Test
  void cpuStaysWithinItsQuota() throws Exception {
    Container hog =
        shell("main", "while :; do :; done").toBuilder()
            .setResources(
                io.coxswain.api.core.v1.ResourceRequirements.newBuilder()
                    .putLimits("cpu", Quantity.newBuilder().setString("100m").build()))
            .build();
    Pod pod = pod("cpu", hog);
    ContainerRecord container = start(pod);
    long begin = System.nanoTime();
    String cgroup = real.runtime.cgroup(pod, container);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> real.controlGroups().usage(cgroup).cpuNanos() > 100_000_000);
    assertThat(System.nanoTime() - begin).isGreaterThan(700_000_000);
  }

  @Test
  void devicesAreRefusedByTheControlGroup() throws Exception {
    Pod pod =
        pod(
            "devices",
            shell(
                "main",
                "mknod /tmp/mem c 1 1 && cat /tmp/mem 2>&1 | head -c 80;"
                    + " echo; echo ok >/dev/null && echo null"));
    start(pod);
    assertThat(Files.readAllLines(real.runtime.log(pod, end())))
        .extracting(line -> CriLog.parse(line).text())
        .containsExactly("cat: can't open '/tmp/mem': Operation not permitted", "", "null");
  }

  @Test
  void aPrivilegedContainerHasTheNodesDevices() throws Exception {
    Pod.Builder pod =
        pod(
            "privileged",
            shell("main", "ls -l /dev/kmsg /dev/null | cut -c1-10; : < /dev/kmsg && echo opened"))
            .toBuilder();
    pod.getSpecBuilder().getContainersBuilder(0).getSecurityContextBuilder().setPrivileged(true);
    start(pod.build());
    assertThat(said(pod.build(), end())).containsExactly("crw-r--r--", "crw-rw-rw-", "opened");
  }

  @Test
  void whatIsAddedByExecIsInTheContainersGroup() throws Exception {
    Pod pod = pod("grouped", shell("main", "sleep 1000"));
    ContainerRecord container = start(pod);
    PodRuntime.ExecResult own =
        real.runtime.exec(container, List.of("cat", "/proc/1/cgroup"), Duration.ofSeconds(20));
    PodRuntime.ExecResult added =
        real.runtime.exec(container, List.of("cat", "/proc/self/cgroup"), Duration.ofSeconds(20));
    assertThat(added.out()).isEqualTo(own.out());
    // a container of cgroup v2 sees its own group as the root
    assertThat(Files.readAllLines(Path.of("/proc/%d/cgroup".formatted(container.pid()))))
        .filteredOn(line -> line.matches("[0-9]+:(cpu|memory|pids|devices)[:,].*|0::.*"))
        .isNotEmpty()
        .allMatch(line -> line.endsWith("/" + container.id()));
    real.runtime.kill(container);
    end();
  }

  @Test
  void whatIsAddedByExecEndsWithItsTime() throws Exception {
    Pod pod = pod("slow", shell("main", "exec sleep 1000"));
    ContainerRecord container = start(pod);
    assertThatThrownBy(
            () -> real.runtime.exec(container, List.of("sleep", "999"), Duration.ofMillis(500)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not end within");
    await()
        .untilAsserted(() ->
            assertThat(real.controlGroups().processes(real.runtime.cgroup(pod, container)))
                .hasSize(1));
    real.runtime.kill(container);
    end();
  }

  @Test
  void aPodsContainersAreMadeByWhatItsClassNames() throws Exception {
    List<String> handlers = real.runtime.handlers().stream().map(RuntimeHandler::name).toList();
    assertThat(handlers).startsWith("").contains(program);
    for (String handler : handlers) {
      if (handler.isEmpty()) {
        continue;
      }
      Pod pod = of(handler, pod("class-" + handler, shell("main", "exec sleep 1000")));
      ContainerRecord container = start(pod);
      assertThat(container.origin().runtime()).isEqualTo(handler);
      assertThat(real.folders.run().resolve(handler).resolve(container.id())).isDirectory();
      assertThat(real.runtime.exec(container, List.of("echo", "in"), Duration.ofSeconds(20)).out())
          .isEqualTo("in\n");
      assertThat(real.another().adopt(pod, ends::add)).containsExactly(container);
      real.runtime.kill(container);
      assertThat(end().exitCode()).isEqualTo(137);
      real.runtime.release(container);
      assertThat(real.folders.run().resolve(handler).resolve(container.id())).doesNotExist();
      ends.clear();
    }
  }

  @Test
  void aClassThatNamesWhatIsNotHereIsRefused() {
    Pod pod = of("kata", pod("unknown", shell("main", "exec sleep 1000")));
    assertThatThrownBy(() -> real.runtime.setUp(pod, () -> {}))
        .isInstanceOf(IOException.class)
        .hasMessage("failed to get sandbox runtime: no runtime for \"kata\" is configured");
  }

  private Pod withUsers(Pod pod) {
    assumeTrue(
        Kernels.isAtLeast(real.host.machine().kernel(), Kernels.MAPPED_TMPFS),
        "the kernel cannot show files as another's");
    Pod.Builder own = pod.toBuilder();
    own.getSpecBuilder().setHostUsers(false);
    return own.build();
  }

  private List<String> said(Pod pod, ContainerRecord container) throws Exception {
    return Files.readAllLines(real.runtime.log(pod, container)).stream()
        .map(line -> CriLog.parse(line).text().strip().replaceAll("\\s+", " "))
        .toList();
  }

  @Test
  void usersOfItsOwnAreNobodyOnTheNode() throws Exception {
    Path volume = Files.createDirectories(real.folders.data().resolve("closed/volume"));
    Files.setPosixFilePermissions(volume.getParent(), PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(
        Files.writeString(volume.resolve("secret"), "of the volume\n"),
        PosixFilePermissions.fromString("rw-------"));
    Pod pod =
        withUsers(
            pod(
                "users",
                shell(
                    "main",
                    "id -u; cat /proc/self/uid_map /data/secret; touch /data/mine /made /dev/shm/x"
                        + " && echo '127.0.0.9 x' >> /etc/hosts && echo written;"
                        + " hostname; ls -ln /proc/1/exe | cut -c1-4; echo last > /dev/termination-log;"
                        + " exec sleep 1000")));
    ContainerLaunch plain = real.launch(pod, 0, 0);
    int first = plain.sandbox().users().first();
    ContainerLaunch launch =
        plain.from(
            List.of(
                BindMount.readWrite(volume, "/data"),
                BindMount.readOnly(volume.resolve("secret"), "/etc/secret")));
    ContainerRecord container = real.runtime.start(launch, ends::add);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(said(pod, container)).hasSize(6));
    assertThat(said(pod, container))
        .containsExactly(
            "0", "0 %d 65536".formatted(first), "of the volume", "written", "users", "lrwx");
    assertThat(first).isPositive();
    assertThat(Files.readString(Path.of("/proc/%d/status".formatted(container.pid()))))
        .contains("Uid:\t%d\t%d".formatted(first, first));
    assertThat(Files.getAttribute(volume.resolve("mine"), "unix:uid")).isEqualTo(0);
    assertThat(
            Files.getAttribute(
                Path.of("/proc/%d/root/made".formatted(container.pid())), "unix:uid"))
        .isEqualTo(first);
    assertThat(real.host.mounts().list())
        .noneMatch(point -> point.target().startsWith(real.folders.mapped()));
    assertThat(
            real.runtime
                .exec(
                    container,
                    List.of("sh", "-c", "id -u; cat /etc/secret"),
                    Duration.ofSeconds(20))
                .out())
        .isEqualTo("0\nof the volume\n");
    PodRuntime next = real.another();
    assertThat(next.adopt(pod, ends::add)).containsExactly(container);
    assertThat(next.setUp(pod, () -> {}).users()).isEqualTo(plain.sandbox().users());
    Pod other = withUsers(pod("other", shell("main", "true")));
    assertThat(next.setUp(other, () -> {}).users().first()).isNotEqualTo(first);
    real.runtime.kill(container);
    end();
    real.runtime.tearDown(pod);
    next.tearDown(other);
    assertThat(volume.resolve("secret")).hasContent("of the volume");
    assertThat(real.host.mounts().list())
        .noneMatch(point -> point.target().startsWith(real.folders.run()));
  }

  @Test
  void usersOfItsOwnMayHaveTheFolderInWhichTheirMountsAre() throws Exception {
    Path volume = Files.createDirectories(real.folders.data().resolve("volume"));
    Pod pod = withUsers(pod("around", shell("main", "ls -d /all/run /data && echo end")));
    ContainerLaunch plain = real.launch(pod, 0, 0);
    Path all = java.util.Objects.requireNonNull(real.folders.run().getParent());
    for (List<BindMount> mounts :
        List.of(
            List.of(BindMount.readWrite(volume, "/data"), BindMount.readWrite(all, "/all")),
            // a place that cannot be mounted at
            List.of(BindMount.readWrite(all, "/all"), BindMount.readWrite(volume, "/proc/sys")))) {
      ContainerRecord record = real.runtime.start(plain.from(mounts), ends::add);
      ContainerRecord ended = record.ended() ? record : end();
      real.runtime.release(ended);
      assertThat(DiskState.children(real.folders.mapped())).isEmpty();
    }
    real.runtime.tearDown(pod);
    assertThat(real.host.mounts().list())
        .noneMatch(point -> point.target().startsWith(real.folders.run()));
  }

  @Test
  void usersOfItsOwnHaveNoPowersOverTheNode() throws Exception {
    Pod.Builder pod =
        withUsers(
            pod(
                "powers",
                shell(
                    "main",
                    "mkdir /m; mount -t tmpfs none /m && echo mounted;"
                        + " echo 1 > /proc/sys/vm/drop_caches; mknod /d c 1 1;"
                        + " dmesg; date -s 2020-01-01; echo end")))
            .toBuilder();
    pod.getSpecBuilder().getContainersBuilder(0).getSecurityContextBuilder().setPrivileged(true);
    start(pod.build());
    ContainerRecord end = end();
    assertThat(said(pod.build(), end))
        .contains("mounted", "end")
        .anyMatch(line -> line.contains("drop_caches: Permission denied"))
        .anyMatch(line -> line.contains("mknod: /d: Operation not permitted"))
        .anyMatch(line -> line.contains("can't set date: Operation not permitted"));
  }

  @Test
  void usersOfItsOwnShareOnePidNamespace() throws Exception {
    Pod.Builder pod =
        withUsers(pod("shared", shell("main", "cat /proc/1/comm; id -u"))).toBuilder();
    pod.getSpecBuilder().setShareProcessNamespace(true);
    start(pod.build());
    assertThat(said(pod.build(), end())).containsExactly("catatonit", "0");
    real.runtime.tearDown(pod.build());
    assertThat(real.folders.data().resolve("init/catatonit")).exists();
  }

  @Test
  void usersOfItsOwnNeedAWayToTheirFiles() throws Exception {
    Path root = Path.of("/").resolve(real.folders.data().subpath(0, 2));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    Pod pod = withUsers(pod("closed", shell("main", "true")));
    assertThatThrownBy(() -> real.runtime.setUp(pod, () -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("others may pass: chmod o+x " + root);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
    start(pod);
  }

  @Test
  void aUserThatItsOwnDoNotHaveIsRefused() throws Exception {
    Pod.Builder pod = withUsers(pod("large", shell("main", "true"))).toBuilder();
    pod.getSpecBuilder().getSecurityContextBuilder().setRunAsUser(65_536);
    assertThatThrownBy(() -> start(pod.build()))
        .isInstanceOf(LaunchException.class)
        .hasMessage(
            "container has user or group 65536, and a pod with `hostUsers: false` has those below 65536");
  }

  private static Pod of(String runtimeClass, Pod pod) {
    Pod.Builder classed = pod.toBuilder();
    classed.getSpecBuilder().setRuntimeClassName(runtimeClass);
    return classed.build();
  }

  private static Pod sharing(String name, Container... containers) {
    Pod.Builder pod = pod(name, containers).toBuilder();
    pod.getSpecBuilder().setShareProcessNamespace(true);
    return pod.build();
  }

  @Test
  void containersOfAPodThatAsksForItSeeEachOther() throws Exception {
    Pod pod =
        sharing(
            "shared",
            shell("runs", "exec sleep 1001"),
            // its child is left to whoever is first in the namespace
            shell("forks", "(sleep 0.2 &); exec sleep 1002"));
    ContainerRecord runs = start(pod);
    ContainerRecord forks = real.runtime.start(real.launch(pod, 1, 0), ends::add);
    await()
        .untilAsserted(() ->
            assertThat(processes(runs))
                .contains("catatonit", "sleep 1001", "sleep 1002")
                .doesNotContain("sleep 0.2", "zombie"));
    real.runtime.signal(forks, Signals.SIGTERM);
    assertThat(end().exitCode()).isEqualTo(143);
    real.runtime.release(forks);
    ContainerRecord again = real.runtime.start(real.launch(pod, 1, 1), ends::add);
    await().untilAsserted(() -> assertThat(processes(again)).contains("sleep 1001", "sleep 1002"));
    assertThat(again.origin()).isEqualTo(runs.origin());
    int first = real.runtime.setUp(pod, () -> {}).firstProcess();
    real.runtime.tearDown(pod);
    await().until(() -> Files.notExists(Path.of("/proc/" + first)));
    assertThat(real.folders.podRun(pod.getMetadata().getUid())).doesNotExist();
    assertThat(real.folders.run().resolve("c")).isEmptyDirectory();
  }

  /// Command lines of all processes that the container sees.
  private List<String> processes(ContainerRecord container) throws Exception {
    String said =
        real.runtime
            .exec(
                container,
                List.of(
                    "sh",
                    "-c",
                    "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo;"
                        + " grep -q State:.Z $p/status && echo zombie; done"),
                Duration.ofSeconds(20))
            .out();
    return said.lines()
        .map(line -> line.replace("/catatonit -P", "catatonit").strip())
        .filter(line -> !line.startsWith("tr "))
        .toList();
  }

  @Test
  void aSharedNamespaceWhoseFirstProcessEndsIsMadeAnew() throws Exception {
    Pod pod = sharing("mended", shell("main", "exec sleep 1000"));
    BlockingQueue<String> losses = new LinkedBlockingQueue<>();
    Sandbox before = real.runtime.setUp(pod, () -> losses.add("lost"));
    start(pod);
    assertThat(real.another().setUp(pod, () -> losses.add("known"))).isEqualTo(before);
    Signals.send(before.firstProcess(), "", Signals.SIGKILL);
    assertThat(end().exitCode()).isEqualTo(137);
    await().untilAsserted(() -> assertThat(losses).contains("lost", "known"));
    ContainerRecord again = real.runtime.start(real.launch(pod, 0, 1), ends::add);
    assertThat(again.running()).isTrue();
    Sandbox after = real.runtime.setUp(pod, () -> {});
    assertThat(after.id()).isNotEqualTo(before.id()).isEqualTo(again.origin().sandbox());
    assertThat(processes(again)).contains("catatonit", "sleep 1000");
  }

  @Test
  void anEndedContainerLeavesNothingOfItself() throws Exception {
    Pod pod = pod("tidy", shell("main", "sleep 1000"));
    ContainerRecord container = start(pod);
    String cgroup = real.runtime.cgroup(pod, container);
    real.runtime.kill(container);
    ContainerRecord end = end();
    real.runtime.release(end);
    assertThat(real.controlGroups().children(real.runtime.cgroup(pod))).isEmpty();
    assertThat(real.controlGroups().processes(cgroup)).isEmpty();
    assertThat(real.folders.bundle(container.id())).doesNotExist();
    assertThat(real.folders.run().resolve(program).resolve(container.id())).doesNotExist();
    // Whoever watched the monitor took note of its end: nobody has to wait for it any more.
    await().until(() -> Files.notExists(Path.of("/proc/" + container.monitorPid())));
  }

  @Test
  void signalsAndExecReachTheContainer() throws Exception {
    Pod pod =
        pod(
            "exec",
            shell("main", "trap 'exit 7' TERM; echo hi > /tmp/f; while :; do sleep 0.1; done"));
    ContainerRecord container = start(pod);
    PodRuntime.ExecResult result =
        real.runtime.exec(
            container,
            List.of(
                "sh",
                "-c",
                "until [ -s /tmp/f ]; do sleep 0.01; done; cat /tmp/f; echo e >&2; exit 5"),
            Duration.ofSeconds(20));
    assertThat(result).isEqualTo(new PodRuntime.ExecResult(5, "hi\n", "e\n"));
    real.runtime.signal(container, Signals.SIGTERM);
    assertThat(end().exitCode()).isEqualTo(7);
  }

  @Test
  void anotherAgentTakesOver() throws Exception {
    Pod pod =
        pod(
            "adopted",
            shell("runs", "while [ ! -e /tmp/go ]; do sleep 0.1; done; exit 4"),
            shell("ends", "exit 0"));
    ContainerRecord container = start(pod);
    ContainerRecord second = real.runtime.start(real.launch(pod, 1, 0), ends::add);
    assertThat(end().id()).isEqualTo(second.id());

    PodRuntime next = real.another();
    BlockingQueue<ContainerRecord> seen = new LinkedBlockingQueue<>();
    List<ContainerRecord> adopted = next.adopt(pod, seen::add);
    assertThat(adopted)
        .extracting(ContainerRecord::id)
        .containsExactly(container.id(), second.id());
    assertThat(adopted.getFirst()).isEqualTo(container);
    assertThat(adopted.getLast().exitCode()).isZero();
    next.exec(container, List.of("touch", "/tmp/go"), Duration.ofSeconds(20));
    assertThat(seen.poll(20, TimeUnit.SECONDS)).extracting(ContainerRecord::exitCode).isEqualTo(4);
  }

  /// As of one that ended while no agent was there to release it.
  @Test
  void aForgottenContainerLeavesNothing() throws Exception {
    Pod pod = pod("forgotten", shell("main", "exit 0"));
    ContainerRecord container = start(pod);
    end();
    real.runtime.forget(pod, container);
    assertThat(real.folders.bundle(container.id())).doesNotExist();
    assertThat(real.images.rootfsOwners()).doesNotContain(container.id());
    assertThat(real.host.mounts().list())
        .noneMatch(point -> point.target().toString().contains(container.id()));
    assertThat(real.runtime.containers(pod.getMetadata().getUid())).isEmpty();
    assertThat(real.runtime.log(pod, container)).doesNotExist();
  }

  @Test
  void whatIsOfNoPodThatIsKnownIsTakenAway() throws Exception {
    Pod kept = pod("kept", shell("main", "sleep 1000"));
    ContainerRecord stays = start(kept);
    Pod lost = pod("lost", shell("main", "sleep 1000"));
    String uid = lost.getMetadata().getUid();
    ContainerRecord stray = start(lost);
    Files.delete(real.folders.podFile(uid));
    // what the last agent wrote of it was cut off
    Path half = Files.writeString(real.folders.pods().resolve("half.json"), "{\"pod\": ");

    PodRuntime next = real.another();
    next.clearLeftovers();
    await().until(() -> !Signals.belongs(stray.pid(), stray.id()));
    await().until(() -> !Signals.hasArgument(stray.monitorPid(), stray.id()));
    assertThat(real.folders.bundle(stray.id())).doesNotExist();
    assertThat(real.folders.podRun(uid)).doesNotExist();
    assertThat(half).doesNotExist();
    assertThat(real.images.rootfsOwners()).containsExactly(stays.id());
    assertThat(real.host.mounts().list())
        .noneMatch(point -> point.target().toString().contains(uid))
        .noneMatch(point -> point.target().toString().contains(stray.id()));
    assertThat(real.controlGroups().children(real.options.cgroupParent() + "/besteffort"))
        .containsExactly("pod" + kept.getMetadata().getUid());
    assertThat(next.adopt(kept, ends::add)).containsExactly(stays);
    assertThat(Signals.belongs(stays.pid(), stays.id())).isTrue();
  }

  @Test
  void logsOfPodsThatAreGoneGoOnceAllPodsAreKnown() throws Exception {
    Pod kept = pod("kept", shell("main", "echo kept; sleep 1000"));
    ContainerRecord stays = start(kept);
    Pod lost = pod("lost", shell("main", "echo lost; sleep 1000"));
    ContainerRecord stray = start(lost);
    Pod comes = pod("comes", shell("main", "echo comes; sleep 1000"));
    ContainerRecord again = start(comes);
    for (Pod pod : List.of(lost, comes)) {
      Files.delete(real.folders.podFile(pod.getMetadata().getUid()));
    }
    Path logs = real.folders.logs();
    Path unsaid = Files.createDirectories(logs.resolve("default_old_11-22/main"));
    Path strange = Files.createDirectories(logs.resolve("something"));
    Path target = Files.createDirectories(real.disk.resolve("target"));
    Path link = Files.createSymbolicLink(logs.resolve("default_link_33-44"), target);
    // another agent of this machine, with the same folder of logs
    PodFolders others =
        new PodFolders(real.disk.resolve("others"), real.folders.run(), real.folders.logs());
    Pod foreign = pod("foreign", shell("main", "true"));
    Path foreignLog = others.podLogs(foreign).resolve("main/0.log");
    new LogFolders(others).make(foreign, foreignLog);

    PodRuntime next = real.another();
    next.clearLeftovers();
    assertThat(real.runtime.log(lost, stray)).as("its pod may still come").exists();
    assertThat(next.clearLogs(Optional::empty)).isFalse();
    assertThat(real.runtime.log(lost, stray)).exists();
    Set<String> known = Set.of(kept.getMetadata().getUid(), comes.getMetadata().getUid());
    assertThat(next.clearLogs(() -> Optional.of(known))).isTrue();
    assertThat(real.folders.podLogs(lost)).doesNotExist();
    assertThat(real.runtime.log(kept, stays)).exists();
    assertThat(real.runtime.log(comes, again)).exists();
    assertThat(foreignLog.getParent()).as("is not this agent's").exists();
    assertThat(unsaid).as("nobody knows whose").exists();
    assertThat(strange).exists();
    assertThat(link).isSymbolicLink();
    assertThat(target).exists();

    // of an agent that did not say whose they are: known while its pod is
    Set<String> more = Set.of(kept.getMetadata().getUid(), "11-22");
    assertThat(next.clearLogs(() -> Optional.of(more))).isTrue();
    assertThat(real.folders.podLogs(comes)).doesNotExist();
    assertThat(next.clearLogs(() -> Optional.of(known))).isTrue();
    assertThat(unsaid).doesNotExist();
    assertThat(real.runtime.log(kept, stays)).exists();
  }

  @Test
  void aContainerOfWhichNothingIsWrittenIsTakenFromItsPod() throws Exception {
    Pod pod = pod("partly", shell("main", "sleep 1000"), shell("other", "sleep 1000"));
    ContainerRecord known = start(pod);
    ContainerRecord stray = real.runtime.start(real.launch(pod, 1, 0), ends::add);
    Path notes = real.folders.podFile(pod.getMetadata().getUid());
    Files.write(
        notes,
        Files.readAllLines(notes).stream().filter(line -> !line.contains(stray.id())).toList());

    PodRuntime next = real.another();
    next.clearLeftovers();
    await().until(() -> !Signals.belongs(stray.pid(), stray.id()));
    assertThat(real.folders.bundle(stray.id())).doesNotExist();
    assertThat(real.images.rootfsOwners()).containsExactly(known.id());
    assertThat(Signals.belongs(known.pid(), known.id())).isTrue();
  }

  @Test
  void aContainerWhoseMonitorDiesIsEnded() throws Exception {
    Pod pod = pod("orphan", shell("main", "sleep 1000"));
    ContainerRecord container = start(pod);
    Signals.send(container.monitorPid(), "", Signals.SIGKILL);
    ContainerRecord end = end();
    assertThat(end.exitCode()).isEqualTo(137);
    assertThat(end.message()).contains("monitor");
    await().until(() -> !Signals.belongs(container.pid(), container.id()));
  }

  @Test
  void aLogIsReopenedWithoutLosingLines() throws Exception {
    Pod pod =
        pod("log", shell("main", "for i in $(seq 1 2000); do echo line $i; done; sleep 1000"));
    ContainerRecord container = start(pod);
    Path output = real.runtime.log(pod, container);
    Path old = output.resolveSibling("0.log.1");
    await().until(() -> Files.size(output) > 1000);
    Files.move(output, old);
    real.runtime.reopenLog(container);
    await()
        .untilAsserted(() -> {
          assertThat(output).exists();
          assertThat(lines(old) + lines(output)).isEqualTo(2000);
        });
    real.runtime.kill(container);
    end();
  }

  /// The monitor may write a line in parts; the last part counts.
  private static long lines(Path file) throws Exception {
    return Files.readAllLines(file).stream().filter(line -> !CriLog.parse(line).partial()).count();
  }
}
