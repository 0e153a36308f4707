package io.coxswain.controlplane.registry;

import io.coxswain.custom.CustomObject;

/// Brings an object of a kind that people define from one version to another.
@FunctionalInterface
public interface VersionConversion {

  /// Versions differ in their name alone.
  VersionConversion NAME_ONLY =
      new VersionConversion() {
        @Override
        public CustomObject convert(CustomObject object, String version) {
          String apiVersion = object.getApiVersion();
          String group = apiVersion.substring(0, apiVersion.indexOf('/') + 1);
          return object.toBuilder().setApiVersion(group + version).build();
        }

        @Override
        public boolean mayBlock() {
          return false;
        }
      };

  /// May block. An object that is in that version already is answered as it is.
  ///
  /// @throws io.coxswain.client.ApiException with Internal when it cannot be done
  CustomObject convert(CustomObject object, String version);

  /// Whether somebody else is asked.
  default boolean mayBlock() {
    return true;
  }
}
