package io.coxswain.node.runtime;

import static io.coxswain.node.runtime.RealRuntime.pod;
import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Sysctl;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.FileType;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.host.Signals;
import io.coxswain.node.runtime.AttackBed.Attack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What those who have runtimes make containers have been led to by what they were given to do.
final class AgentAttacks {

  private AgentAttacks() {}

  static Stream<Attack> all() {
    return Stream.of(
        new Attack(
            "CVE-2024-40635: a user of which 32 bits are root's",
            bed -> {
              Files.writeString(
                  bed.rootfs.resolve("etc/passwd"), "big:x:4294967296:4294967296::/:/bin/sh\n");
              for (String user :
                  List.of("4294967296", "4294967296:4294967296", "big", "99999999999")) {
                bed.image(AttackBed.config(user));
                Pod.Builder pod = pod("big", shell("main", "id -u")).toBuilder();
                pod.getSpecBuilder().getSecurityContextBuilder().setRunAsNonRoot(true);
                assertThatThrownBy(() -> bed.start(pod.build()))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("the image wants user");
              }
            }),
        new Attack(
            "CVE-2019-11245: an image's root where none is wanted, at each start",
            bed -> {
              bed.image(AttackBed.config("root"));
              Pod.Builder pod = pod("root", shell("main", "id -u")).toBuilder();
              pod.getSpecBuilder().getSecurityContextBuilder().setRunAsNonRoot(true);
              for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> bed.start(pod.build()))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("would run as root");
              }
            }),
        new Attack(
            "a list of users that is none",
            bed -> {
              Path passwd = bed.rootfs.resolve("etc/passwd");
              Files.write(
                  passwd,
                  "app:x:1000:none::\nroot\n\u00ff:x\n".getBytes(StandardCharsets.ISO_8859_1));
              bed.image(AttackBed.config("app"));
              assertThat(bed.said(pod("damaged", shell("main", "echo runs $(id -u)"))))
                  .contains("runs 1000");
              Files.delete(passwd);
              AttackBed.link(passwd, bed.mark.toString());
              assertThatThrownBy(() -> bed.start(pod("linked", shell("main", "id"))))
                  .isInstanceOf(LaunchException.class);
              Files.delete(passwd);
              LinuxFiles.makeNode(LinuxFiles.AT_FDCWD, passwd.toString(), FileType.FIFO, 0600, 0);
              assertThatThrownBy(() -> bed.start(pod("waits", shell("main", "id"))))
                  .isInstanceOf(LaunchException.class);
            }),
        new Attack(
            "CVE-2022-4318: a home with a line of its own",
            bed -> {
              String home = "/\\nevil::0:0::/:/bin/sh".replace("\\n", "\n");
              Pod pod = pod("home", shell("main", "cat /etc/passwd; echo over"));
              ContainerRecord started = bed.start(pod, List.of("HOME=" + home));
              assertThat(bed.log(pod, bed.end())).contains("over").doesNotContain("evil");
              bed.real.runtime.release(started);
            }),
        new Attack(
            "CVE-2022-1708, CVE-2022-31030: a probe's output has no end",
            bed -> {
              ContainerRecord container = bed.start(pod("talks", shell("main", "exec sleep 1000")));
              PodRuntime.ExecResult said =
                  bed.real.runtime.exec(
                      container,
                      List.of("sh", "-c", "yes 0123456789 | head -c 60000000"),
                      Duration.ofSeconds(60));
              assertThat(said.out()).hasSizeLessThanOrEqualTo(16 << 20);
              bed.stop(container);
            }),
        new Attack(
            "CVE-2020-15257: a socket without a file",
            bed -> {
              ContainerRecord container =
                  bed.start(pod("sockets", shell("main", "exec sleep 1000")));
              Set<String> own = sockets(container.monitorPid());
              assertThat(own).isNotEmpty();
              assertThat(Files.readAllLines(Path.of("/proc/net/unix")))
                  .filteredOn(line -> own.contains(line.split(" +", -1)[6]))
                  .noneMatch(line -> line.contains("@"));
              bed.stop(container);
            }),
        new Attack(
            "CVE-2025-23266: a container's variables load code into what makes it",
            bed -> {
              Pod pod = pod("loads", shell("main", "exec sleep 1000"));
              ContainerRecord container =
                  bed.start(pod, List.of("LD_PRELOAD=/evil.so", "_LIBCONTAINER_LOGPIPE=1"));
              String monitor =
                  Files.readString(Path.of("/proc/" + container.monitorPid() + "/environ"));
              assertThat(monitor).doesNotContain("/evil.so", "_LIBCONTAINER_LOGPIPE");
              bed.stop(container);
            }),
        new Attack(
            "CVE-2024-3154, CVE-2025-24965: annotations that speak to the runtime",
            bed -> {
              Pod.Builder pod = pod("annotated", shell("main", "exec sleep 1000")).toBuilder();
              pod.getMetadataBuilder()
                  .putAnnotations("run.oci.handler", "krun")
                  .putAnnotations("run.oci.hooks.stdout", bed.outside.resolve("made").toString())
                  .putAnnotations("org.systemd.property.ExecStartPre", "/bin/false");
              ContainerRecord container = bed.start(pod.build());
              Path bundle = bed.real.folders.bundle(container.id());
              assertThat(Files.readString(bundle.resolve("config.json")))
                  .doesNotContain("annotations", "hooks", "krun");
              bed.stop(container);
            }),
        new Attack(
            "CVE-2022-0811: a kernel parameter behind another",
            bed -> {
              Path core = Path.of("/proc/sys/kernel/core_pattern");
              String before = Files.readString(core);
              for (Sysctl sysctl :
                  List.of(
                      sysctl("kernel.shm_rmid_forced", "1+kernel.core_pattern=|/evil"),
                      sysctl("kernel.core_pattern", "|/evil"),
                      sysctl("net/../kernel/core_pattern", "|/evil"),
                      sysctl("vm.swappiness", "1"))) {
                Pod.Builder pod = pod("tuned", shell("main", "echo ran")).toBuilder();
                pod.getSpecBuilder().getSecurityContextBuilder().addSysctls(sysctl);
                assertThat(bed.said(pod.build())).doesNotContain("ran");
              }
              assertThat(Files.readString(core)).isEqualTo(before);
            }),
        new Attack(
            "CVE-2020-8557: the file of hosts grows without end",
            bed -> {
              Pod pod =
                  pod(
                      "grows",
                      shell("main", "yes | head -c 200m >> /etc/hosts; wc -c < /etc/hosts"));
              ContainerRecord _ = bed.start(pod);
              ContainerRecord end = bed.end();
              Path hosts = bed.real.runtime.setUp(pod, () -> {}).files().resolve("hosts");
              assertThat(Long.parseLong(CriLog.parse(lastLine(bed.log(pod, end))).text().strip()))
                  .isLessThanOrEqualTo(64 << 20);
              assertThat(hosts).as("as the agent wrote it").isRegularFile();
              assertThat(Files.size(hosts)).isLessThan(4096);
              assertThat(bed.said(pod("others", shell("main", "echo run")))).contains("run");
            }),
        new Attack(
            "last words at a place of the host's",
            bed -> {
              for (String path :
                  List.of(
                      "/../../../../.." + bed.mark,
                      "../../../../../.." + bed.mark,
                      "/proc/self/fd/5",
                      "/proc/1/root" + bed.mark)) {
                Pod pod =
                    AttackBed.change(
                        pod("words", shell("main", "true")),
                        container -> container.setTerminationMessagePath(path));
                assertThat(bed.said(pod)).doesNotContain(AttackBed.SECRET);
              }
            }),
        new Attack(
            "last words are a link",
            bed -> {
              String script =
                  "busybox rm -f /dev/termination-log; busybox ln -sf %s /dev/termination-log; exit 1"
                      .formatted(bed.mark);
              Pod pod = pod("words", shell("main", script));
              ContainerRecord _ = bed.start(pod);
              assertThat(bed.end().message()).doesNotContain(AttackBed.SECRET);
            }),
        new Attack(
            "a pod that has the host's logs puts links there",
            bed -> {
              Pod pod =
                  AttackBed.change(
                      pod("logs", shell("main", "sleep 0.3; exit 1")),
                      container -> container.setTerminationMessagePolicy("FallbackToLogsOnError"));
              ContainerRecord started = bed.start(pod);
              Path log = bed.real.runtime.log(pod, started);
              Path words = bed.real.folders.terminationLog(pod, started);
              for (Path file : List.of(log, words)) {
                Files.delete(file);
                Files.createSymbolicLink(file, bed.mark);
              }
              assertThat(bed.end().message()).doesNotContain(AttackBed.SECRET);
              assertThatThrownBy(() -> bed.real.runtime.openLog(log))
                  .isInstanceOf(IOException.class);
              Path folder = bed.real.folders.podLogs(pod).resolve("main");
              FileTree.delete(folder);
              Files.createSymbolicLink(folder, bed.outside);
              assertThatThrownBy(() -> bed.start(pod))
                  .isInstanceOf(LaunchException.class)
                  .hasMessageContaining("a link stands in the path of the log");
            }),
        new Attack(
            "a setuid program or a device in shared memory",
            bed -> {
              Pod pod = pod("shares", shell("main", "grep ' /dev/shm ' /proc/self/mountinfo"));
              assertThat(bed.said(pod)).contains("nosuid").contains("nodev").contains("noexec");
            }),
        new Attack(
            "the first process of a shared pid namespace shows the host's files",
            bed -> {
              Pod.Builder pod =
                  pod("shared", shell("main", "ls -d /proc/1 && cat /proc/1/root" + bed.mark))
                      .toBuilder();
              pod.getSpecBuilder().setShareProcessNamespace(true);
              assertThat(bed.said(pod.build()))
                  .contains("/proc/1")
                  .doesNotContain(AttackBed.SECRET);
            }),
        new Attack(
            "a container's first process takes no signal for another's",
            bed -> {
              ContainerRecord container =
                  bed.start(pod("signals", shell("main", "exec sleep 1000")));
              ContainerRecord other =
                  container.made((int) ProcessHandle.current().pid(), container.monitorPid());
              // a number that belongs to somebody else by now: the agent itself is not hit
              bed.real.runtime.signal(other, Signals.SIGKILL);
              bed.stop(container);
            }));
  }

  private static String lastLine(String text) {
    return new ArrayList<>(text.lines().toList()).getLast();
  }

  private static Sysctl sysctl(String name, String value) {
    return Sysctl.newBuilder().setName(name).setValue(value).build();
  }

  private static Set<String> sockets(int pid) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return descriptors
          .map(descriptor -> {
            try {
              return Files.readSymbolicLink(descriptor).toString();
            } catch (IOException e) {
              return "";
            }
          })
          .filter(target -> target.startsWith("socket:["))
          .map(target -> target.substring(8, target.length() - 1))
          .collect(java.util.stream.Collectors.toSet());
    }
  }
}
