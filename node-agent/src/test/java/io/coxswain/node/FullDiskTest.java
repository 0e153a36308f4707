package io.coxswain.node;

import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.ContainerStatus;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.Resources;
import io.coxswain.node.pressure.PressureOptions;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.RealRuntime;
import io.coxswain.node.status.Reserved;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Needs root: the disk of the agent's data and logs is full to the last byte. What runs goes on,
/// what ends is told as it was, what comes waits and says why, nothing half written is left; and
/// when there is room again, all is as if nothing had been.
@EnabledIf("io.coxswain.node.host.Root#present")
class FullDiskTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private RealRuntime real;
  private RealAgent agent;
  private Resources<Pod> pods;

  @BeforeEach
  void open() throws Exception {
    real = RealRuntime.withDiskOf(8 << 20);
    agent = new RealAgent(real).small(110, Reserved.NOTHING);
    pods = agent.pods;
    agent.pressure =
        new PressureOptions(
            List.of(), Duration.ofSeconds(1), Duration.ZERO, Duration.ofMillis(200));
    agent.start();
  }

  @AfterEach
  void close() throws Exception {
    agent.cleanUp();
  }

  private Pod create(String name, String restartPolicy, String script) {
    Pod.Builder pod = RealAgent.pod(name, shell("main", script));
    pod.getSpecBuilder().setRestartPolicy(restartPolicy).setTerminationGracePeriodSeconds(1);
    return pods.create(pod.build());
  }

  private ContainerStatus container(String name) {
    return agent.read(name).getStatus().getContainerStatuses(0);
  }

  private static long written(Path file) throws IOException {
    byte[] block = new byte[4096];
    long bytes = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
        bytes += block.length;
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left on device");
      return bytes;
    }
  }

  /// Also what others gave back meanwhile.
  private void fill(List<Path> files) throws IOException {
    Path file;
    do {
      file = real.disk.resolve("filler" + files.size());
      files.add(file);
    } while (written(file) > 0);
  }

  private long lines(Pod pod) throws IOException {
    Path log =
        real.runtime.log(pod, real.runtime.containers(pod.getMetadata().getUid()).getFirst());
    return Files.readAllLines(log).size();
  }

  @Test
  void whatRunsGoesOnAndWhatComesWaits() throws Exception {
    Pod talks = create("talks", "Always", "while :; do echo tick; sleep 0.1; done");
    create("ends", "Never", "while [ ! -e /dev/shm/go ]; do sleep 0.1; done; exit 3");
    agent.awaitReady("talks");
    agent.awaitReady("ends");
    List<Path> fillers = new ArrayList<>();
    fill(fillers);

    create("late", "Always", "exec sleep 1000");
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(agent.events)
                .anyMatch(event ->
                    event.startsWith("Failed") && event.contains("No space left on device")));
    // a file in the container's own memory, and so none on the disk
    ContainerRecord record =
        real.runtime.containers(agent.read("ends").getMetadata().getUid()).getFirst();
    assertThat(
            real.runtime
                .exec(record, List.of("touch", "/dev/shm/go"), Duration.ofSeconds(10))
                .exit())
        .isZero();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(agent.read("ends").getStatus().getPhase()).isEqualTo("Failed");
          assertThat(container("ends").getState().getTerminated().getExitCode()).isEqualTo(3);
        });

    // not even an agent that starts now harms what runs, and it knows how the other ended
    String id = container("talks").getContainerID();
    fill(fillers);
    agent.end();
    agent.start();
    agent.awaitReady("talks");
    assertThat(container("talks"))
        .matches(one -> one.getContainerID().equals(id) && one.getRestartCount() == 0);
    assertThat(container("ends").getState().getTerminated().getExitCode()).isEqualTo(3);

    for (Path filler : fillers) {
      Files.delete(filler);
    }
    agent.awaitReady("late");
    long before = lines(talks);
    await().atMost(SOON).until(() -> lines(talks) > before);
    create("next", "Always", "exec sleep 1000");
    agent.awaitReady("next");
    assertThat(container("talks").getRestartCount()).isZero();
    try (var files = Files.list(real.folders.pods())) {
      assertThat(files).allMatch(file -> file.toString().endsWith(".json"));
    }
    assertThat(real.another().known()).hasSize(4);
  }
}
