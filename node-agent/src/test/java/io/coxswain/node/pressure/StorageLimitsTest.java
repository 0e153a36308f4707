package io.coxswain.node.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.usage.PodUse;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StorageLimitsTest {

  /// @param container limit of the container `main`; empty for none
  /// @param other limit of another container
  /// @param volume size limit of the emptyDir `data`
  record Case(
      String about,
      String container,
      String other,
      String volume,
      PodUse use,
      boolean separate,
      String said) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static final String VOLUME =
      "Usage of EmptyDir volume \"data\" exceeds the limit \"1Ki\". ";
  private static final String POD =
      "Pod ephemeral local storage usage exceeds the total limit of containers 3Ki. ";
  private static final String CONTAINER =
      "Container main exceeded its local ephemeral storage limit \"1Ki\". ";

  private static Pod pod(String container, String other, String volume) {
    Pod.Builder pod = Uses.pod("web", 0).toBuilder();
    if (!container.isEmpty()) {
      pod.getSpecBuilder()
          .getContainersBuilder(0)
          .getResourcesBuilder()
          .putLimits("ephemeral-storage", Quantities.of(container));
    }
    if (!other.isEmpty()) {
      pod.getSpecBuilder()
          .addContainersBuilder()
          .setName("other")
          .getResourcesBuilder()
          .putLimits("ephemeral-storage", Quantities.of(other));
    }
    var source = pod.getSpecBuilder().addVolumesBuilder().setName("data").getVolumeSourceBuilder();
    source.getEmptyDirBuilder();
    if (!volume.isEmpty()) {
      source.getEmptyDirBuilder().setSizeLimit(Quantities.of(volume));
    }
    return pod.build();
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("no limits", "", "", "", Uses.disk(1 << 20, 1 << 20, 1 << 20), false, ""),
        new Case("up to it", "1Ki", "2Ki", "1Ki", Uses.disk(512, 512, 1024), false, ""),
        new Case("emptyDir", "1Ki", "2Ki", "1Ki", Uses.disk(1000, 25, 1025), false, VOLUME),
        new Case("zero is no limit", "", "", "0", Uses.disk(0, 0, 1025), false, ""),
        new Case("all together", "1Ki", "2Ki", "", Uses.disk(1024, 0, 2049), false, POD),
        new Case("one container", "1Ki", "2Ki", "", Uses.disk(1000, 25, 0), false, CONTAINER),
        new Case(
            "its logs alone, images apart", "1Ki", "2Ki", "", Uses.disk(1000, 25, 0), true, ""),
        new Case("too many logs", "1Ki", "2Ki", "", Uses.disk(0, 1025, 0), true, CONTAINER));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsSaidOfWhoTakesTooMuch(Case one) {
    Pod pod = pod(one.container(), one.other(), one.volume());
    assertThat(StorageLimits.exceeded(pod, one.use(), one.separate()).orElse(""))
        .isEqualTo(one.said());
    if (!one.said().isEmpty()) {
      assertThat(StorageLimits.concern(pod)).isTrue();
    }
  }

  @Test
  void onlyLimitsAreWatched() {
    assertThat(StorageLimits.concern(pod("", "", ""))).isFalse();
    assertThat(StorageLimits.concern(pod("", "", "1Mi"))).isTrue();
    assertThat(StorageLimits.concern(pod("", "1Mi", ""))).isTrue();
  }

  @Test
  void theMarginIsThatOfTheNearestLimit() {
    PodUse use = Uses.disk(100, 100, 600);
    assertThat(StorageLimits.margin(pod("", "", ""), use, false)).isEqualTo(Long.MAX_VALUE);
    assertThat(StorageLimits.margin(pod("1Ki", "2Ki", "1Ki"), use, false)).isEqualTo(424);
    assertThat(StorageLimits.margin(pod("1Ki", "2Ki", ""), use, false)).isEqualTo(824);
  }

  @Test
  void aPodIsLookedAtAgainAfterAMinuteOrWhenTheDiskFilledByItsMargin() {
    Instant noon = Instant.parse("2026-01-01T12:00:00Z");
    StorageWatch.Look look = new StorageWatch.Look(noon, 500, 10_000);
    assertThat(look.due(10_000, noon.plusSeconds(10))).isFalse();
    assertThat(look.due(10_499, noon.plusSeconds(59))).isFalse();
    assertThat(look.due(10_500, noon.plusSeconds(10))).isTrue();
    assertThat(look.due(1_000, noon.plus(Duration.ofMinutes(1)))).isTrue();
  }
}
