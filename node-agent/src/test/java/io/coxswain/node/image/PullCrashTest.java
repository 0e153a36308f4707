package io.coxswain.node.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.host.LinuxMounts;
import io.coxswain.node.image.testing.ImageBuilder;
import io.coxswain.node.image.testing.LayerBuilder;
import io.coxswain.node.image.testing.TestRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process of its own pulls and is ended, as by `kill -9`, before one of its steps; the next one
/// must pull all the same and leave nothing behind.
class PullCrashTest {

  private static final int ENDED = 137;
  private static final int STEPS = 14; // of the image below, and one that is never reached

  @TempDir Path folder;

  /// What the child runs: folder, image, and the number of the step to end at.
  public static void main(String[] arguments) throws Exception {
    int last = Integer.parseInt(arguments[2]);
    AtomicInteger count = new AtomicInteger();
    PullSteps steps =
        step -> {
          if (count.incrementAndGet() == last) {
            Runtime.getRuntime().halt(ENDED);
          }
        };
    try (OverlayImages images = open(Path.of(arguments[0]), steps)) {
      images.pull(new ImageRequest(arguments[1], PullPolicy.IF_NOT_PRESENT, List.of()));
    }
  }

  private static OverlayImages open(Path folder, PullSteps steps) throws IOException {
    PullOptions standard = PullOptions.of(Registries.standard());
    return OverlayImages.open(
        folder,
        folder.resolve("run"),
        new OverlayImages.HostSystemPlace(Path.of("/"), folder),
        new PullOptions(
            standard.registries(),
            standard.platform(),
            standard.timeouts(),
            standard.retries(),
            steps),
        LayerUnpacker.Limits.DEFAULT,
        new LinuxMounts(),
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }

  @Test
  void aPullThatEndedAnywhereIsFinishedByTheNext() throws Exception {
    byte[] content = new byte[300_000];
    new Random(42).nextBytes(content);
    ImageBuilder builder =
        new ImageBuilder()
            .layer(new LayerBuilder().file("a", "one").file("big", 0644, content))
            .layer(new LayerBuilder().file("b", "two"));
    try (TestRegistry registry =
        TestRegistry.start(Files.createDirectory(folder.resolve("registry")))) {
      String name = registry.push("app", "1", builder.build());
      int ended = 0;
      for (int point = 1; point <= STEPS; point++) {
        Path images = folder.resolve("images" + point);
        int code = pullInChild(images, name, point);
        assertThat(code).as("child ended at step %d", point).isIn(ENDED, 0);
        ended += code == ENDED ? 1 : 0;
        finish(images, name, content);
        FileTree.delete(images);
      }
      assertThat(ended).isEqualTo(STEPS - 1); // the last point is behind the last step
    }
  }

  private static int pullInChild(Path images, String name, int point) throws Exception {
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PullCrashTest.class.getName(),
                images.toString(),
                name,
                "" + point)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return child.waitFor();
  }

  private static void finish(Path folder, String name, byte[] content) throws Exception {
    try (OverlayImages images = open(folder, PullSteps.NONE)) {
      PulledImage image = images.pull(new ImageRequest(name, PullPolicy.IF_NOT_PRESENT, List.of()));
      Path rootfs = images.mountRootfs(image, "c1");
      try {
        assertThat(rootfs.resolve("a")).hasContent("one");
        assertThat(rootfs.resolve("b")).hasContent("two");
        assertThat(rootfs.resolve("big")).hasBinaryContent(content);
      } finally {
        images.unmountRootfs("c1");
      }
    }
    try (Stream<Path> rest = Files.list(folder.resolve("downloads"))) {
      assertThat(rest).isEmpty();
    }
  }
}
