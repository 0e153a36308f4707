package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A plain folder for every volume, whatever its kind; they stay after the pod.
public final class FakeVolumes implements Volumes {

  private final Path root;
  private final Set<String> owners = ConcurrentHashMap.newKeySet();
  private final Map<String, Map<String, Measure>> measures = new ConcurrentHashMap<>();
  private volatile Answers answers = _ -> Optional.empty();

  public FakeVolumes(Path root) {
    this.root = root;
  }

  @Override
  public Map<String, PodVolume> setUp(Pod pod) {
    owners.add(pod.getMetadata().getUid());
    Map<String, PodVolume> volumes = new HashMap<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      Path folder = root.resolve(pod.getMetadata().getUid()).resolve(volume.getName());
      volumes.put(volume.getName(), new PodVolume(made(folder), false));
    }
    return volumes;
  }

  @Override
  public Instant dueAt(Pod pod) {
    return Instant.MAX;
  }

  @Override
  public Path subPath(
      Pod pod, PodVolume volume, String container, VolumeMount mount, String subPath) {
    return made(volume.path().resolve(subPath));
  }

  @Override
  public void tearDown(String podUid) {
    owners.remove(podUid);
  }

  @Override
  public Map<String, Path> folders(Pod pod) {
    Map<String, Path> folders = new HashMap<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      Path folder = root.resolve(pod.getMetadata().getUid()).resolve(volume.getName());
      if (Files.isDirectory(folder)) {
        folders.put(volume.getName(), folder);
      }
    }
    return folders;
  }

  @Override
  public Map<String, Measure> measures(Pod pod) {
    return Map.copyOf(measures.getOrDefault(pod.getMetadata().getUid(), Map.of()));
  }

  @Override
  public Optional<VolumeFigures> figures(Measure measure) throws IOException {
    return answers.to(measure);
  }

  /// From now on these can be measured.
  public void stand(String podUid, Map<String, Measure> volumes) {
    measures.put(podUid, volumes);
  }

  /// What is known of volumes.
  @FunctionalInterface
  public interface Answers {
    Optional<VolumeFigures> to(Measure measure) throws IOException;
  }

  public void answer(Answers given) {
    answers = given;
  }

  @Override
  public Collection<String> owners() {
    return Set.copyOf(owners);
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
