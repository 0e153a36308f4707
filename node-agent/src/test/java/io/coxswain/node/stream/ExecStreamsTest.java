package io.coxswain.node.stream;

import static io.coxswain.node.runtime.RealRuntime.pod;
import static io.coxswain.node.runtime.RealRuntime.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.RealRuntime;
import io.coxswain.rpc.v1.ExecStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// Processes beside a container's first, with whichever program makes them. Needs root.
@EnabledIf("io.coxswain.node.host.Root#present")
abstract class ExecStreamsTest {

  private final String program;
  private final FakeCarrier carrier = new FakeCarrier();
  private final TaskScope tasks = new TaskScope("test");
  private RealRuntime real;
  private Pod pod;
  private ContainerRecord container;

  /// @param program `runc` or `crun`
  ExecStreamsTest(String program) {
    this.program = program;
  }

  @BeforeEach
  void open() throws Exception {
    real = new RealRuntime(program);
    pod = pod("p", shell("main", "exec sleep 1000"));
    container = real.runtime.start(real.launch(pod, 0, 0), _ -> {});
  }

  @AfterEach
  void close() throws Exception {
    tasks.close();
    real.cleanUp();
  }

  private static ExecStream.Builder exec(String script) {
    return ExecStream.newBuilder()
        .addAllCommand(List.of("sh", "-c", script))
        .setStdout(true)
        .setStderr(true);
  }

  /// @return its exit code, when it has ended
  private CompletableFuture<Integer> serve(ExecStream.Builder wanted, FakeCarrier by) {
    CompletableFuture<Integer> code = new CompletableFuture<>();
    tasks.fork(
        "serve",
        () -> {
          try (TaskScope own = new TaskScope("stream")) {
            code.complete(new ExecStreams(real.runtime).run(container, wanted.build(), by, own));
          } catch (Exception e) {
            code.completeExceptionally(e);
          }
        });
    return code;
  }

  private int ended(CompletableFuture<Integer> code) throws Exception {
    return code.get(20, TimeUnit.SECONDS);
  }

  private void awaitNothingButTheContainer() {
    await()
        .untilAsserted(() ->
            assertThat(real.controlGroups().processes(real.runtime.cgroup(pod, container)))
                .map(ExecStreamsTest::commandLine)
                .containsExactly("sleep 1000"));
  }

  private static String commandLine(int pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "gone";
    }
  }

  @Test
  void aProcessHasInputOutputAndExitCode() throws Exception {
    carrier.type(Carrier.STDIN, "typed\n").type(Carrier.CLOSE, "\0");
    assertThat(ended(serve(exec("cat; echo e >&2; exit 7").setStdin(true), carrier))).isEqualTo(7);
    assertThat(carrier.text(Carrier.STDOUT)).isEqualTo("typed\n");
    assertThat(carrier.text(Carrier.STDERR)).isEqualTo("e\n");
  }

  @Test
  void allOfALongOutputComes() throws Exception {
    assertThat(ended(serve(exec("seq 1 100000; echo end >&2"), carrier))).isZero();
    assertThat(carrier.text(Carrier.STDOUT)).startsWith("1\n2\n").endsWith("\n100000\n");
    assertThat(carrier.text(Carrier.STDOUT).lines()).hasSize(100_000);
    assertThat(carrier.text(Carrier.STDERR)).isEqualTo("end\n");
  }

  @Test
  void aTerminalHasItsSizeAndChangesIt() throws Exception {
    carrier.type(Carrier.RESIZE, "{\"Width\":133,\"Height\":44}");
    CompletableFuture<Integer> code =
        serve(exec("exec sh -i").setStdin(true).setTty(true), carrier);
    await().until(() -> carrier.text(Carrier.STDOUT).contains("#"));
    carrier.type(Carrier.STDIN, "stty size\n");
    await().until(() -> carrier.text(Carrier.STDOUT).contains("44 133"));
    carrier.type(Carrier.RESIZE, "{\"Width\":77,\"Height\":22}");
    carrier.type(Carrier.STDIN, "stty size; test -t 0 && exit 5\n");
    assertThat(ended(code)).isEqualTo(5);
    assertThat(carrier.text(Carrier.STDOUT)).contains("22 77");
  }

  @Test
  void whoLeavesEndsAProcessThatRuns() throws Exception {
    CompletableFuture<Integer> code = serve(exec("echo up; exec sleep 999"), carrier);
    await().until(() -> carrier.text(Carrier.STDOUT).contains("up"));
    carrier.leave();
    assertThat(ended(code)).isNotZero();
    awaitNothingButTheContainer();
  }

  @Test
  void whoLeavesEndsAShellOnItsTerminalWithWhatItRuns() throws Exception {
    CompletableFuture<Integer> code =
        serve(exec("echo up; sleep 999; true").setStdin(true).setTty(true), carrier);
    await().until(() -> carrier.text(Carrier.STDOUT).contains("up"));
    carrier.leave();
    assertThat(ended(code)).isNotZero();
    awaitNothingButTheContainer();
  }

  // Between its start and the process' first word a runtime is at some twenty points.
  @Test
  void whoLeavesAtAnyMomentLeavesNothingBehind() throws Exception {
    List<CompletableFuture<Integer>> codes = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      FakeCarrier own = new FakeCarrier();
      codes.add(serve(exec("exec sleep 999").setTty(i % 2 == 0), own));
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(40_000_000));
      own.leave();
      if (i % 4 == 3) {
        for (CompletableFuture<Integer> code : codes) {
          assertThat(ended(code)).isNotZero();
        }
      }
    }
    awaitNothingButTheContainer();
  }

  // runc itself waits for whoever has the output open, crun does not.
  @Test
  void whatTheCommandLeavesBehindKeepsNobodyWhoLeaves() throws Exception {
    CompletableFuture<Integer> code = serve(exec("sleep 999 & echo started; exit 3"), carrier);
    await().until(() -> carrier.text(Carrier.STDOUT).contains("started"));
    carrier.leave();
    assertThat(ended(code)).isNotZero();
    await().until(() -> tasks.size() == 0);
  }
}
