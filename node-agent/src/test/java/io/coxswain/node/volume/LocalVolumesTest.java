package io.coxswain.node.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.LocalVolumeSource;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.testing.InMemoryApi;
import io.coxswain.client.testing.RecordedEvents;
import io.coxswain.client.volume.LocalState;
import io.coxswain.client.volume.VolumeMarks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What one node makes and deletes, with an API in memory; the test is the control plane.
class LocalVolumesTest {

  @TempDir Path temporary;
  private final InMemoryApi api = new InMemoryApi();
  private final Resources<PersistentVolume> volumes =
      api.client().resources(PersistentVolume.class);
  private final RecordedEvents events = new RecordedEvents();
  private final Set<String> used = ConcurrentHashMap.newKeySet();
  private Path root;
  private LocalVolumes agent;

  @BeforeEach
  void start() {
    root = temporary.resolve("volumes");
    agent = new LocalVolumes(api.client(), "n1", new LocalFolders(root), used::contains, events);
    agent.start();
  }

  @AfterEach
  void close() {
    agent.close();
    api.close();
  }

  private void order(String name, String node, String path) {
    PersistentVolume.Builder volume = PersistentVolume.newBuilder();
    volume
        .getMetadataBuilder()
        .setName(name)
        .putLabels(VolumeMarks.LOCAL_NODE, node)
        .putAnnotations(VolumeMarks.PROVISIONED_BY, VolumeMarks.LOCAL_PROVISIONER);
    volume
        .getSpecBuilder()
        .putCapacity("storage", Quantities.of("1Gi"))
        .getPersistentVolumeSourceBuilder()
        .setLocal(LocalVolumeSource.newBuilder().setPath(path));
    PersistentVolume _ = volumes.create(LocalState.ORDERED.on(volume.build()));
  }

  private void awaitState(String name, LocalState state) {
    await()
        .untilAsserted(
            () -> assertThat(LocalState.of(volumes.read("", name))).isEqualTo(Optional.of(state)));
  }

  private void dismiss(String name) {
    PersistentVolume _ = volumes.update(LocalState.UNWANTED.on(volumes.read("", name)));
  }

  @Test
  void aDirectoryIsMadeForEverybodyAndDeletedWithAllThatIsInIt() throws IOException {
    order("pvc-1", "n1", root.resolve("pvc-1").toString());
    awaitState("pvc-1", LocalState.MADE);
    Path made = root.resolve("pvc-1");
    assertThat((int) Files.getAttribute(made, "unix:mode") & 0777).isEqualTo(0777);
    Files.writeString(Files.createDirectories(made.resolve("a/b")).resolve("c"), "data");
    dismiss("pvc-1");
    awaitState("pvc-1", LocalState.GONE);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void whatAPodStillHasIsNotDeleted() throws IOException {
    order("pvc-1", "n1", root.resolve("pvc-1").toString());
    awaitState("pvc-1", LocalState.MADE);
    used.add("pvc-1");
    dismiss("pvc-1");
    order("pvc-2", "n1", root.resolve("pvc-2").toString());
    awaitState("pvc-2", LocalState.MADE);
    assertThat(root.resolve("pvc-1")).isDirectory();
    used.clear();
    awaitState("pvc-1", LocalState.GONE);
    assertThat(root.resolve("pvc-1")).doesNotExist();
  }

  @Test
  void nothingOutsideTheFolderIsTouched() throws IOException {
    Path precious = Files.createDirectory(temporary.resolve("precious"));
    order("pvc-1", "n1", precious.toString());
    await().untilAsserted(() -> assertThat(events.reasons()).contains("ProvisioningFailed"));
    dismiss("pvc-1");
    await().untilAsserted(() -> assertThat(events.reasons()).contains("VolumeFailedDelete"));
    assertThat(precious).isDirectory();
  }

  @Test
  void otherNodesVolumesAreTheirs() {
    order("pvc-1", "n2", root.resolve("pvc-1").toString());
    order("pvc-2", "n1", root.resolve("pvc-2").toString());
    awaitState("pvc-2", LocalState.MADE);
    awaitState("pvc-1", LocalState.ORDERED);
    assertThat(root.resolve("pvc-1")).doesNotExist();
  }
}
