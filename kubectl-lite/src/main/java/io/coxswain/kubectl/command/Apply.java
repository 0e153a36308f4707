package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.apply.MergeKeys;
import io.coxswain.kubectl.apply.ThreeWayMerge;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Json;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `apply`: makes the cluster hold what the files say. What was applied is kept in the object's
/// annotation, as kubectl keeps it, so that the two can take turns.
final class Apply implements Command {

  static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final int TRIES = 5;

  @Override
  public String name() {
    return "apply";
  }

  @Override
  public String summary() {
    return "make the cluster hold what files say";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite apply -f app.yaml
    kubectl-lite apply -f folder -R
    cat app.yaml | kubectl-lite apply -f -
    kubectl-lite apply -f app.yaml --dry-run=server\
    """;
  }

  @Override
  public Options declare(Options options) {
    return Manifests.declare(Printer.declare(options))
        .optional(
            "dry-run",
            ' ',
            "none",
            "client",
            "none; client: only read the files; server: let the server check without storing")
        .optional(
            "validate",
            ' ',
            "strict",
            "strict",
            "unknown and duplicate fields: strict refuses, warn warns, ignore drops them")
        .toggle("server-side", ' ', "let the server merge, which knows who owns which field")
        .toggle("force-conflicts", ' ', "with --server-side: take fields that others own")
        .value(
            "field-manager",
            ' ',
            "",
            "who owns the fields that change; kubectl with --server-side, else"
                + " kubectl-client-side-apply")
        .toggle("prune", ' ', "not built yet");
  }

  @Override
  public int run(Session session) {
    if (session.options().isSet("prune")) {
      throw new Failure("error: --prune is not built into kubectl-lite yet: use kubectl");
    }
    String dryRun = DryRun.of(session.options());
    boolean serverSide = session.options().isSet("server-side");
    if (serverSide && dryRun.equals("client")) {
      throw new Failure(
          "error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server"
              + " instead?)");
    }
    if (!serverSide && session.options().isSet("force-conflicts")) {
      throw new Failure("error: --force-conflicts only works with --server-side");
    }
    List<Manifest> manifests = Manifests.read(session);
    List<String> problems = new ArrayList<>();
    List<Kind> kinds = new ArrayList<>();
    for (Manifest manifest : manifests) {
      try {
        if (manifest.name().isEmpty()) {
          problems.add(
              manifest.told(
                  "metadata.name: Required value: apply needs a name; use create for generateName"));
        }
        kinds.add(session.discovery().kind(manifest.apiVersion(), manifest.kind()));
      } catch (Failure e) {
        problems.add(
            manifest.told(
                "resource mapping not found for name: \""
                    + manifest.name()
                    + "\": "
                    + e.getMessage()));
      }
    }
    if (!problems.isEmpty()) {
      throw new Failure(String.join("\n", problems));
    }
    Descriptions descriptions = new Descriptions(session);
    List<JsonNode> results = new ArrayList<>();
    for (int i = 0; i < manifests.size(); i++) {
      Manifest manifest = manifests.get(i);
      Kind kind = kinds.get(i);
      try {
        results.add(
            serverSide
                ? onServer(session, manifest, kind, dryRun)
                : one(session, manifest, kind, dryRun, descriptions));
      } catch (Api.Refusal e) {
        problems.add(manifest.told(refused(e)));
      } catch (Failure e) {
        problems.add(manifest.told(e.told()));
      }
    }
    if (!session.options().text("output").isEmpty() && !results.isEmpty()) {
      JsonNode shown = results.size() == 1 ? results.getFirst() : Printer.list(results);
      session.out().print(Printer.of(session.options()).print(shown, true));
    }
    if (!problems.isEmpty()) {
      throw new Failure(String.join("\n", problems));
    }
    return 0;
  }

  private JsonNode one(
      Session session, Manifest manifest, Kind kind, String dryRun, Descriptions descriptions) {
    ObjectNode wanted = manifest.object().deepCopy();
    String namespace = Namespaces.of(session, manifest, kind);
    if (kind.namespaced()) {
      ((ObjectNode) Json.at(wanted, "metadata")).put("namespace", namespace);
    }
    remember(wanted);
    for (int attempt = 1; ; attempt++) {
      try {
        return attempt(session, manifest, kind, namespace, wanted, dryRun, descriptions);
      } catch (Api.Refusal e) {
        boolean raced = e.isConflict() || e.reason().equals("AlreadyExists");
        if (!raced || attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  /// What the server merges by what it knows of the owners. An annotation is not needed for that,
  /// and the server renews one that is there.
  private static JsonNode onServer(Session session, Manifest manifest, Kind kind, String dryRun) {
    ObjectNode wanted = manifest.object().deepCopy();
    String namespace = Namespaces.of(session, manifest, kind);
    if (kind.namespaced()) {
      ((ObjectNode) Json.at(wanted, "metadata")).put("namespace", namespace);
    }
    String query =
        Api.query(
            new java.util.TreeMap<>(
                Map.of(
                    "dryRun",
                    dryRun.equals("server") ? "All" : "",
                    "fieldManager",
                    manager(session, "kubectl"),
                    "fieldValidation",
                    FieldValidation.of(session.options()),
                    "force",
                    session.options().isSet("force-conflicts") ? "true" : "false")));
    JsonNode applied =
        session
            .api()
            .patch(
                kind.path(namespace, manifest.name()) + query,
                Json.bytes(wanted),
                "application/apply-patch+yaml");
    told(session, kind, manifest, "serverside-applied", dryRun);
    return applied;
  }

  private static String manager(Session session, String standard) {
    String named = session.options().text("field-manager");
    return named.isEmpty() ? standard : named;
  }

  /// What to do about fields that others own is not obvious, so it is said.
  private static String refused(Api.Refusal e) {
    boolean owned = e.isConflict() && !Json.at(e.body(), "details", "causes").isEmpty();
    return owned
        ? Refusals.text(e)
            + "\nEither leave these fields out of the file, or give them the values that they have,"
            + " or take them over with --force-conflicts."
        : Refusals.text(e);
  }

  private JsonNode attempt(
      Session session,
      Manifest manifest,
      Kind kind,
      String namespace,
      ObjectNode wanted,
      String dryRun,
      Descriptions descriptions) {
    String query =
        Api.query(
            new java.util.TreeMap<>(
                Map.of(
                    "dryRun", dryRun.equals("server") ? "All" : "",
                    "fieldManager", manager(session, "kubectl-client-side-apply"),
                    "fieldValidation", FieldValidation.of(session.options()))));
    JsonNode live;
    try {
      live = session.api().get(kind.path(namespace, manifest.name()));
    } catch (Api.Refusal e) {
      if (!e.isNotFound()) {
        throw e;
      }
      JsonNode created =
          dryRun.equals("client")
              ? wanted
              : session.api().post(kind.path(namespace) + query, wanted);
      told(session, kind, manifest, "created", dryRun);
      return created;
    }
    JsonNode applied = lastApplied(live);
    if (applied.isEmpty()) {
      session
          .err()
          .println(
              "Warning: resource "
                  + kind.plural()
                  + "/"
                  + manifest.name()
                  + " is missing the "
                  + LAST_APPLIED
                  + " annotation which is required by apply: it is added now.");
    }
    MergeKeys keys = descriptions.mergeKeys(kind);
    ObjectNode patch = new ThreeWayMerge(keys).patch(applied, wanted, live);
    patch.remove("status");
    if (patch.isEmpty()) {
      told(session, kind, manifest, "unchanged", dryRun);
      return live;
    }
    JsonNode patched =
        dryRun.equals("client")
            ? live
            : session
                .api()
                .patch(
                    kind.path(namespace, manifest.name()) + query,
                    Json.bytes(patch),
                    keys.isKnown()
                        ? "application/strategic-merge-patch+json"
                        : "application/merge-patch+json");
    told(session, kind, manifest, "configured", dryRun);
    return patched;
  }

  private static void told(
      Session session, Kind kind, Manifest manifest, String what, String dryRun) {
    if (session.options().text("output").isEmpty()) {
      session
          .out()
          .println(Printer.reference(kind, manifest.name()) + " " + what + DryRun.suffix(dryRun));
      session.out().flush();
    }
  }

  /// Writes the object, without this annotation, into the annotation.
  static void remember(ObjectNode wanted) {
    ObjectNode metadata = (ObjectNode) Json.at(wanted, "metadata");
    if (!(Json.at(metadata, "annotations") instanceof ObjectNode)) {
      metadata.putObject("annotations");
    }
    ObjectNode annotations = (ObjectNode) Json.at(metadata, "annotations");
    annotations.remove(LAST_APPLIED);
    annotations.put(LAST_APPLIED, Json.sorted(wanted) + "\n");
  }

  private static JsonNode lastApplied(JsonNode live) {
    String text = Json.text(live, "metadata", "annotations", LAST_APPLIED);
    if (text.isEmpty()) {
      return Json.object();
    }
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new Failure(
          "the annotation "
              + LAST_APPLIED
              + " is no JSON ("
              + e.getMessage()
              + "): remove it and apply again");
    }
  }
}
