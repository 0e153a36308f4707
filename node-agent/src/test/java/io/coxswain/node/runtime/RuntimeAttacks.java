package io.coxswain.node.runtime;

import static io.coxswain.node.runtime.RealRuntime.pod;
import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.filesystem.LinuxFiles;
import io.coxswain.node.runtime.AttackBed.Attack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// What runtimes have been led to by what is in a container, its image and its volumes.
final class RuntimeAttacks {

  private RuntimeAttacks() {}

  static Stream<Attack> all() {
    return Stream.of(
        new Attack(
            "CVE-2019-5736: the runtime's program is overwritten",
            bed -> {
              Path origin = Path.of("/usr/bin", bed.program);
              byte[] before = Files.readAllBytes(origin);
              Path evil = Files.writeString(bed.rootfs.resolve("bin/evil"), "#!/proc/self/exe\n");
              LinuxFiles.changeMode(LinuxFiles.AT_FDCWD, evil.toString(), 0755);
              ContainerRecord container =
                  bed.start(
                      pod(
                          "overwrites",
                          shell(
                              "main",
                              "while :; do for p in /proc/[0-9]*; do"
                                  + " case $(busybox readlink $p/exe) in /bin/busybox|'') ;; *)"
                                  + " (exec 7<$p/exe; echo evil > /proc/self/fd/7 && echo > /won) 2>/dev/null ;;"
                                  + " esac; done; done")));
              for (int i = 0; i < 8; i++) {
                bed.real.runtime.exec(
                    container,
                    List.of(i % 2 == 0 ? "/bin/evil" : "/bin/true"),
                    Duration.ofSeconds(20));
              }
              assertThat(bed.rootfs.resolve("won")).doesNotExist();
              assertThat(Files.readAllBytes(origin)).isEqualTo(before);
              bed.stop(container);
              assertThat(bed.said(pod("after", shell("main", "echo runs")))).contains("runs");
            }),
        new Attack(
            "CVE-2016-9962: what joins a container is looked into",
            bed -> {
              Pod pod =
                  pod(
                      "looks",
                      shell(
                          "main",
                          ("while :; do for p in /proc/[0-9]*; do"
                                  + " cat $p/root%s $p/cwd/%s $p/fd/*/%s; done 2>/dev/null; done")
                              .formatted(bed.mark, bed.up(), bed.up())));
              ContainerRecord container = bed.start(pod);
              for (int i = 0; i < 8; i++) {
                bed.real.runtime.exec(container, List.of("/bin/true"), Duration.ofSeconds(20));
              }
              bed.stop(container);
              assertThat(bed.log(pod, container)).doesNotContain(AttackBed.SECRET);
            }),
        new Attack(
            "CVE-2024-21626: a descriptor that was left open as working directory",
            bed -> {
              for (int number = 3; number < 16; number++) {
                int descriptor = number;
                Pod pod =
                    AttackBed.change(
                        pod("fd" + number, shell("main", "cat " + bed.up())),
                        container -> container.setWorkingDir("/proc/self/fd/" + descriptor));
                assertThat(bed.said(pod)).doesNotContain(AttackBed.SECRET);
              }
            }),
        new Attack(
            "CVE-2024-21626: the same by exec and a link",
            bed -> {
              ContainerRecord container =
                  bed.start(
                      AttackBed.change(
                          pod("links", shell("main", "exec sleep 1000")),
                          made -> made.setWorkingDir("/work")));
              for (int number = 3; number < 16; number++) {
                Files.deleteIfExists(bed.rootfs.resolve("work"));
                AttackBed.link(bed.rootfs.resolve("work"), "/proc/self/fd/" + number);
                assertThat(
                        bed.real
                            .runtime
                            .exec(container, List.of("cat", bed.up()), Duration.ofSeconds(20))
                            .out())
                    .doesNotContain(AttackBed.SECRET);
              }
              bed.stop(container);
            }),
        new Attack(
            "CVE-2025-31133: a link for the device that covers the kernel's files",
            bed -> {
              for (String link : List.of("/proc/keys", "/proc/kcore", "/etc/passwd", "")) {
                BindMount dev = BindMount.readWrite(bed.devices(link), "/dev");
                assertThat(bed.said(pod("covers", shell("main", AttackBed.LOOK)), dev))
                    .doesNotContain("OPEN");
              }
              AttackBed.link(bed.rootfs.resolve("elsewhere"), "/dev");
              BindMount dev = BindMount.readWrite(bed.devices("/proc/keys"), "/elsewhere");
              assertThat(bed.said(pod("covers", shell("main", AttackBed.LOOK)), dev))
                  .doesNotContain("OPEN");
            }),
        new Attack(
            "CVE-2025-52565: a link for the console",
            bed -> {
              Path dev = bed.devices("device");
              AttackBed.link(dev.resolve("console"), "/proc/sysrq-trigger");
              Pod pod =
                  AttackBed.change(
                      pod("console", shell("main", AttackBed.LOOK)), one -> one.setTty(true));
              assertThat(bed.said(pod, BindMount.readWrite(dev, "/dev"))).doesNotContain("OPEN");
              Path pts = bed.folder("pts");
              for (int i = 0; i < 4; i++) {
                AttackBed.link(pts.resolve("" + i), "/proc/sysrq-trigger");
              }
              assertThat(bed.said(pod, BindMount.readWrite(pts, "/dev/pts")))
                  .doesNotContain("OPEN");
            }),
        new Attack(
            "CVE-2019-19921, CVE-2019-16884, CVE-2025-52881: a volume as /proc",
            bed -> {
              Path proc = bed.folder("proc");
              Files.createDirectories(proc.resolve("self/attr"));
              Files.createDirectories(proc.resolve("self/fd"));
              Files.createDirectories(proc.resolve("thread-self/attr"));
              for (String name :
                  List.of("self/attr/exec", "thread-self/attr/exec", "self/setgroups")) {
                AttackBed.link(proc.resolve(name), bed.mark.toString());
              }
              for (String target : List.of("/proc", "/proc/self", "/proc/sys", "/proc/1")) {
                BindMount volume = BindMount.readWrite(proc, target);
                assertThat(bed.said(pod("proc", shell("main", AttackBed.LOOK)), volume))
                    .doesNotContain("OPEN");
              }
            }),
        new Attack(
            "CVE-2021-30465: a volume's place is a link that leads out",
            bed -> {
              Path volume = bed.folder("outer");
              AttackBed.link(volume.resolve("l"), "/../../../../../.." + bed.outside);
              Pod pod = pod("places", shell("main", "cat /v/l/mark; ls /v/l"));
              String said =
                  bed.said(
                      pod,
                      BindMount.readWrite(volume, "/v"),
                      BindMount.readWrite(bed.folder("inner"), "/v/l/made"));
              assertThat(said).doesNotContain(AttackBed.SECRET);
            }),
        new Attack(
            "CVE-2021-30465, CVE-2024-45310: the same while it changes",
            bed -> {
              Path volume = bed.folder("outer");
              Path inner = bed.folder("inner");
              AtomicBoolean over = new AtomicBoolean();
              Thread swapper = Thread.ofPlatform().start(() -> swap(volume, bed.outside, over));
              try {
                for (int i = 0; i < 12; i++) {
                  Pod pod = pod("swaps" + i, shell("main", "cat /v/l/mark /v/l/*/mark"));
                  String said =
                      bed.said(
                          pod,
                          BindMount.readWrite(volume, "/v"),
                          BindMount.readWrite(inner, "/v/l/made"));
                  assertThat(said).doesNotContain(AttackBed.SECRET);
                }
              } finally {
                over.set(true);
                swapper.join();
              }
            }),
        new Attack(
            "CVE-2022-0492: a release agent is set",
            bed -> {
              String script =
                  "mount -t cgroup -o rdma cgroup /tmp && echo OPEN;"
                      + " busybox unshare -Ur sh -c 'mount -t cgroup -o rdma cgroup /tmp && echo OPEN';"
                      + " for f in /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent; do"
                      + " [ -e $f ] && (echo /evil > $f) && echo OPEN; done; echo over";
              assertThat(bed.said(pod("agent", shell("main", script)))).doesNotContain("OPEN");
            }),
        new Attack(
            "CVE-2023-25809: a process moves itself to another group",
            bed -> {
              String script =
                  "for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do"
                      + " [ -e $f ] && (echo $$ > $f) && echo OPEN; done; echo over";
              assertThat(bed.said(pod("mover", shell("main", script)))).doesNotContain("OPEN");
            }),
        new Attack(
            "CVE-2022-24769, CVE-2022-29162, CVE-2022-27650: powers to hand on",
            bed -> {
              List<String> look = List.of("grep", "CapInh", "/proc/self/status");
              ContainerRecord container =
                  bed.start(pod("powers", shell("main", "exec sleep 1000")));
              assertThat(bed.real.runtime.exec(container, look, Duration.ofSeconds(20)).out())
                  .isEqualTo("CapInh:\t0000000000000000\n");
              bed.stop(container);
              assertThat(bed.said(pod("powers", shell("main", String.join(" ", look)))))
                  .contains("CapInh:\t0000000000000000");
            }));
  }

  private static void swap(Path volume, Path outside, AtomicBoolean over) {
    Path place = volume.resolve("l");
    Path link = volume.resolve("next");
    while (!over.get()) {
      try {
        FileTree.delete(place);
        Files.createDirectory(place);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of("/../../../../../.." + outside));
        FileTree.delete(place);
        Files.move(link, place, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        // a runtime has made something there meanwhile: again
        Thread.onSpinWait();
      }
    }
  }
}
