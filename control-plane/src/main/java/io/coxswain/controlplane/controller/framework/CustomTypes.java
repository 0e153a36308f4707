package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.customresource.DefinitionStatus;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.List;
import java.util.Optional;

/// The kinds that people define, for controllers that look after objects of every kind.
public final class CustomTypes {

  private final Informer<CustomResourceDefinition> definitions;

  public CustomTypes(InformerFactory informers) {
    this.definitions = informers.informer(CustomResourceDefinition.class);
  }

  public Informer<CustomResourceDefinition> definitions() {
    return definitions;
  }

  /// One type for each kind: in which version does not matter for metadata.
  public List<ResourceType<CustomObject>> all() {
    return definitions.list().stream().flatMap(one -> of(one).stream()).toList();
  }

  /// The type of a definition's objects, if they are served: in the version that is stored, which
  /// needs no conversion, or else in any.
  public static Optional<ResourceType<CustomObject>> of(CustomResourceDefinition definition) {
    if (!DefinitionStatus.isTrue(definition, DefinitionStatus.ESTABLISHED)) {
      return Optional.empty();
    }
    List<CustomResourceDefinitionVersion> served =
        definition.getSpec().getVersionsList().stream()
            .filter(CustomResourceDefinitionVersion::getServed)
            .toList();
    return served.stream()
        .filter(CustomResourceDefinitionVersion::getStorage)
        .findFirst()
        .or(() -> served.stream().findFirst())
        .map(version -> CustomKind.type(definition, version));
  }

  /// The type of a kind of a group, if it is defined.
  public Optional<ResourceType<CustomObject>> find(String group, String kind) {
    return all().stream()
        .filter(type -> type.group().equals(group) && type.kind().equals(kind))
        .findFirst();
  }
}
