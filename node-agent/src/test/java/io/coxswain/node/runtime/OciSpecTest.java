package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Sysctl;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.cdi.ContainerEdits;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.image.ImageConfig;
import io.coxswain.node.image.PulledImage;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Bundles against files in `src/test/resources/oci`; `-Dgolden.update=true` in `surefire.args`
/// writes them anew.
class OciSpecTest {

  private static final Path GOLDEN = Path.of("src/test/resources/oci");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  record Case(String name, Pod.Builder pod, Container.Builder container, boolean v2) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private static Pod.Builder pod() {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setName("web-0").setNamespace("default").setUid("u1");
    return pod;
  }

  private static Container.Builder container() {
    return Container.newBuilder().setName("main").setImage("nginx");
  }

  static List<Case> cases() {
    Container.Builder limited = container().addCommand("/run").addArgs("--fast");
    limited
        .getResourcesBuilder()
        .putLimits("cpu", Quantities.of("500m"))
        .putLimits("memory", Quantities.of("64Mi"))
        .putLimits("hugepages-2Mi", Quantities.of("4Mi"))
        .putRequests("cpu", Quantities.of("250m"));
    limited
        .getSecurityContextBuilder()
        .setReadOnlyRootFilesystem(true)
        .setAllowPrivilegeEscalation(false)
        .getCapabilitiesBuilder()
        .addDrop("ALL")
        .addAdd("NET_BIND_SERVICE");
    Pod.Builder tuned = pod();
    tuned
        .getSpecBuilder()
        .getSecurityContextBuilder()
        .addSysctls(Sysctl.newBuilder().setName("kernel/shm_rmid_forced").setValue("1"))
        .addSysctls(Sysctl.newBuilder().setName("net.ipv4.conf.eth0/1.mtu").setValue("9"));
    Container.Builder confined = container();
    confined.getSecurityContextBuilder().getSeccompProfileBuilder().setType("RuntimeDefault");
    Container.Builder privileged = container().setTty(true);
    privileged.getSecurityContextBuilder().setPrivileged(true);
    Pod.Builder users = pod();
    users.getSpecBuilder().setHostUsers(false);
    Pod.Builder host = pod();
    host.getSpecBuilder().setHostNetwork(true).setHostPID(true).setHostIPC(true);
    return List.of(
        new Case("plain", pod(), container(), false),
        new Case("limited", tuned, limited, true),
        new Case("confined", pod(), confined, false),
        new Case("users", users, container(), true),
        new Case("privileged-on-host", host, privileged, false));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bundleIs(Case one) throws Exception {
    Map<String, Object> made = OciSpec.of(input(one, Optional.empty()));
    String spec = JSON.writeValueAsString(made).replace("\r\n", "\n") + "\n";
    Path golden = GOLDEN.resolve(one.name() + ".json");
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, spec);
    }
    assertThat(spec).isEqualTo(Files.readString(golden));
  }

  private static OciSpec.Input input(Case one, Optional<ContainerRecord> target) {
    return input(one, ContainerEdits.NONE, target);
  }

  private static OciSpec.Input input(
      Case one, ContainerEdits edits, Optional<ContainerRecord> target) {
    Sandbox sandbox =
        new Sandbox(
            "u1",
            Path.of("/run/cx/pods/u1/ns"),
            Path.of("/data/pods/u1"),
            Path.of("/run/cx/pods/u1/shm"),
            "/coxswain/podu1",
            "s1",
            0,
            "",
            one.name().equals("users")
                ? new UserRange(Path.of("/run/cx/pods/u1/ns/user"), 655_360)
                : UserRange.NODE,
            List.of(InetAddress.ofLiteral("10.244.0.5")));
    PulledImage image =
        new PulledImage(
            "nginx",
            "sha256:1",
            "nginx@sha256:1",
            1,
            new ImageConfig(
                List.of("A=image", "B=image"),
                List.of("/entry"),
                List.of("serve"),
                "",
                "/srv",
                "",
                Set.of()));
    ContainerLaunch launch =
        new ContainerLaunch(
            one.pod().build(),
            one.container().build(),
            0,
            sandbox,
            image,
            List.of("B=pod", "C=pod"),
            List.of(
                BindMount.readOnly(Path.of("/data/volumes/u1/config/inner"), "/etc/app/inner"),
                BindMount.readWrite(Path.of("/data/volumes/u1/config"), "/etc/app")),
            edits,
            target);
    return new OciSpec.Input(
        launch,
        Path.of("/data/rootfs/c1"),
        "/coxswain/podu1/c1",
        Path.of("/data/pods/u1/containers/c1/termination-log"),
        ProcessUser.ROOT,
        -1L,
        "web-0",
        OptionalInt.of(1000),
        one.name().equals("confined")
            ? new Confinement(
                Seccomp.runtimeDefault(
                    Set.copyOf(Capabilities.of(one.container().getSecurityContext(), -1))),
                "coxswain-default")
            : Confinement.NONE,
        List.of(),
        one.v2() ? Set.of("hugepages-2Mi", "hugepages-1Gi") : Set.of(),
        one.v2());
  }

  @Test
  void whatAContainerHasForItsDevicesStandsBesideTheRest() throws Exception {
    ContainerEdits edits =
        new ContainerEdits(
            List.of("C=device", "D=device"),
            List.of(
                new ContainerEdits.DeviceNode(
                    "/dev/thing0",
                    "c",
                    195,
                    3,
                    OptionalInt.of(0660),
                    OptionalLong.of(0),
                    OptionalLong.of(44),
                    "rw"),
                new ContainerEdits.DeviceNode(
                    "/dev/pipe",
                    "p",
                    0,
                    0,
                    OptionalInt.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    "rwm")),
            List.of(
                new ContainerEdits.Mount(
                    "/usr/lib/thing", "/etc/app", "bind", List.of("ro", "rbind"))),
            List.of(
                new ContainerEdits.Hook(
                    "createContainer",
                    "/usr/bin/thing-hook",
                    List.of("thing-hook", "link"),
                    List.of(),
                    OptionalInt.of(5))),
            List.of(44L, 44L),
            Map.of("vendor.example/thing", "0"));
    Case one = new Case("devices", pod(), container(), false);
    String spec = JSON.writeValueAsString(OciSpec.of(input(one, edits, Optional.empty()))) + "\n";
    Path golden = GOLDEN.resolve("devices.json");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, spec);
    }
    assertThat(spec).isEqualTo(Files.readString(golden));
  }

  @ParameterizedTest
  @CsvSource({"rprivate, ''", "rslave, rslave", "rshared, rshared"})
  void theRootIsNotCutOffFromTheHostWhereAMountIsToSpread(String mount, String root) {
    Case one = new Case("", pod(), container(), false);
    OciSpec.Input plain = input(one, Optional.empty());
    ContainerLaunch launch = plain.launch();
    ContainerLaunch spread =
        new ContainerLaunch(
            launch.pod(),
            launch.container(),
            0,
            launch.sandbox(),
            launch.image(),
            List.of(),
            List.of(new BindMount(Path.of("/data"), "/data", false, mount)));
    Map<?, ?> linux =
        (Map<?, ?>)
            Objects.requireNonNull(
                OciSpec.of(
                        new OciSpec.Input(
                            spread,
                            plain.rootfs(),
                            plain.cgroup(),
                            plain.terminationLog(),
                            plain.user(),
                            -1L,
                            "web-0",
                            OptionalInt.empty(),
                            Confinement.NONE,
                            List.of(),
                            Set.of(),
                            false))
                    .get("linux"));
    assertThat(Objects.requireNonNullElse(linux.get("rootfsPropagation"), "")).isEqualTo(root);
  }

  @Test
  void containersThatShareTheirProcessesJoinThePodsPidNamespace() {
    Pod.Builder pod = pod();
    pod.getSpecBuilder().setShareProcessNamespace(true);
    assertThat(
            JSON.writeValueAsString(
                OciSpec.of(input(new Case("", pod, container(), false), Optional.empty()))))
        .containsIgnoringWhitespaces("{\"type\":\"pid\",\"path\":\"/run/cx/pods/u1/ns/pid\"}");
  }

  @Test
  void whoLooksIntoAContainerSharesItsProcesses() {
    ContainerRecord target =
        new ContainerRecord(
            "id",
            "u1",
            "main",
            0,
            "",
            "",
            "",
            "boot",
            4711,
            4710,
            15,
            -1,
            NOON,
            NOON,
            NOON,
            "",
            "",
            Granted.NOTHING,
            ContainerRecord.Origin.UNKNOWN);
    Case one = new Case("", pod(), container(), false);

    assertThat(JSON.writeValueAsString(OciSpec.of(input(one, Optional.of(target)))))
        .containsIgnoringWhitespaces("{\"type\":\"pid\",\"path\":\"/proc/4711/ns/pid\"}");
  }
}
