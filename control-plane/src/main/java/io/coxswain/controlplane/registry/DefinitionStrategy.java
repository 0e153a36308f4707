package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.client.ApiError;
import io.coxswain.controlplane.customresource.DefinitionProblems;
import io.coxswain.controlplane.customresource.DefinitionStatus;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/// Definitions are judged when they are written, so who made one may use its kind at once. One that
/// is deleted stays until its objects are gone.
final class DefinitionStrategy implements Strategy {

  /// Held by [CustomKinds] until no object of the kind is left.
  static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

  private final Supplier<Collection<CustomResourceDefinition>> all;
  private final InstantSource clock;
  private final Runnable shown;

  /// @param all definitions that are there
  /// @param shown called when the cache shows a change, before it is answered
  DefinitionStrategy(
      Supplier<Collection<CustomResourceDefinition>> all, InstantSource clock, Runnable shown) {
    this.all = all;
    this.clock = clock;
    this.shown = shown;
  }

  /// The definition with its status as it should be.
  CustomResourceDefinition judged(CustomResourceDefinition definition) {
    return DefinitionStatus.stored(DefinitionStatus.named(definition, all.get(), clock.instant()));
  }

  @Override
  public Message prepareCreate(Message object) {
    return judged((CustomResourceDefinition) object);
  }

  @Override
  public Message prepareUpdate(Message before, Message after) {
    return judged((CustomResourceDefinition) after);
  }

  @Override
  public List<ApiError.Cause> onCreate(Message object) {
    return DefinitionProblems.onCreate((CustomResourceDefinition) object);
  }

  @Override
  public List<ApiError.Cause> onUpdate(Message before, Message after) {
    return DefinitionProblems.onUpdate(
        (CustomResourceDefinition) before, (CustomResourceDefinition) after);
  }

  @Override
  public Message marked(Message object) {
    CustomResourceDefinition definition =
        DefinitionStatus.terminating(
            (CustomResourceDefinition) object,
            "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
            clock.instant());
    if (definition.getMetadata().getFinalizersList().contains(CLEANUP)) {
      return definition;
    }
    CustomResourceDefinition.Builder held = definition.toBuilder();
    held.getMetadataBuilder().addFinalizers(CLEANUP);
    return held.build();
  }

  @Override
  public StatusMetadata writtenWithStatus() {
    return StatusMetadata.NOTHING;
  }

  @Override
  public boolean showsAtOnce() {
    return true;
  }

  @Override
  public void shown() {
    shown.run();
  }
}
