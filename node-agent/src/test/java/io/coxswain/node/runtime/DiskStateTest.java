package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskStateTest {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00.5Z");

  @TempDir Path folder;

  private PodFolders folders() {
    return new PodFolders(folder.resolve("data"), folder.resolve("run"), folder.resolve("logs"));
  }

  private DiskState disk() {
    return new DiskState(folders());
  }

  private static Pod pod(String uid, String name) {
    Pod.Builder pod = Pod.newBuilder();
    pod.getMetadataBuilder().setUid(uid).setName(name);
    return pod.build();
  }

  private static ContainerRecord intended(String id, int attempt) {
    return new ContainerRecord(
        id,
        "u1",
        "main",
        attempt,
        "image",
        "sha256:1",
        "image@sha256:1",
        "boot",
        0,
        0,
        15,
        -1,
        NOW.plusSeconds(attempt),
        Instant.EPOCH,
        Instant.EPOCH,
        "",
        "",
        Granted.NOTHING,
        ContainerRecord.Origin.UNKNOWN);
  }

  private void addToFile(String text) throws IOException {
    Files.writeString(folders().podFile("u1"), text, StandardOpenOption.APPEND);
  }

  @Test
  void theNextAgentReadsWhatTheLastOneWroteLast() throws IOException {
    ContainerRecord started = intended("a", 0).made(7, 6).started(NOW);
    disk().save(pod("u1", "before"));
    disk().save(pod("u1", "now"));
    disk().save(pod("u2", "other"));
    disk().save(intended("a", 0));
    disk().save(started);
    disk().save(intended("b", 1));

    assertThat(disk().pods()).containsExactly(pod("u1", "now"), pod("u2", "other"));
    assertThat(disk().pod("u1")).contains(pod("u1", "now"));
    assertThat(disk().containers("u1")).containsExactly(started, intended("b", 1));
    assertThat(disk().containers("u2")).isEmpty();
  }

  @Test
  void whatNobodyWroteIsNotThere() throws IOException {
    assertThat(disk().pods()).isEmpty();
    assertThat(disk().pod("u1")).isEmpty();
    assertThat(disk().containers("u1")).isEmpty();
  }

  @Test
  void aForgottenContainerStaysForgottenWhateverIsWrittenOfItLate() throws IOException {
    disk().save(pod("u1", "web"));
    disk().save(intended("a", 0));
    disk().save(intended("b", 1));
    disk().forget(intended("a", 0));
    disk().save(intended("a", 0).made(7, 6).started(NOW));

    assertThat(disk().containers("u1")).containsExactly(intended("b", 1));
  }

  @Test
  void aForgottenPodIsNotBroughtBackByTheEndOfItsContainer() throws IOException {
    disk().save(pod("u1", "web"));
    disk().forget("u1");
    disk().save(intended("a", 0));
    disk().forget(intended("a", 0));

    assertThat(folders().podFile("u1")).doesNotExist();
  }

  @Test
  void aLineThatWasCutOffIsNoneAndTakesNoOtherWithIt() throws IOException {
    disk().save(pod("u1", "web"));
    disk().save(intended("a", 0));
    addToFile("{\"container\": {\"id\": \"b\", \"podU");

    assertThat(disk().containers("u1")).containsExactly(intended("a", 0));
    disk().save(intended("c", 1));
    assertThat(disk().pod("u1")).contains(pod("u1", "web"));
    assertThat(disk().containers("u1")).containsExactly(intended("a", 0), intended("c", 1));
  }

  @Test
  void aLineThatCannotBeReadIsLeftOut() throws IOException {
    disk().save(pod("u1", "web"));
    addToFile("{\"pod\": \"no base64!\"}\n\0\0\0\n{\"pod\": \"/w==\"}\n");
    disk().save(intended("a", 0));

    assertThat(disk().pod("u1")).contains(pod("u1", "web"));
    assertThat(disk().containers("u1")).containsExactly(intended("a", 0));
    assertThat(Files.readString(folders().podFile("u1"), StandardCharsets.UTF_8).lines())
        .hasSize(2);
  }

  @Test
  void aContainerThatIsStartedAgainAndAgainDoesNotFillTheDisk() throws IOException {
    disk().save(pod("u1", "web"));
    for (int attempt = 0; attempt < 1000; attempt++) {
      disk().save(intended("c" + attempt, attempt));
      disk().save(intended("c" + attempt, attempt).made(7, 6).started(NOW));
      if (attempt > 0) {
        disk().forget(intended("c" + (attempt - 1), attempt - 1));
      }
    }

    assertThat(Files.size(folders().podFile("u1"))).isLessThan(100_000);
    assertThat(disk().pod("u1")).contains(pod("u1", "web"));
    assertThat(disk().containers("u1"))
        .containsExactly(intended("c999", 999).made(7, 6).started(NOW));
  }
}
