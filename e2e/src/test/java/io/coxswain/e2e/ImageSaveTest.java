package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.node.image.testing.ImageBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Somebody without a registry brings an image from one node to another.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(FailureLogs.class)
final class ImageSaveTest {

  private static final String IMAGE = "shop.example/shop:1.0";

  private final TestCluster cluster = TestCluster.prepared();

  @BeforeAll
  void up() {
    cluster.coxswain("up", "--nodes", "2").succeeded();
  }

  @AfterAll
  void down() {
    cluster.close();
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private Command.Result save(Path file, String... more) {
    return cluster.kubectl(
        Stream.concat(Stream.of("image", "save", "-o", file.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void aPodRunsFromWhatAnotherNodeSaved(@TempDir Path folder) throws Exception {
    // 1. only the second node has it
    Path archive = folder.resolve("built.tar");
    Files.write(archive, ImageBuilder.busybox().build().saved(IMAGE));
    cluster.kubectl("image", "load", archive.toString(), "--node=node-2").succeeded();
    Path saved = folder.resolve("saved.tar");
    Command.Result missing = save(saved, IMAGE, "--node=node-1");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err())
        .contains("error: node node-1: image " + IMAGE + " is not on this node", "get node node-1");
    assertThat(files(folder)).containsExactly("built.tar");

    // 2. which is found by itself
    assertThat(save(saved, IMAGE).succeeded().err()).isEqualTo("saved from node node-2\n");
    assertThat(files(folder)).containsExactly("built.tar", "saved.tar");

    // 3. the first one runs a pod from it
    cluster.kubectl("image", "load", saved.toString(), "--node=node-1").succeeded();
    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: from-archive}
            spec:
              nodeName: node-1
              restartPolicy: Never
              containers:
                - name: main
                  image: %s
                  imagePullPolicy: Never
                  command: [echo, it runs]
            """
                .formatted(IMAGE))
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> cluster.kubectl("logs", "from-archive").out(), "it runs\n"::equals);
    cluster.kubectl("delete", "pod", "from-archive").succeeded();

    // 4. and what is saved there is the same
    Path again = folder.resolve("again.tar");
    save(again, IMAGE, "--node=node-1").succeeded();
    assertThat(again).hasSameBinaryContentAs(saved);
  }

  @Test
  void whatNoNodeHasIsTold(@TempDir Path folder) throws Exception {
    Command.Result none = save(folder.resolve("saved.tar"), "none.example/none:1");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err())
        .startsWith("error: no node has none.example/none:1\n")
        .contains("node node-1: image none.example/none:1 is not on this node")
        .contains("node node-2: image none.example/none:1 is not on this node");
    assertThat(files(folder)).isEmpty();
  }
}
