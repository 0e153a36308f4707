package io.coxswain.controlplane.registry;

import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.controlplane.fieldset.FieldSet;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.ResourceType;
import java.util.Set;

/// Which fields of an object cannot be written through a part of it: whatever a writer says of them
/// is put back, so he does not come to own them.
final class Unwritable {

  private static final String STATUS = "status";

  private Unwritable() {}

  /// @param part empty for the object itself
  static FieldSet of(ResourceType<?> type, Strategy strategy, String part) {
    MessageSchema schema = MessageSchema.of(type.prototype().getDescriptorForType());
    return switch (part) {
      case "" -> Metadata.hasStatus(type) ? FieldSet.ofNames(STATUS) : FieldSet.EMPTY;
      case STATUS, "approval" ->
          switch (strategy.writtenWithStatus()) {
            case NOTHING -> allBut(schema, Set.of(STATUS));
            case ANNOTATIONS -> statusAnd(schema, Set.of("annotations"));
            case LABELS_AND_ANNOTATIONS -> statusAnd(schema, Set.of("labels", "annotations"));
          };
      case PodParts.EPHEMERAL ->
          allBut(schema, Set.of("spec"))
              .union(below("spec", spec(schema), Set.of("ephemeralContainers")));
      case PodParts.RESIZE ->
          allBut(schema, Set.of("spec"))
              .union(
                  below("spec", spec(schema), Set.of("containers", "initContainers", "resources")));
      default -> FieldSet.EMPTY;
    };
  }

  private static FieldSet statusAnd(MessageSchema schema, Set<String> metadata) {
    return allBut(schema, Set.of(STATUS, "metadata"))
        .union(below("metadata", MessageSchema.of(ObjectMeta.getDescriptor()), metadata));
  }

  private static MessageSchema spec(MessageSchema schema) {
    return schema.field("spec").orElseThrow().message();
  }

  private static FieldSet allBut(MessageSchema schema, Set<String> writable) {
    FieldSet set = FieldSet.EMPTY;
    for (String name : schema.jsonFields().keySet()) {
      if (!writable.contains(name)) {
        set = set.union(FieldSet.ofNames(name));
      }
    }
    return set;
  }

  private static FieldSet below(String parent, MessageSchema schema, Set<String> writable) {
    FieldSet set = FieldSet.EMPTY;
    for (String name : schema.jsonFields().keySet()) {
      if (!writable.contains(name)) {
        set = set.union(FieldSet.ofNames(parent, name));
      }
    }
    return set;
  }
}
