package io.coxswain.kubectl.command;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `diff`: what `apply` would change. Exits with 0 when that is nothing, 1 when there are
/// differences, and more when it failed.
final class Diff implements Command {

  private static final int FAILED = 2;

  @Override
  public String name() {
    return "diff";
  }

  @Override
  public String summary() {
    return "show what apply would change";
  }

  @Override
  public String examples() {
    return "kubectl-lite diff -f app.yaml\n"
        + "kubectl-lite diff -k overlays/production --server-side";
  }

  @Override
  public Options declare(Options options) {
    return Prune.declare(Manifests.declare(options))
        .toggle("server-side", ' ', "let the server merge, which knows who owns which field")
        .toggle("force-conflicts", ' ', "with --server-side: take fields that others own")
        .toggle("force", ' ', "as apply --force")
        .value("field-manager", ' ', "", "who would own the fields that change")
        .value("validate", ' ', "strict", "strict, warn or ignore")
        .value("concurrency", ' ', "1", "how many objects kubectl asks for at a time; here one")
        .toggle("show-managed-fields", ' ', "keep metadata.managedFields");
  }

  @Override
  public int run(Session session) {
    try {
      Applier.check(session, "server");
      Prune.check(session.options());
      return compare(session);
    } catch (Api.Refusal e) {
      throw new Failure(Refusals.text(e), FAILED);
    } catch (Failure e) {
      throw e.code() == 1 ? new Failure(e.told(), FAILED) : e;
    } catch (IOException e) {
      throw new Failure("error: cannot compare: " + e.getMessage(), FAILED);
    }
  }

  private static int compare(Session session) throws IOException {
    List<Manifest> manifests = Manifests.read(session);
    List<Kind> kinds = Apply.kinds(session, manifests);
    Applier applier = new Applier(session, "server");
    Set<String> uids = new HashSet<>();
    Set<String> namespaces = new TreeSet<>();
    try (Difference difference = Difference.make(session.world().environment())) {
      for (int i = 0; i < manifests.size(); i++) {
        Manifest manifest = manifests.get(i);
        Kind kind = kinds.get(i);
        try {
          String namespace = Namespaces.of(session, manifest, kind);
          Optional<JsonNode> live = applier.live(kind.path(namespace, manifest.name()));
          JsonNode merged = applier.apply(manifest, kind).result();
          live.ifPresent(each -> uids.add(Json.text(each, "metadata", "uid")));
          if (!namespace.isEmpty()) {
            namespaces.add(namespace);
          }
          add(session, difference, kind, live, Optional.of(merged));
        } catch (Api.Refusal e) {
          throw new Failure(manifest.told(Refusals.text(e)), FAILED);
        }
      }
      if (session.options().isSet("prune")) {
        for (Prune.Leftover leftover : Prune.leftovers(session, uids, namespaces)) {
          add(
              session,
              difference,
              leftover.kind(),
              Optional.of(leftover.object()),
              Optional.empty());
        }
      }
      return difference.show(session.out());
    }
  }

  private static void add(
      Session session,
      Difference difference,
      Kind kind,
      Optional<JsonNode> live,
      Optional<JsonNode> merged)
      throws IOException {
    JsonNode one = live.or(() -> merged).orElseThrow();
    String file =
        String.join(
            ".",
            (kind.group().isEmpty() ? "" : kind.group() + ".") + kind.version(),
            kind.kind(),
            Json.namespace(one),
            Json.name(one));
    Optional<JsonNode> before = live.map(each -> shown(session, each));
    Optional<JsonNode> after = merged.map(each -> shown(session, each));
    if (kind.kind().equals("Secret") && kind.group().isEmpty()) {
      mask(before.orElseGet(Json::object), after.orElseGet(Json::object));
    }
    difference.add(
        file, before.map(YamlCodec::write).orElse(""), after.map(YamlCodec::write).orElse(""));
  }

  private static JsonNode shown(Session session, JsonNode object) {
    JsonNode copy = object.deepCopy();
    if (!session.options().isSet("show-managed-fields")
        && Json.at(copy, "metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    // it repeats the rest, and would show what is masked
    if (Json.at(copy, "metadata", "annotations") instanceof ObjectNode annotations) {
      annotations.remove(LastApplied.ANNOTATION);
      if (annotations.isEmpty()) {
        ((ObjectNode) Json.at(copy, "metadata")).remove("annotations");
      }
    }
    return copy;
  }

  /// That a value of a secret changes is shown, not the value.
  private static void mask(JsonNode before, JsonNode after) {
    if (Json.at(before, "data") instanceof ObjectNode old) {
      for (String key : List.copyOf(old.propertyNames())) {
        JsonNode now = Json.at(after, "data", key);
        boolean same = now.equals(Json.at(old, key));
        old.put(key, same || now.isMissingNode() ? "***" : "*** (before)");
        if (!now.isMissingNode()) {
          ((ObjectNode) Json.at(after, "data")).put(key, same ? "***" : "*** (after)");
        }
      }
    }
    if (Json.at(after, "data") instanceof ObjectNode now) {
      for (Map.Entry<String, JsonNode> entry : List.copyOf(now.properties())) {
        if (Json.at(before, "data", entry.getKey()).isMissingNode()) {
          now.put(entry.getKey(), "***");
        }
      }
    }
  }
}
