package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// `apply`: makes the cluster hold what the files say.
final class Apply implements Command {

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
    kubectl-lite apply -k overlays/production
    cat app.yaml | kubectl-lite apply -f -
    kubectl-lite apply -f folder --prune -l app=web
    kubectl-lite apply -f app.yaml --dry-run=server\
    """;
  }

  @Override
  public List<String> words() {
    return List.of("set-last-applied", "view-last-applied");
  }

  @Override
  public Optional<Command> part(String word) {
    return switch (word) {
      case "set-last-applied" -> Optional.of(new SetLastApplied());
      case "view-last-applied" -> Optional.of(new ViewLastApplied());
      default -> Optional.empty();
    };
  }

  @Override
  public Options declare(Options options) {
    return Prune.declare(Manifests.declare(Printer.declare(options)))
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
            "subresource",
            ' ',
            "",
            "with --server-side: status, scale or resize instead of the object itself")
        .toggle("force", ' ', "remove and make again what cannot be changed")
        .value("grace-period", ' ', "-1", "with --force or --prune: seconds that a pod has to end")
        .optional(
            "cascade",
            ' ',
            "background",
            "background",
            "with --force or --prune, what it owns: background, foreground or orphan")
        .value("timeout", ' ', "0s", "with --force: how long to wait for the end; 0 for ever")
        .optional("overwrite", ' ', "true", "true", "only true: the files win")
        .value(
            "field-manager",
            ' ',
            "",
            "who owns the fields that change; kubectl with --server-side, else"
                + " kubectl-client-side-apply");
  }

  @Override
  public int run(Session session) {
    if (!session.options().words().isEmpty()) {
      throw new Failure(
          "error: Unexpected args: " + session.options().words() + "\nFiles are named with -f");
    }
    String dryRun = DryRun.of(session.options());
    Applier.check(session, dryRun);
    String subresource = session.options().text("subresource");
    if (!subresource.isEmpty() && !session.options().isSet("server-side")) {
      throw new Failure("error: --subresource can only be specified for --server-side");
    }
    Prune.check(session.options());
    List<Manifest> manifests = new ArrayList<>(Manifests.read(session));
    List<Manifest> later = dryRun.equals("none") ? NewKinds.take(session, manifests) : List.of();
    List<Kind> kinds = kinds(session, manifests);
    Applier applier = new Applier(session, dryRun, subresource);
    List<JsonNode> results = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    apply(session, applier, manifests, kinds, results, problems);
    if (!later.isEmpty() && problems.isEmpty()) {
      NewKinds.await(session, later);
      apply(session, applier, later, kinds(session, later), results, problems);
    }
    if (session.options().isSet("prune") && problems.isEmpty()) {
      prune(session, results, dryRun);
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

  private static void apply(
      Session session,
      Applier applier,
      List<Manifest> manifests,
      List<Kind> kinds,
      List<JsonNode> results,
      List<String> problems) {
    for (int i = 0; i < manifests.size(); i++) {
      Manifest manifest = manifests.get(i);
      try {
        Applier.Outcome outcome = applier.apply(manifest, kinds.get(i));
        results.add(outcome.result());
        String dryRun = DryRun.of(session.options());
        told(session, kinds.get(i), manifest.name(), outcome.done(), dryRun);
      } catch (Api.Refusal e) {
        problems.add(manifest.told(refused(e)));
      } catch (Failure e) {
        problems.add(manifest.told(e.told()));
      }
    }
  }

  /// @throws Failure with every manifest that cannot be applied
  static List<Kind> kinds(Session session, List<Manifest> manifests) {
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
    return kinds;
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

  private static void told(Session session, Kind kind, String name, String what, String dryRun) {
    if (session.options().text("output").isEmpty()) {
      session.out().println(Printer.reference(kind, name) + " " + what + DryRun.suffix(dryRun));
      session.out().flush();
    }
  }

  private static void prune(Session session, List<JsonNode> applied, String dryRun) {
    Set<String> uids = new HashSet<>();
    Set<String> namespaces = new TreeSet<>();
    for (JsonNode object : applied) {
      uids.add(Json.text(object, "metadata", "uid"));
      if (!Json.namespace(object).isEmpty()) {
        namespaces.add(Json.namespace(object));
      }
    }
    if (session.options().isGiven("namespace")) {
      namespaces.add(session.namespace());
    }
    for (Prune.Leftover leftover : Prune.leftovers(session, uids, namespaces)) {
      JsonNode object = leftover.object();
      if (!dryRun.equals("client")) {
        try {
          session
              .api()
              .delete(
                  leftover.kind().path(Json.namespace(object), Json.name(object)),
                  Delete.options(session.options()));
        } catch (Api.Refusal e) {
          if (!e.isNotFound()) {
            throw e;
          }
        }
      }
      told(session, leftover.kind(), Json.name(object), "pruned", dryRun);
    }
  }
}
