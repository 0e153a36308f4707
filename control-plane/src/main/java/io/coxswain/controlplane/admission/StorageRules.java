package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.NodeSelectorTerm;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.core.v1.PersistentVolumeClaimSpec;
import io.coxswain.api.core.v1.PersistentVolumeSource;
import io.coxswain.api.core.v1.PersistentVolumeSpec;
import io.coxswain.api.resource.Quantity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.client.codec.Quantities;
import io.coxswain.client.volume.VolumeMarks;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What holds for persistent volumes, claims and classes, and what of them may change.
final class StorageRules {

  private static final String STORAGE = "storage";
  private static final String ONCE_POD = "ReadWriteOncePod";
  private static final Set<String> MODES =
      Set.of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", ONCE_POD);
  private static final List<FieldSchema> SOURCES =
      MessageSchema.of(PersistentVolumeSource.getDescriptor()).fields();

  private StorageRules() {}

  static void check(PersistentVolume volume, Problems problems) {
    PersistentVolumeSpec spec = volume.getSpec();
    modes(spec.getAccessModesList(), "spec.accessModes", "", problems);
    Map<String, Quantity> capacity = spec.getCapacityMap();
    if (capacity.isEmpty()) {
      problems.required("spec.capacity");
    } else if (!capacity.keySet().equals(Set.of(STORAGE))) {
      problems.unsupported("spec.capacity", String.join(",", capacity.keySet()), List.of(STORAGE));
    } else {
      positive(capacity.getOrDefault(STORAGE, Quantities.ZERO), "spec.capacity[storage]", problems);
    }
    source(spec, problems);
    boolean placed = affinity(spec, problems);
    if (spec.getPersistentVolumeSource().hasLocal()) {
      backSteps(spec.getPersistentVolumeSource().getLocal().getPath(), "spec.local.path", problems);
      if (!placed) {
        problems.required("spec.nodeAffinity", "Local volume requires node affinity");
      }
    }
  }

  private static void source(PersistentVolumeSpec spec, Problems problems) {
    PersistentVolumeSource source = spec.getPersistentVolumeSource();
    long kinds = SOURCES.stream().filter(kind -> kind.access().has(source)).count();
    if (kinds == 0) {
      problems.required("spec", "must specify a volume type");
    } else if (kinds > 1) {
      problems.forbidden("spec", "may not specify more than 1 volume type");
    }
    if (source.hasHostPath()) {
      backSteps(source.getHostPath().getPath(), "spec.hostPath.path", problems);
      if (source.getHostPath().getPath().equals("/")
          && spec.getPersistentVolumeReclaimPolicy().equals("Recycle")) {
        problems.forbidden(
            "spec.persistentVolumeReclaimPolicy",
            "may not be 'recycle' for a hostPath mount of '/'");
      }
    }
    if (source.hasNfs() && !source.getNfs().getPath().startsWith("/")) {
      problems.invalid("spec.nfs.path", source.getNfs().getPath(), "must be an absolute path");
    }
  }

  /// @return whether it says on which nodes the volume is
  private static boolean affinity(PersistentVolumeSpec spec, Problems problems) {
    if (!spec.hasNodeAffinity()) {
      return false;
    }
    String at = "spec.nodeAffinity.required";
    if (!spec.getNodeAffinity().hasRequired()) {
      problems.required(at, "must specify required node constraints");
      return false;
    }
    List<NodeSelectorTerm> terms = spec.getNodeAffinity().getRequired().getNodeSelectorTermsList();
    if (terms.isEmpty()) {
      problems.required(at + ".nodeSelectorTerms", "must have at least one node selector term");
    }
    return true;
  }

  static void check(PersistentVolume before, PersistentVolume after, Problems problems) {
    PersistentVolumeSource source = after.getSpec().getPersistentVolumeSource();
    if (!before.getSpec().getPersistentVolumeSource().equals(source)) {
      problems.forbidden(
          "spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
    }
    unchanged(
        before.getSpec().getVolumeMode(), after.getSpec().getVolumeMode(), "volumeMode", problems);
    if (before.getSpec().hasNodeAffinity()
        && !before.getSpec().getNodeAffinity().equals(after.getSpec().getNodeAffinity())) {
      problems.invalidJson(
          "nodeAffinity",
          SchemaRules.shown(after.getSpec().getNodeAffinity()),
          "field is immutable, except for updating from beta label to GA");
    }
  }

  static void check(PersistentVolumeClaim claim, Problems problems) {
    claim(claim.getSpec(), "spec", problems);
  }

  /// What holds for a claim, and for the template of one.
  static void claim(PersistentVolumeClaimSpec spec, String path, Problems problems) {
    modes(
        spec.getAccessModesList(),
        path + ".accessModes",
        "at least 1 access mode is required",
        problems);
    Quantity wanted = spec.getResources().getRequestsMap().get(STORAGE);
    String at = path + ".resources[storage]";
    if (wanted == null) {
      problems.required(at);
    } else {
      positive(wanted, at, problems);
    }
    if (!spec.getStorageClassName().isEmpty()) {
      Names.subdomain(spec.getStorageClassName())
          .ifPresent(
              why -> problems.invalid(path + ".storageClassName", spec.getStorageClassName(), why));
    }
  }

  static void check(PersistentVolumeClaim before, PersistentVolumeClaim after, Problems problems) {
    PersistentVolumeClaimSpec.Builder same = before.getSpec().toBuilder();
    if (before.getSpec().getVolumeName().isEmpty()) {
      same.setVolumeName(after.getSpec().getVolumeName());
    }
    String old = before.getMetadata().getAnnotationsOrDefault(VolumeMarks.OLD_CLASS, "");
    boolean named =
        !before.getSpec().hasStorageClassName()
            && after.getSpec().hasStorageClassName()
            && (old.isEmpty() || old.equals(after.getSpec().getStorageClassName()));
    if (named) {
      same.setStorageClassName(after.getSpec().getStorageClassName());
    }
    Quantity size = after.getSpec().getResources().getRequestsMap().get(STORAGE);
    if (after.getStatus().getPhase().equals("Bound")) {
      if (size != null) {
        same.getResourcesBuilder().putRequests(STORAGE, size);
      }
      if (after.getSpec().hasVolumeAttributesClassName()) {
        same.setVolumeAttributesClassName(after.getSpec().getVolumeAttributesClassName());
      }
    }
    if (!same.build().equals(after.getSpec())) {
      problems.forbidden(
          "spec",
          "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
    }
    Quantity had = before.getSpec().getResources().getRequestsMap().get(STORAGE);
    if (size != null && had != null && Quantities.compare(size, had) < 0) {
      Quantity has = before.getStatus().getCapacityOrDefault(STORAGE, Quantities.ZERO);
      if (Quantities.compare(size, has) <= 0) {
        problems.forbidden(
            "spec.resources.requests.storage", "field can not be less than status.capacity");
      }
    }
  }

  static void check(StorageClass before, StorageClass after, Problems problems) {
    unchanged(before.getProvisioner(), after.getProvisioner(), "provisioner", problems);
    unchanged(before.getReclaimPolicy(), after.getReclaimPolicy(), "reclaimPolicy", problems);
    unchanged(
        before.getVolumeBindingMode(), after.getVolumeBindingMode(), "volumeBindingMode", problems);
    if (!before.getParametersMap().equals(after.getParametersMap())) {
      problems.forbidden("parameters", "updates to parameters are forbidden.");
    }
  }

  private static void unchanged(String before, String after, String path, Problems problems) {
    if (!before.equals(after)) {
      problems.invalid(path, after, "field is immutable");
    }
  }

  private static void modes(List<String> modes, String path, String absent, Problems problems) {
    if (modes.isEmpty()) {
      if (absent.isEmpty()) {
        problems.required(path);
      } else {
        problems.required(path, absent);
      }
    }
    for (String mode : modes) {
      if (!MODES.contains(mode)) {
        problems.unsupported(path, mode, MODES);
      }
    }
    if (modes.contains(ONCE_POD) && modes.stream().anyMatch(one -> !one.equals(ONCE_POD))) {
      problems.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
  }

  private static void positive(Quantity amount, String path, Problems problems) {
    try {
      if (Quantities.value(amount).signum() <= 0) {
        problems.invalid(path, amount.getString(), "must be greater than zero");
      }
    } catch (IllegalArgumentException e) {
      // the schema's rules report what is no quantity
    }
  }

  private static void backSteps(String path, String at, Problems problems) {
    if (Arrays.asList(path.split("/", -1)).contains("..")) {
      problems.invalid(at, path, "must not contain '..'");
    }
  }
}
