package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EmptyDirVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.client.codec.Quantities;
import io.coxswain.node.host.HugePages;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// emptyDirs of huge pages (`medium: HugePages` or `HugePages-2Mi`): which size of pages, which a
/// container of the pod must have asked for.
final class HugePageMounts {

  private static final String ANY = "HugePages";
  private static final String SIZED = "HugePages-";

  private HugePageMounts() {}

  /// Options of a hugetlbfs.
  static String options(Pod pod, EmptyDirVolumeSource source) throws VolumeException {
    String medium = source.getMedium();
    if (!medium.equals(ANY) && !medium.startsWith(SIZED)) {
      throw new VolumeException(
          "emptyDir medium \"%s\" is not known: use Memory, HugePages, HugePages-SIZE, or none for the disk"
              .formatted(medium));
    }
    Set<Long> asked = asked(pod.getSpec());
    if (medium.equals(ANY) && asked.size() > 1) {
      throw new VolumeException(
          "medium: %s can't be used if container requests multiple huge page sizes"
              .formatted(medium));
    }
    long size;
    try {
      size =
          medium.equals(ANY)
              ? asked.stream().findFirst().orElse(0L)
              : Quantities.whole(Quantities.of(medium.substring(SIZED.length())));
    } catch (IllegalArgumentException e) {
      throw new VolumeException("medium \"%s\" names no size of pages".formatted(medium), e);
    }
    if (!asked.contains(size)) {
      throw new VolumeException(
          "medium %s: hugePages storage requested, but there is no resource request for huge pages"
              .formatted(medium));
    }
    return "pagesize=" + size;
  }

  private static Set<Long> asked(PodSpec spec) {
    Set<Long> sizes = new TreeSet<>();
    Stream.concat(
            Stream.of(spec.getResources()),
            Stream.concat(spec.getContainersList().stream(), spec.getInitContainersList().stream())
                .map(Container::getResources))
        .flatMap(resources ->
            Stream.concat(
                resources.getRequestsMap().keySet().stream(),
                resources.getLimitsMap().keySet().stream()))
        .filter(name -> name.startsWith(HugePages.RESOURCE))
        .forEach(name -> sizes.add(HugePages.bytesOf(name)));
    return sizes;
  }
}
