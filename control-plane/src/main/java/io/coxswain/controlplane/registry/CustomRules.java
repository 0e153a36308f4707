package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.CustomObjects;
import io.coxswain.client.codec.Decoded;
import io.coxswain.controlplane.admission.Configurations;
import io.coxswain.controlplane.admission.Patches;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.custom.CustomObject;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The rules of a kind that people define: those that hold for the metadata of all, and its schema.
///
/// @param common what holds for every kind
record CustomRules(CustomKind kind, Rules common) implements Rules {

  /// Filled in when the object was read.
  @Override
  public Message defaulted(Message object) {
    return object;
  }

  @Override
  public List<ApiError.Cause> onCreate(Message object) {
    List<ApiError.Cause> causes = new ArrayList<>(common.onCreate(object));
    causes.addAll(kind.onCreate((CustomObject) object));
    return causes;
  }

  @Override
  public List<ApiError.Cause> onUpdate(Message before, Message after) {
    List<ApiError.Cause> causes = new ArrayList<>(common.onUpdate(before, after));
    causes.addAll(kind.onUpdate((CustomObject) before, (CustomObject) after));
    return causes;
  }

  @Override
  public List<ApiError.Cause> onStatusUpdate(String part, Message before, Message after) {
    List<ApiError.Cause> causes = new ArrayList<>(common.onStatusUpdate(part, before, after));
    causes.addAll(kind.onUpdate((CustomObject) before, (CustomObject) after));
    return causes;
  }

  @Override
  public List<ApiError.Cause> onPartUpdate(String part, Message before, Message after) {
    throw new IllegalArgumentException(kind.type() + " has no part " + part);
  }

  @Override
  public List<String> warnings(Message object) {
    return List.of();
  }

  @Override
  public Patched patched(Message current, Patch patch, WriteOptions options) {
    if (!(current instanceof CustomObject custom)) {
      return common.patched(current, patch, options);
    }
    JsonNode changed = Patches.apply(CustomObjects.toTree(custom), patch);
    Decoded<CustomObject> read =
        kind.read(changed, List.of(), AdmissionRules.strictness(options.fieldValidation()));
    return new Patched(read.message(), read.warnings());
  }

  @Override
  public Configuration configuration(Message prototype, Patch patch, WriteOptions options) {
    if (!(prototype instanceof CustomObject)) {
      return common.configuration(prototype, patch, options);
    }
    Configurations.Tree read =
        Configurations.tree(
            patch.json(),
            kind.type().apiVersion(),
            AdmissionRules.strictness(options.fieldValidation()));
    return new Configuration(kind.configuration(read.tree()), read.json(), read.warnings());
  }
}
