package io.coxswain.node.usage;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeSource;
import io.coxswain.node.filesystem.DiskMeter;
import io.coxswain.node.filesystem.DiskUse;
import io.coxswain.node.filesystem.FileSystemSpace;
import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.image.Images;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.node.volume.Volumes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Measures pods of this machine. Their disk is walked through, one pod at a time whoever asks:
/// call it from platform threads, or rarely.
public final class HostPodMeter implements PodMeter {

  private static final Logger log = LoggerFactory.getLogger(HostPodMeter.class);

  private final PodRuntime runtime;
  private final Images images;
  private final Volumes volumes;
  private final ControlGroups controlGroups;
  private final Clock clock;
  private final Map<String, PodUse> last = new ConcurrentHashMap<>();

  public HostPodMeter(
      PodRuntime runtime,
      Images images,
      Volumes volumes,
      ControlGroups controlGroups,
      Clock clock) {
    this.runtime = runtime;
    this.images = images;
    this.volumes = volumes;
    this.controlGroups = controlGroups;
    this.clock = clock;
  }

  @Override
  public PodUse memory(Pod pod) throws IOException {
    ControlGroups.Usage usage = controlGroups.usage(runtime.cgroup(pod));
    List<ContainerUse> containers = new ArrayList<>();
    for (ContainerRecord record : latest(pod)) {
      containers.add(
          new ContainerUse(record.container(), working(pod, record), DiskUse.NONE, DiskUse.NONE));
    }
    return new PodUse(
        Instant.EPOCH, usage.workingSetBytes(), usage.processes(), containers, List.of());
  }

  @Override
  public PodUse all(Pod pod, Duration age) throws IOException {
    String uid = pod.getMetadata().getUid();
    PodUse before = last.get(uid);
    if (before != null && before.measuredAt().plus(age).isAfter(clock.instant())) {
      return before;
    }
    PodUse now = measure(pod);
    last.put(uid, now);
    return now;
  }

  @Override
  public void retain(Set<String> uids) {
    last.keySet().retainAll(uids);
  }

  private synchronized PodUse measure(Pod pod) throws IOException {
    Instant now = clock.instant();
    ControlGroups.Usage usage = controlGroups.usage(runtime.cgroup(pod));
    List<ContainerUse> containers = new ArrayList<>();
    for (ContainerRecord record : latest(pod)) {
      DiskUse written =
          record.running()
              ? images.writableLayer(record.id()).map(DiskMeter::use).orElse(DiskUse.NONE)
              : DiskUse.NONE;
      Path logs = runtime.log(pod, record).resolveSibling(".").normalize();
      containers.add(
          new ContainerUse(record.container(), working(pod, record), written, DiskMeter.use(logs)));
    }
    return new PodUse(now, usage.workingSetBytes(), usage.processes(), containers, volumes(pod));
  }

  private List<VolumeUse> volumes(Pod pod) {
    Map<String, Path> folders = volumes.folders(pod);
    List<VolumeUse> uses = new ArrayList<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      Path folder = folders.get(volume.getName());
      if (folder == null) {
        continue;
      }
      try {
        FileSystemSpace space = DiskMeter.space(folder);
        uses.add(
            new VolumeUse(
                volume.getName(), DiskMeter.use(folder), space, isLocal(volume.getVolumeSource())));
      } catch (IOException e) {
        log.debug("volume {} is gone already", folder, e);
      }
    }
    return uses;
  }

  /// What the kubelet counts as the pod's part of the node's disk.
  private static boolean isLocal(VolumeSource source) {
    return source.hasConfigMap()
        || source.equals(VolumeSource.getDefaultInstance())
        || (source.hasEmptyDir() && source.getEmptyDir().getMedium().isEmpty());
  }

  private long working(Pod pod, ContainerRecord record) {
    return record.running()
        ? controlGroups.usage(runtime.cgroup(pod, record)).workingSetBytes()
        : 0;
  }

  /// The latest start of each container.
  private List<ContainerRecord> latest(Pod pod) throws IOException {
    Map<String, ContainerRecord> latest = new LinkedHashMap<>();
    for (ContainerRecord record : runtime.containers(pod.getMetadata().getUid())) {
      latest.put(record.container(), record);
    }
    return List.copyOf(latest.values());
  }
}
