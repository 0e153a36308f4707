package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// Objects of kinds that are defined beside them: the definitions go first.
final class NewKinds {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private NewKinds() {}

  /// Takes out of the manifests those whose kind the server does not have yet, and that one of the
  /// other manifests defines.
  static List<Manifest> take(Session session, List<Manifest> manifests) {
    List<Manifest> definitions = manifests.stream().filter(NewKinds::isDefinition).toList();
    if (definitions.isEmpty()) {
      return List.of();
    }
    List<Manifest> later = new ArrayList<>();
    for (Manifest manifest : manifests) {
      boolean known =
          session.discovery().kinds().stream()
              .anyMatch(kind ->
                  kind.apiVersion().equals(manifest.apiVersion())
                      && kind.kind().equals(manifest.kind()));
      if (!known && definitions.stream().anyMatch(each -> defines(each, manifest))) {
        later.add(manifest);
      }
    }
    manifests.removeAll(later);
    return later;
  }

  private static boolean isDefinition(Manifest manifest) {
    return manifest.kind().equals("CustomResourceDefinition");
  }

  private static boolean defines(Manifest definition, Manifest manifest) {
    JsonNode spec = Json.at(definition.object(), "spec");
    return Json.text(spec, "names", "kind").equals(manifest.kind())
        && manifest.apiVersion().startsWith(Json.text(spec, "group") + "/");
  }

  /// Blocks until the server serves them all.
  static void await(Session session, List<Manifest> later) {
    Kind definitions =
        session.discovery().kind("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    Instant end = session.world().clock().instant().plus(PATIENCE);
    for (Manifest manifest : later) {
      String group = manifest.apiVersion().substring(0, manifest.apiVersion().indexOf('/'));
      Predicate<JsonNode> meant =
          each ->
              Json.text(each, "spec", "group").equals(group)
                  && Json.text(each, "spec", "names", "kind").equals(manifest.kind());
      for (JsonNode definition : Json.at(session.api().get(definitions.path("")), "items")) {
        if (meant.test(definition)) {
          established(session, definitions, definition, end);
        }
      }
    }
    session.discovery().forget();
  }

  private static void established(
      Session session, Kind definitions, JsonNode definition, Instant end) {
    Await.until(
        session,
        definitions,
        "",
        Json.name(definition),
        end,
        object ->
            object
                .flatMap(found -> Rollout.condition(found, "Established"))
                .map(condition -> Json.text(condition, "status").equals("True"))
                .orElse(false),
        () -> "error: timed out: " + Json.name(definition) + " is not established");
  }
}
