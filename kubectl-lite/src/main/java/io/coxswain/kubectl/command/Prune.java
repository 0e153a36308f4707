package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// `--prune`: finds what was applied once, and is no longer among the files.
final class Prune {

  /// What was applied and is not wanted any more.
  record Leftover(Kind kind, JsonNode object) {}

  private static final List<String> STANDARD =
      List.of(
          "core/v1/ConfigMap",
          "core/v1/Endpoints",
          "core/v1/Namespace",
          "core/v1/PersistentVolumeClaim",
          "core/v1/PersistentVolume",
          "core/v1/Pod",
          "core/v1/ReplicationController",
          "core/v1/Secret",
          "core/v1/Service",
          "batch/v1/Job",
          "batch/v1/CronJob",
          "networking.k8s.io/v1/Ingress",
          "apps/v1/DaemonSet",
          "apps/v1/Deployment",
          "apps/v1/ReplicaSet",
          "apps/v1/StatefulSet");

  private Prune() {}

  static Options declare(Options options) {
    return options
        .toggle("prune", ' ', "also remove what was applied before and is no longer in the files")
        .value("selector", 'l', "", "only objects with these labels")
        .toggle("all", ' ', "with --prune and no selector: of all labels")
        .repeated(
            "prune-allowlist", ' ', "GROUP/VERSION/KIND that may be removed, as core/v1/Secret");
  }

  /// @throws Failure when it would remove more than was meant
  static void check(Options options) {
    if (options.isSet("prune") && options.find("selector").isEmpty() && !options.isSet("all")) {
      throw new Failure(
          "error: all resources selected for prune without explicitly passing --all. To prune all"
              + " resources, pass the --all flag. If you did not mean to prune all resources,"
              + " specify a label selector");
    }
  }

  /// @param applied the uids of what is in the files
  /// @param namespaces of what is in the files
  static List<Leftover> leftovers(Session session, Set<String> applied, Set<String> namespaces) {
    List<Leftover> found = new ArrayList<>();
    List<String> allowed = session.options().list("prune-allowlist");
    for (String name : allowed.isEmpty() ? STANDARD : allowed) {
      kind(session, name, !allowed.isEmpty())
          .ifPresent(kind -> {
            for (String namespace : kind.namespaced() ? namespaces : Set.of("")) {
              of(session, kind, namespace, applied, found);
            }
          });
    }
    return found;
  }

  private static Optional<Kind> kind(Session session, String name, boolean needed) {
    String[] parts = name.split("/", -1);
    if (parts.length != 3) {
      throw new Failure(
          "error: invalid GroupVersionKind format: "
              + name
              + ", please follow <group/version/kind>");
    }
    String group = parts[0].equals("core") ? "" : parts[0];
    Optional<Kind> found =
        session.discovery().kinds().stream()
            .filter(kind ->
                kind.group().equals(group)
                    && kind.version().equals(parts[1])
                    && kind.kind().equals(parts[2]))
            .findFirst();
    if (needed && found.isEmpty()) {
      throw new Failure("error: no matches for kind \"" + parts[2] + "\" in " + name);
    }
    return found;
  }

  private static void of(
      Session session, Kind kind, String namespace, Set<String> applied, List<Leftover> found) {
    String path = kind.path(namespace, Map.of("labelSelector", session.options().text("selector")));
    for (JsonNode item : Json.at(session.api().get(path), "items")) {
      boolean mine = Json.at(item, "metadata", "annotations").has(LastApplied.ANNOTATION);
      boolean ending = Json.at(item, "metadata").has("deletionTimestamp");
      if (mine && !ending && !applied.contains(Json.text(item, "metadata", "uid"))) {
        found.add(new Leftover(kind, Get.typed(item, kind)));
      }
    }
  }
}
