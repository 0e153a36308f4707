package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.Node;
import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.api.storage.v1.VolumeAttachment;
import io.coxswain.client.codec.Times;
import io.coxswain.client.volume.CsiNames;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which volumes of drivers are to be at a node, and which no more. Pure.
///
/// @param attach to be asked for
/// @param detach no longer wanted, and no longer used by the node or nothing to its driver
/// @param elsewhere that pods here wait for while another node has them
/// @param again when to look once more though nothing changes
record AttachPlan(
    List<PersistentVolume> attach,
    List<VolumeAttachment> detach,
    List<PersistentVolume> elsewhere,
    Optional<Instant> again) {

  /// A node that has not been well for so long does not say any more what it uses.
  static final Duration FORCE = Duration.ofMinutes(6);

  private static final Set<String> SHARED = Set.of("ReadWriteMany", "ReadOnlyMany");

  /// @param node the one that is about; empty when it is gone
  /// @param wanted volumes of pods that are there, whose driver has them attached
  /// @param here attachments to the node
  /// @param others attachments to other nodes
  /// @param unasked drivers that say that they need no attaching
  /// @param starting names of volumes of pods here that have not begun
  record Snapshot(
      Optional<Node> node,
      String nodeName,
      List<PersistentVolume> wanted,
      List<VolumeAttachment> here,
      List<VolumeAttachment> others,
      Set<String> unasked,
      Set<String> starting,
      Instant now) {}

  static AttachPlan of(Snapshot all) {
    List<PersistentVolume> attach = new ArrayList<>();
    List<PersistentVolume> elsewhere = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (PersistentVolume volume : all.wanted) {
      String name = attachment(volume, all.nodeName);
      if (!names.add(name) || all.here.stream().anyMatch(one -> name(one).equals(name))) {
        continue;
      }
      boolean taken =
          all.others.stream()
              .anyMatch(one ->
                  one.getSpec()
                      .getSource()
                      .getPersistentVolumeName()
                      .equals(volume.getMetadata().getName()));
      if (taken && volume.getSpec().getAccessModesList().stream().noneMatch(SHARED::contains)) {
        elsewhere.add(volume);
      } else if (all.node.isPresent()) {
        attach.add(volume);
      }
    }
    List<VolumeAttachment> detach = new ArrayList<>();
    Optional<Instant> again = Optional.empty();
    for (VolumeAttachment one : all.here) {
      // One that somebody else made, under another name, is theirs.
      if (names.contains(name(one))
          || one.getMetadata().hasDeletionTimestamp()
          || !CsiNames.isAttachment(name(one))) {
        continue;
      }
      if (all.unasked.contains(one.getSpec().getAttacher())) {
        // the driver may be making the volume ready at this moment as it was attached
        if (!all.starting.contains(one.getSpec().getSource().getPersistentVolumeName())) {
          detach.add(one);
        }
      } else if (!used(all, one)) {
        detach.add(one);
      } else {
        Optional<Instant> force = forceAt(all.node);
        if (force.filter(at -> !at.isAfter(all.now)).isPresent()) {
          detach.add(one);
        } else if (force.isPresent()) {
          again = force;
        }
      }
    }
    return new AttachPlan(attach, detach, elsewhere, again);
  }

  static String attachment(PersistentVolume volume, String node) {
    var source = volume.getSpec().getPersistentVolumeSource().getCsi();
    return CsiNames.attachment(source.getVolumeHandle(), source.getDriver(), node);
  }

  private static String name(VolumeAttachment attachment) {
    return attachment.getMetadata().getName();
  }

  /// Whether the node says that it still has the volume. The attachment's name tells which that is,
  /// also when the volume's object is gone.
  private static boolean used(Snapshot all, VolumeAttachment attachment) {
    String driver = CsiNames.unique(attachment.getSpec().getAttacher(), "");
    return all.node.stream()
        .flatMap(node -> node.getStatus().getVolumesInUseList().stream())
        .anyMatch(used ->
            used.startsWith(driver)
                && CsiNames.attachment(
                        used.substring(driver.length()),
                        attachment.getSpec().getAttacher(),
                        all.nodeName)
                    .equals(name(attachment)));
  }

  /// When a node that is not well is no longer heard; nothing for one that is.
  private static Optional<Instant> forceAt(Optional<Node> node) {
    return node.stream()
        .flatMap(one -> one.getStatus().getConditionsList().stream())
        .filter(one -> one.getType().equals("Ready") && !one.getStatus().equals("True"))
        .map(one -> Times.instant(one.getLastTransitionTime()).plus(FORCE))
        .findFirst();
  }
}
