package io.coxswain.controlplane.aggregation;

import io.coxswain.client.codec.CustomObjects;
import io.coxswain.controlplane.controller.framework.ExtensionKinds;
import io.coxswain.controlplane.server.ExtensionRequests.Extension;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Makes kinds of what other servers say that they have. A kind that is served in several versions
/// is one, in the version that its server prefers.
public final class ExtensionContents implements ExtensionKinds {

  private final ExtensionApis apis;

  public ExtensionContents(ExtensionApis apis) {
    this.apis = apis;
  }

  @Override
  public List<Kind> registered() {
    List<Kind> kinds = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    apis.all().stream()
        .sorted(Comparator.comparingInt(Extension::versionPriority).reversed())
        .forEach(extension -> {
          for (JsonNode resource : extension.resources().path("resources")) {
            List<String> verbs =
                resource.path("verbs").valueStream().map(verb -> verb.asString("")).toList();
            String plural = resource.path("name").asString("");
            boolean emptied = verbs.contains("list") && verbs.contains("delete");
            if (emptied
                && !plural.isEmpty()
                && plural.indexOf('/') < 0
                && seen.add(plural + "." + extension.group())) {
              kinds.add(new Kind(type(extension, plural, resource), verbs.contains("watch")));
            }
          }
        });
    return List.copyOf(kinds);
  }

  private static ResourceType<CustomObject> type(
      Extension extension, String plural, JsonNode resource) {
    String kind = resource.path("kind").asString("");
    String singular = resource.path("singularName").asString("");
    return new ResourceType<>(
        extension.group(),
        extension.version(),
        kind,
        plural,
        singular.isEmpty() ? kind.toLowerCase(Locale.ROOT) : singular,
        kind + "List",
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        resource.path("namespaced").asBoolean(false),
        false,
        false,
        CustomObjects.prototype(extension.group() + "/" + extension.version(), kind));
  }

  @Override
  public List<String> silent() {
    return apis.all().stream()
        .filter(extension -> !extension.available())
        .map(extension -> extension.group() + "/" + extension.version())
        .toList();
  }

  @Override
  public void onChange(Runnable action) {
    apis.onChange(action);
  }
}
