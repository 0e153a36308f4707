package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.node.network.FakePodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// A crun that finds this machine not to its taste, as one does where control groups of v1 and v2
/// lie side by side.
@EnabledIf("io.coxswain.node.host.Root#present")
final class RuntimeTrialTest {

  @TempDir Path folder;

  private RealRuntime real;

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime("runc");
  }

  @AfterEach
  void cleanUp() throws Exception {
    real.cleanUp();
  }

  /// @param handlers programs by the name that RuntimeClasses have for them
  /// @param standard program for all other pods
  private RuntimeOptions options(Map<String, Path> handlers, String standard) {
    return new RuntimeOptions(
        real.options.cgroupParent(),
        512,
        real.options.nodeAddresses(),
        "cluster.local",
        false,
        real.options.seccompProfiles(),
        4,
        real.options.conmon(),
        handlers,
        standard);
  }

  private PodRuntime runtimes(RuntimeOptions options) throws Exception {
    return PodRuntimes.of(
        real.folders,
        real.host,
        real.images,
        new FakePodNetwork(),
        one -> one,
        options,
        Clock.systemUTC());
  }

  @Test
  void whatDoesNotWorkHereIsRefusedAndLeavesNothing() throws Exception {
    Path crun = Files.writeString(folder.resolve("crun"), "#!/bin/sh\necho no >&2\nexit 1\n");
    Files.setPosixFilePermissions(crun, PosixFilePermissions.fromString("rwxr-xr-x"));
    RuntimeOptions options = options(Map.of(), crun.toString());

    assertThatThrownBy(() -> runtimes(options))
        .isInstanceOf(IOException.class)
        .hasMessage("no runtime for containers: %s does not work on this machine: no", crun);

    assertThat(real.folders.bundle("trial")).doesNotExist();
    assertThat(real.controlGroups().children(options.cgroupParent())).isEmpty();
  }

  @Test
  void usersOfItsOwnAreRefusedWhereTheRuntimeCannot() throws Exception {
    Path old = Files.writeString(folder.resolve("old"), "#!/bin/sh\nexit 1\n");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
    RuntimeOptions options = options(Map.of("old", old), "runc");
    PodRuntime runtime = runtimes(options);
    io.coxswain.api.core.v1.Pod.Builder pod =
        RealRuntime.pod("users", RealRuntime.shell("main", "true")).toBuilder();
    pod.getSpecBuilder().setHostUsers(false).setRuntimeClassName("old");

    assertThatThrownBy(() -> runtime.setUp(pod.build(), () -> {}))
        .hasMessage(
            "can't set `spec.hostUsers: false`, RuntimeClass handler \"old\" does not support user namespaces");
    assertThat(runtime.handlers())
        .contains(new RuntimeHandler("old", false, false), new RuntimeHandler("runc", true, true));
  }
}
