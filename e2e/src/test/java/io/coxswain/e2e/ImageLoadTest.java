package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.node.image.testing.ImageBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Somebody without a registry brings an image to the cluster.
@ExtendWith({OneNode.class, FailureLogs.class})
final class ImageLoadTest {

  @Test
  void aPodRunsFromAnArchive(TestCluster cluster, @TempDir Path folder) throws Exception {
    Path archive = folder.resolve("shop.tar");
    Files.write(archive, ImageBuilder.busybox().build().saved("shop.example/shop:1.0"));
    assertThat(cluster.kubectl("image", "load", archive.toString()).succeeded().out())
        .startsWith("shop.example/shop:1.0 loaded on node ");

    cluster
        .apply(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: from-archive}
            spec:
              restartPolicy: Never
              containers:
                - name: main
                  image: shop.example/shop:1.0
                  imagePullPolicy: Never
                  command: [echo, it runs]
            """)
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> cluster.kubectl("logs", "from-archive").out(), "it runs\n"::equals);
    cluster.kubectl("delete", "pod", "from-archive").succeeded();
  }

  @Test
  void aFileThatIsNoArchiveIsRefused(TestCluster cluster, @TempDir Path folder) throws Exception {
    // more than is under way at once: the node refuses it before it has come whole
    Path file = folder.resolve("shop.tar");
    Files.write(
        file, "no archive".repeat(400_000).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Command.Result refused = cluster.kubectl("image", "load", file.toString());
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("the image archive is not taken: ", "this is no tar archive");
  }
}
