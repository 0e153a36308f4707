package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.MergeKeys;
import io.coxswain.kubectl.apply.ThreeWayMerge;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes one object what a manifest says, by a merge on the server or by a three-way merge here.
final class Applier {

  private static final int TRIES = 5;

  /// @param live as it was before; nothing when there was none
  /// @param result as it is now, or would be
  /// @param done in kubectl's word
  record Outcome(Optional<JsonNode> live, JsonNode result, String done) {}

  private final Session session;
  private final Descriptions descriptions;
  private final boolean serverSide;
  private final String dryRun;
  private final String subresource;

  /// @param dryRun none, client or server
  Applier(Session session, String dryRun) {
    this(session, dryRun, "");
  }

  /// @param subresource as `status`, which the server merges instead of the object; empty for the
  ///   object itself
  Applier(Session session, String dryRun, String subresource) {
    this.session = session;
    this.dryRun = dryRun;
    this.subresource = subresource.isEmpty() ? "" : "/" + subresource;
    this.descriptions = new Descriptions(session);
    this.serverSide = session.options().isSet("server-side");
  }

  Outcome apply(Manifest manifest, Kind kind) {
    ObjectNode wanted = manifest.object().deepCopy();
    String namespace = Namespaces.of(session, manifest, kind);
    if (kind.namespaced()) {
      ((ObjectNode) Json.at(wanted, "metadata")).put("namespace", namespace);
    }
    String path = kind.path(namespace, manifest.name());
    if (serverSide) {
      return onServer(path + subresource, wanted);
    }
    LastApplied.remember(wanted);
    for (int attempt = 1; ; attempt++) {
      try {
        return here(kind, namespace, path, wanted, manifest);
      } catch (Api.Refusal e) {
        boolean raced = e.isConflict() || e.reason().equals("AlreadyExists");
        if (!raced || attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  Optional<JsonNode> live(String path) {
    try {
      return Optional.of(session.api().get(path));
    } catch (Api.Refusal e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// What the server merges by what it knows of the owners. An annotation is not needed for that,
  /// and the server renews one that is there.
  private Outcome onServer(String path, ObjectNode wanted) {
    Map<String, String> query = query("kubectl");
    query.put("force", session.options().isSet("force-conflicts") ? "true" : "false");
    JsonNode applied =
        session
            .api()
            .patch(path + Api.query(query), Json.bytes(wanted), "application/apply-patch+yaml");
    return new Outcome(Optional.empty(), applied, "serverside-applied");
  }

  private Map<String, String> query(String manager) {
    Map<String, String> query = new TreeMap<>();
    query.put("dryRun", DryRun.query(dryRun));
    query.put("fieldManager", session.options().find("field-manager").orElse(manager));
    query.put("fieldValidation", FieldValidation.of(session.options()));
    return query;
  }

  private Outcome here(
      Kind kind, String namespace, String path, ObjectNode wanted, Manifest manifest) {
    String query = Api.query(query("kubectl-client-side-apply"));
    Optional<JsonNode> found = live(path);
    if (found.isEmpty()) {
      JsonNode created =
          dryRun.equals("client")
              ? wanted
              : session.api().post(kind.path(namespace) + query, wanted);
      return new Outcome(found, created, "created");
    }
    JsonNode live = found.get();
    JsonNode applied = LastApplied.of(live);
    if (applied.isEmpty()) {
      session
          .err()
          .println(
              "Warning: resource "
                  + kind.plural()
                  + "/"
                  + manifest.name()
                  + " is missing the "
                  + LastApplied.ANNOTATION
                  + " annotation which is required by apply: it is added now.");
    }
    MergeKeys keys = descriptions.mergeKeys(kind);
    ObjectNode patch = new ThreeWayMerge(keys).patch(applied, wanted, live);
    patch.remove("status");
    if (patch.isEmpty()) {
      return new Outcome(found, live, "unchanged");
    }
    if (dryRun.equals("client")) {
      return new Outcome(found, live, "configured");
    }
    try {
      JsonNode patched =
          session
              .api()
              .patch(
                  path + query,
                  Json.bytes(patch),
                  keys.isKnown()
                      ? "application/strategic-merge-patch+json"
                      : "application/merge-patch+json");
      return new Outcome(found, patched, "configured");
    } catch (Api.Refusal e) {
      boolean forced =
          session.options().isSet("force")
              && dryRun.equals("none")
              && (e.reason().equals("Invalid") || e.isConflict());
      if (!forced) {
        throw e;
      }
      Removal.remove(session, kind, namespace, manifest.name());
      return new Outcome(
          found, session.api().post(kind.path(namespace) + query, wanted), "configured");
    }
  }

  /// @throws Failure when options do not go together
  static void check(Session session, String dryRun) {
    boolean serverSide = session.options().isSet("server-side");
    if (serverSide && dryRun.equals("client")) {
      throw new Failure(
          "error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server"
              + " instead?)");
    }
    if (!serverSide && session.options().isSet("force-conflicts")) {
      throw new Failure("error: --force-conflicts only works with --server-side");
    }
    if (serverSide && session.options().isSet("force")) {
      throw new Failure("error: --force cannot be used with --server-side");
    }
  }
}
