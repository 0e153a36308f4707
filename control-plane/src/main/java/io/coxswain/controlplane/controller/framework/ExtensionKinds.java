package io.coxswain.controlplane.controller.framework;

import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.List;

/// The kinds that other API servers have (APIServices that name a Service), for controllers that
/// look after objects of every kind. Reached like all others by the controllers' client, which
/// tells no more of their objects than metadata when it lists or watches them.
public interface ExtensionKinds {

  /// Nobody extends the API.
  ExtensionKinds NONE =
      new ExtensionKinds() {
        @Override
        public List<Kind> registered() {
          return List.of();
        }

        @Override
        public List<String> silent() {
          return List.of();
        }

        @Override
        public void onChange(Runnable action) {}
      };

  /// A kind whose objects can be listed and deleted.
  ///
  /// @param watched whether they can be watched, too
  record Kind(ResourceType<CustomObject> type, boolean watched) {}

  /// All, each in one version, as their servers last told.
  List<Kind> registered();

  /// Versions of groups whose servers do not answer now, as `wardle.example.com/v1alpha1`.
  List<String> silent();

  /// Those whose servers answer.
  default List<Kind> answering() {
    List<String> silent = silent();
    return registered().stream()
        .filter(kind -> !silent.contains(kind.type().apiVersion()))
        .toList();
  }

  /// Has something called after each change, which must not block; for good.
  void onChange(Runnable action);
}
