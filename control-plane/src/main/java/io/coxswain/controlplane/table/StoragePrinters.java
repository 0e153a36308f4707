package io.coxswain.controlplane.table;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.core.v1.PersistentVolumeClaim;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.resource.Quantity;
import io.coxswain.api.storage.v1.CSIDriver;
import io.coxswain.api.storage.v1.CSINode;
import io.coxswain.api.storage.v1.CSIStorageCapacity;
import io.coxswain.api.storage.v1.StorageClass;
import io.coxswain.api.storage.v1.TokenRequest;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.api.storage.v1.VolumeAttributesClass;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The columns of volumes, and of what makes them.
final class StoragePrinters {

  /// In the order in which they are told.
  private static final List<Map.Entry<String, String>> MODES =
      List.of(
          Map.entry("ReadWriteOnce", "RWO"),
          Map.entry("ReadOnlyMany", "ROX"),
          Map.entry("ReadWriteMany", "RWX"),
          Map.entry("ReadWriteOncePod", "RWOP"));

  /// What named a class before there was a field for it.
  private static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  private static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

  private StoragePrinters() {}

  static Printer<PersistentVolume> persistentVolumes() {
    return Printers.start(PersistentVolume.class)
        .text("Capacity", v -> storage(v.getSpec().getCapacityMap()))
        .text("Access Modes", v -> modes(v.getSpec().getAccessModesList()))
        .text("Reclaim Policy", v -> v.getSpec().getPersistentVolumeReclaimPolicy())
        .text("Status", v -> phase(v.getMetadata(), v.getStatus().getPhase()))
        .text(
            "Claim",
            v ->
                v.getSpec().hasClaimRef()
                    ? v.getSpec().getClaimRef().getNamespace()
                        + "/"
                        + v.getSpec().getClaimRef().getName()
                    : "")
        .text("StorageClass", v -> className(v.getMetadata(), v.getSpec().getStorageClassName()))
        .text(
            "VolumeAttributesClass",
            v ->
                Words.orUnset(
                    v.getSpec().hasVolumeAttributesClassName(),
                    v.getSpec().getVolumeAttributesClassName()))
        .text("Reason", v -> v.getStatus().getReason())
        .timed("Age", Printers::age)
        .wide(
            "VolumeMode",
            v -> Words.orUnset(v.getSpec().hasVolumeMode(), v.getSpec().getVolumeMode()));
  }

  static Printer<PersistentVolumeClaim> persistentVolumeClaims() {
    return Printers.start(PersistentVolumeClaim.class)
        .text("Status", c -> phase(c.getMetadata(), c.getStatus().getPhase()))
        .text("Volume", c -> c.getSpec().getVolumeName())
        .text("Capacity", c -> isBound(c) ? storage(c.getStatus().getCapacityMap()) : "")
        .text("Access Modes", c -> isBound(c) ? modes(c.getStatus().getAccessModesList()) : "")
        .text("StorageClass", c -> className(c.getMetadata(), c.getSpec().getStorageClassName()))
        .text(
            "VolumeAttributesClass",
            c ->
                Words.orUnset(
                    c.getSpec().hasVolumeAttributesClassName(),
                    c.getSpec().getVolumeAttributesClassName()))
        .timed("Age", Printers::age)
        .wide(
            "VolumeMode",
            c -> Words.orUnset(c.getSpec().hasVolumeMode(), c.getSpec().getVolumeMode()));
  }

  private static boolean isBound(PersistentVolumeClaim claim) {
    return !claim.getSpec().getVolumeName().isEmpty();
  }

  private static String phase(ObjectMeta meta, String phase) {
    return meta.hasDeletionTimestamp() ? "Terminating" : phase;
  }

  private static String className(ObjectMeta meta, String named) {
    return meta.getAnnotationsOrDefault(OLD_CLASS, named);
  }

  private static String storage(Map<String, Quantity> amounts) {
    Quantity storage = amounts.get("storage");
    return storage == null ? "0" : storage.getString();
  }

  private static String modes(List<String> modes) {
    return MODES.stream()
        .filter(mode -> modes.contains(mode.getKey()))
        .map(Map.Entry::getValue)
        .collect(Collectors.joining(","));
  }

  static Printer<StorageClass> storageClasses() {
    return Printer.of(StorageClass.class)
        .name(c -> Printers.withDefault(c.getMetadata(), DEFAULT_CLASS))
        .text("Provisioner", StorageClass::getProvisioner)
        .text("ReclaimPolicy", c -> c.hasReclaimPolicy() ? c.getReclaimPolicy() : "Delete")
        .text(
            "VolumeBindingMode",
            c -> c.hasVolumeBindingMode() ? c.getVolumeBindingMode() : "Immediate")
        .flag("AllowVolumeExpansion", StorageClass::getAllowVolumeExpansion)
        .timed("Age", Printers::age);
  }

  static Printer<VolumeAttributesClass> volumeAttributesClasses() {
    return Printers.start(VolumeAttributesClass.class)
        .text("DriverName", VolumeAttributesClass::getDriverName)
        .timed("Age", Printers::age);
  }

  static Printer<VolumeAttachment> volumeAttachments() {
    return Printers.start(VolumeAttachment.class)
        .text("Attacher", a -> a.getSpec().getAttacher())
        .text("PV", a -> a.getSpec().getSource().getPersistentVolumeName())
        .text("Node", a -> a.getSpec().getNodeName())
        .flag("Attached", a -> a.getStatus().getAttached())
        .timed("Age", Printers::age);
  }

  static Printer<CSINode> csiNodes() {
    return Printers.start(CSINode.class)
        .number("Drivers", n -> n.getSpec().getDriversCount())
        .timed("Age", Printers::age);
  }

  static Printer<CSIDriver> csiDrivers() {
    return Printers.start(CSIDriver.class)
        .flag(
            "AttachRequired",
            d -> !d.getSpec().hasAttachRequired() || d.getSpec().getAttachRequired())
        .flag("PodInfoOnMount", d -> d.getSpec().getPodInfoOnMount())
        .flag("StorageCapacity", d -> d.getSpec().getStorageCapacity())
        .text(
            "TokenRequests",
            d ->
                Words.orUnset(
                    d.getSpec().getTokenRequestsCount() > 0,
                    d.getSpec().getTokenRequestsList().stream()
                        .map(TokenRequest::getAudience)
                        .collect(Collectors.joining(","))))
        .flag("RequiresRepublish", d -> d.getSpec().getRequiresRepublish())
        .text(
            "Modes", d -> Words.orNone(String.join(",", d.getSpec().getVolumeLifecycleModesList())))
        .timed("Age", Printers::age);
  }

  static Printer<CSIStorageCapacity> csiStorageCapacities() {
    return Printers.start(CSIStorageCapacity.class)
        .text("StorageClassName", CSIStorageCapacity::getStorageClassName)
        .text("Capacity", c -> Words.orUnset(c.hasCapacity(), c.getCapacity().getString()));
  }
}
