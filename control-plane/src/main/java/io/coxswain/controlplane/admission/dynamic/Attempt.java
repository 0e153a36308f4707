package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.controlplane.authn.User;
import io.coxswain.schema.ObjectKind;
import io.coxswain.schema.ResourceType;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// One request, as webhooks and policies see it.
///
/// @param type of the resource that the request went to
/// @param subresource as in the path; empty for the object itself
/// @param namespace empty for kinds of the whole cluster; of a namespace its own name
/// @param name empty when it is still to be generated
/// @param kind of `object`, which differs from the type's where a subresource has its own
/// @param object nothing for a deletion
/// @param before as it is stored; nothing for a creation
/// @param dryRun whether nothing comes of it
/// @param options of the operation, as `CreateOptions`
public record Attempt(
    ResourceType<?> type,
    String subresource,
    Operation operation,
    String namespace,
    String name,
    ObjectKind kind,
    Optional<Message> object,
    Optional<Message> before,
    boolean dryRun,
    Optional<ObjectNode> options,
    User user,
    Notes notes) {

  /// The same request for what has become of the object.
  public Attempt with(Message changed) {
    return new Attempt(
        type,
        subresource,
        operation,
        namespace,
        name,
        kind,
        Optional.of(changed),
        before,
        dryRun,
        options,
        user,
        notes);
  }

  /// Whether the object is a message of the subresource's own, the same in all versions.
  boolean isPart() {
    return !kind.kind().equals(type.kind()) || !kind.group().equals(type.group());
  }
}
