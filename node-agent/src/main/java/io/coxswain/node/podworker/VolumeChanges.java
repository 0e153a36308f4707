package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.Volume;
import io.coxswain.api.core.v1.VolumeProjection;
import java.time.Duration;

/// How often what is in a pod's volumes may have to follow objects of the API.
enum VolumeChanges {
  NEVER,

  /// Only what each pod gets to reach the API: the cluster's certificates, which hardly ever
  /// change, and a token, whose end is known.
  RARELY,

  /// ConfigMaps, Secrets or labels, which people change and want to see in effect.
  OFTEN;

  private static final Duration RARE = Duration.ofMinutes(10);
  private static final String CERTIFICATES = "kube-root-ca.crt";

  /// @param often the time between two looks at what people change
  Duration every(Duration often) {
    return this == OFTEN ? often : often.compareTo(RARE) > 0 ? often : RARE;
  }

  static VolumeChanges of(PodSpec spec) {
    VolumeChanges most = NEVER;
    for (Volume volume : spec.getVolumesList()) {
      VolumeChanges one = of(volume);
      most = one.compareTo(most) > 0 ? one : most;
    }
    return most;
  }

  private static VolumeChanges of(Volume volume) {
    var source = volume.getVolumeSource();
    if (source.hasConfigMap() || source.hasSecret() || source.hasDownwardAPI()) {
      return OFTEN;
    }
    if (source.hasCsi() || source.hasPersistentVolumeClaim() || source.hasEphemeral()) {
      return RARELY; // its driver may want to be asked again, and says when
    }
    if (!source.hasProjected()) {
      return NEVER;
    }
    return source.getProjected().getSourcesList().stream().allMatch(VolumeChanges::isLasting)
        ? RARELY
        : OFTEN;
  }

  private static boolean isLasting(VolumeProjection part) {
    if (part.hasConfigMap()) {
      return part.getConfigMap().getLocalObjectReference().getName().equals(CERTIFICATES);
    }
    if (part.hasDownwardAPI()) {
      return part.getDownwardAPI().getItemsList().stream()
          .allMatch(item -> item.getFieldRef().getFieldPath().equals("metadata.namespace"));
    }
    return part.hasServiceAccountToken();
  }
}
