package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.admission.dynamic.DynamicAdmission;
import io.coxswain.controlplane.admission.dynamic.Surroundings;
import io.coxswain.controlplane.admission.plugin.PluginChain;
import java.util.List;
import java.util.Optional;

/// What an object must be to be stored, beyond what the registry itself sees to: defaults,
/// validation, and how a patch changes it.
public interface Rules {

  /// What a patch made of an object.
  ///
  /// @param warnings as about unknown fields
  record Patched(Message object, List<String> warnings) {
    public Patched {
      warnings = List.copyOf(warnings);
    }
  }

  /// The object with everything filled in that its author left to the API.
  Message defaulted(Message object);

  /// What is wrong with a new object; nothing when all is well.
  List<ApiError.Cause> onCreate(Message object);

  /// What is wrong with a new state of an object.
  List<ApiError.Cause> onUpdate(Message before, Message after);

  /// What is wrong with a new status of an object.
  ///
  /// @param part through which it is written: `status`, or `approval`
  List<ApiError.Cause> onStatusUpdate(String part, Message before, Message after);

  /// What is wrong with a new state of the part of an object that a subresource writes.
  ///
  /// @param part as in the path, as `resize`
  List<ApiError.Cause> onPartUpdate(String part, Message before, Message after);

  /// What the user should know though nothing is wrong.
  List<String> warnings(Message object);

  /// What a write must pass that depends on other objects.
  default PluginChain plugins() {
    return PluginChain.NONE;
  }

  /// What a write must pass that people brought along.
  default Optional<DynamicAdmission> dynamic(Surroundings surroundings) {
    return Optional.empty();
  }

  /// @throws io.coxswain.client.ApiException when the patch cannot be read or applied
  Patched patched(Message current, Patch patch, WriteOptions options);

  /// What somebody applies.
  ///
  /// @param object with those fields only that it names
  /// @param json as it was sent
  record Configuration(Message object, String json, List<String> warnings) {
    public Configuration {
      warnings = List.copyOf(warnings);
    }
  }

  /// Reads what is applied.
  ///
  /// @param prototype of the kind that it must be
  /// @throws io.coxswain.client.ApiException when it cannot be read or is of another kind
  Configuration configuration(Message prototype, Patch patch, WriteOptions options);
}
