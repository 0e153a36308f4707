package io.coxswain.client.volume;

import io.coxswain.api.core.v1.PersistentVolume;
import java.util.Optional;

/// How far the directory of a volume of the built-in provisioner is. The control plane orders and
/// dismisses it; the agent of its node says that it was made, and that it is gone.
public enum LocalState {

  /// By the control plane: the agent is to make it.
  ORDERED("ordered"),

  /// By the agent: it can be used.
  MADE("made"),

  /// By the control plane: nobody needs it, the agent is to delete it.
  UNWANTED("unwanted"),

  /// By the agent: nothing is left of it.
  GONE("gone");

  private final String text;

  LocalState(String text) {
    this.text = text;
  }

  /// Nothing for volumes that the built-in provisioner did not make.
  public static Optional<LocalState> of(PersistentVolume volume) {
    String said = volume.getMetadata().getAnnotationsOrDefault(VolumeMarks.LOCAL_STATE, "");
    for (LocalState state : values()) {
      if (state.text.equals(said) && isLocal(volume)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /// The volume in this state.
  public PersistentVolume on(PersistentVolume volume) {
    PersistentVolume.Builder changed = volume.toBuilder();
    changed.getMetadataBuilder().putAnnotations(VolumeMarks.LOCAL_STATE, text);
    return changed.build();
  }

  /// As the annotation says it.
  public String text() {
    return text;
  }

  private static boolean isLocal(PersistentVolume volume) {
    return volume
        .getMetadata()
        .getAnnotationsOrDefault(VolumeMarks.PROVISIONED_BY, "")
        .equals(VolumeMarks.LOCAL_PROVISIONER);
  }
}
