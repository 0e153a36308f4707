package io.coxswain.node.runtime;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.coxswain.node.host.ControlGroups.Layout;
import io.coxswain.node.host.LinuxControlGroups;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.host.Mounts.MountPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

final class CrunTest extends MonitoredRuntimeTest {

  CrunTest() {
    super("crun");
  }

  /// crun 1.8 takes no hybrid layout whose unified hierarchy has a controller.
  @BeforeAll
  static void theLayoutSuitsCrun() throws IOException {
    List<MountPoint> table = new LinuxMounts().list();
    if (LinuxControlGroups.find(new LinuxMounts()).layout() == Layout.HYBRID) {
      for (MountPoint point : table) {
        if (point.type().equals("cgroup2")) {
          String left = Files.readString(point.target().resolve("cgroup.controllers")).strip();
          assumeTrue(left.isEmpty(), "v2 has controllers beside v1, which crun refuses: " + left);
        }
      }
    }
  }
}
