package io.coxswain.controlplane.registry;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;

/// Says how objects of a definition get from one version to another.
@FunctionalInterface
public interface Conversions {

  /// Only names differ, whatever the definition asks for.
  Conversions NAMES_ONLY = definition -> VersionConversion.NAME_ONLY;

  VersionConversion of(CustomResourceDefinition definition);
}
