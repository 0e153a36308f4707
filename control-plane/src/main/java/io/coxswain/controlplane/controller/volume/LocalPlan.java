package io.coxswain.controlplane.controller.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import io.coxswain.client.volume.LocalState;
import io.coxswain.controlplane.controller.volume.LocalVolume.Host;
import java.util.Optional;

/// What the control plane does next about a volume of the built-in provisioner that is there.
final class LocalPlan {

  sealed interface Step {}

  /// Until something changes.
  record Nothing() implements Step {}

  /// Its agent is to delete what is in it.
  record Dismiss() implements Step {}

  /// Nothing holds its object any more.
  ///
  /// @param delete whether nobody has asked for that yet
  record Forget(boolean delete) implements Step {}

  /// Its node has to do something, and is not there.
  record Await(String message) implements Step {}

  private LocalPlan() {}

  /// @param node on which it is, if the cluster has it
  static Step of(PersistentVolume volume, Optional<Host> node) {
    Optional<LocalState> state = LocalState.of(volume);
    boolean deleting = volume.getMetadata().hasDeletionTimestamp();
    if (state.isEmpty()) {
      return new Nothing();
    }
    boolean deletes = volume.getSpec().getPersistentVolumeReclaimPolicy().equals("Delete");
    String phase = volume.getStatus().getPhase();
    return switch (state.get()) {
      case GONE -> new Forget(!deleting);
      case UNWANTED -> unwanted(volume, node, deleting);
      case ORDERED, MADE -> {
        boolean over = phase.equals("Released") || phase.equals("Failed");
        if (deletes && (over || (deleting && !phase.equals("Bound")))) {
          yield new Dismiss();
        }
        if (!deletes && deleting && !phase.equals("Bound")) {
          // what is stored stays, as its policy says
          yield new Forget(false);
        }
        yield state.get() == LocalState.ORDERED ? ordered(volume, node) : new Nothing();
      }
    };
  }

  private static Step ordered(PersistentVolume volume, Optional<Host> node) {
    return node.filter(Host::ready).isPresent()
        ? new Nothing()
        : new Await(
            "waiting for node \"%s\", which is %s, to make the volume's directory"
                .formatted(LocalVolume.nodeOf(volume), standing(node)));
  }

  /// Of a node that left the cluster nobody will ever hear. Only a person can say that what it
  /// keeps does not matter: by deleting the volume's object.
  private static Step unwanted(PersistentVolume volume, Optional<Host> node, boolean deleting) {
    if (node.isEmpty() && deleting) {
      return new Forget(false);
    }
    if (node.filter(Host::ready).isPresent()) {
      return new Nothing();
    }
    String more =
        node.isEmpty()
            ? "; kubectl delete pv %s forgets it".formatted(volume.getMetadata().getName())
            : "";
    return new Await(
        "waiting for node \"%s\", which is %s, to delete the volume's directory%s"
            .formatted(LocalVolume.nodeOf(volume), standing(node), more));
  }

  private static String standing(Optional<Host> node) {
    return node.isEmpty() ? "not part of the cluster" : "not ready";
  }
}
