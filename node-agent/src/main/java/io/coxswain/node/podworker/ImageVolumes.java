package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ImageVolumeSource;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeMount;
import io.coxswain.node.image.ImageException;
import io.coxswain.node.image.ImageRequest;
import io.coxswain.node.image.Images;
import io.coxswain.node.image.PullPolicy;
import io.coxswain.node.image.PulledImage;
import io.coxswain.node.volume.PodVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A pod's volumes that are images (KEP-4639). They are pulled and mounted when the first container
/// that uses one is about to start, and stay as they are for the pod's life; what no container uses
/// is never asked for. Safe for use by many threads.
final class ImageVolumes {

  private final Images images;

  ImageVolumes(Images images) {
    this.images = images;
  }

  /// The image volumes that the container mounts, by name.
  private static Map<String, ImageVolumeSource> of(Pod pod, Container container) {
    Map<String, ImageVolumeSource> all = new HashMap<>();
    for (Volume volume : pod.getSpec().getVolumesList()) {
      if (volume.getVolumeSource().hasImage()) {
        all.put(volume.getName(), volume.getVolumeSource().getImage());
      }
    }
    Map<String, ImageVolumeSource> mounted = new LinkedHashMap<>();
    for (VolumeMount mount : container.getVolumeMountsList()) {
      ImageVolumeSource source = all.get(mount.getName());
      if (source != null) {
        mounted.put(mount.getName(), source);
      }
    }
    return mounted;
  }

  private static String id(Pod pod, String volume) {
    return pod.getMetadata().getUid() + "." + volume;
  }

  /// Makes those ready that the container mounts. Blocks as long as registries need; of several
  /// containers one after the other.
  ///
  /// @param credentials as [ImageRequest#dockerConfigs]
  synchronized void bring(Pod pod, Container container, List<String> credentials)
      throws ImageException, InterruptedException {
    for (Map.Entry<String, ImageVolumeSource> one : of(pod, container).entrySet()) {
      ImageVolumeSource source = one.getValue();
      String id = id(pod, one.getKey());
      try {
        if (images.mountedVolume(id).isPresent()) {
          continue;
        }
        PulledImage image =
            images.pull(
                new ImageRequest(
                    source.getReference(), PullPolicy.of(source.getPullPolicy()), credentials));
        Path _ = images.mountVolume(image, id);
      } catch (ImageException e) {
        throw new ImageException(e.reason(), told(one.getKey(), source, e), e);
      } catch (IOException e) {
        throw new ImageException(ImageException.Reason.PULL, told(one.getKey(), source, e), e);
      }
    }
  }

  private static String told(String volume, ImageVolumeSource source, Exception e) {
    return "volume \"%s\" of image \"%s\": %s"
        .formatted(volume, source.getReference(), e.getMessage());
  }

  /// Those that the container mounts and that are there.
  Map<String, PodVolume> ready(Pod pod, Container container) throws IOException {
    Map<String, PodVolume> ready = new HashMap<>();
    for (String name : of(pod, container).keySet()) {
      Optional<Path> path = images.mountedVolume(id(pod, name));
      path.ifPresent(there -> ready.put(name, new PodVolume(there, true)));
    }
    return ready;
  }

  /// Takes all of the pod's away. Nothing uses them any more. Idempotent.
  void tearDown(Pod pod) throws IOException {
    for (Volume volume : pod.getSpec().getVolumesList()) {
      if (volume.getVolumeSource().hasImage()) {
        images.unmountRootfs(id(pod, volume.getName()));
      }
    }
  }
}
