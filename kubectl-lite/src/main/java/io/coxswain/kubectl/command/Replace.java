package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `replace`: makes objects exactly what the files say.
final class Replace implements Command {

  @Override
  public String name() {
    return "replace";
  }

  @Override
  public String summary() {
    return "make objects exactly what files say";
  }

  @Override
  public String examples() {
    return "kubectl-lite replace -f pod.yaml\n"
        + "kubectl-lite replace --force -f pod.yaml      # removes and makes it again";
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(Manifests.declare(options), "kubectl-replace")
        .optional(
            "validate",
            ' ',
            "strict",
            "strict",
            "unknown and duplicate fields: strict refuses, warn warns, ignore drops them")
        .toggle("force", ' ', "remove the objects and make them again")
        .value("grace-period", ' ', "-1", "with --force: seconds that a pod has to end")
        .optional(
            "cascade",
            ' ',
            "background",
            "background",
            "with --force, what it owns: background, foreground or orphan")
        .value("timeout", ' ', "0s", "with --force: how long to wait for the end; 0 for ever")
        .value("subresource", ' ', "", "status, scale or resize instead of the object itself")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    List<String> problems = new ArrayList<>();
    for (Manifest manifest : Manifests.read(session)) {
      try {
        one(session, manifest);
      } catch (Api.Refusal e) {
        problems.add(manifest.told(Refusals.text(e)));
      } catch (Failure e) {
        problems.add(manifest.told(e.told()));
      }
    }
    if (!problems.isEmpty()) {
      throw new Failure(String.join("\n", problems));
    }
    return 0;
  }

  private static void one(Session session, Manifest manifest) {
    Kind kind = session.discovery().kind(manifest.apiVersion(), manifest.kind());
    String namespace = Namespaces.of(session, manifest, kind);
    ObjectNode wanted = manifest.object().deepCopy();
    ObjectNode metadata = (ObjectNode) Json.at(wanted, "metadata");
    if (kind.namespaced()) {
      metadata.put("namespace", namespace);
    }
    if (session.options().isSet("save-config")) {
      LastApplied.remember(wanted);
    }
    if (DryRun.of(session.options()).equals("client")) {
      Changes.told(session, wanted, "replaced");
      return;
    }
    Map<String, String> query = Changes.parameters(session);
    query.put("fieldValidation", FieldValidation.of(session.options()));
    String path = kind.path(namespace, manifest.name());
    JsonNode result;
    if (session.options().isSet("force")) {
      boolean was = Removal.remove(session, kind, namespace, manifest.name());
      if (was && session.options().find("output").isEmpty()) {
        session.out().println(kind.qualifiedSingular() + " \"" + manifest.name() + "\" deleted");
        session.out().flush();
      }
      metadata.remove("resourceVersion");
      result = session.api().post(kind.path(namespace) + Api.query(query), wanted);
    } else {
      if (Json.text(metadata, "resourceVersion").isEmpty()) {
        JsonNode live = session.api().get(path);
        metadata.put("resourceVersion", Json.text(live, "metadata", "resourceVersion"));
      }
      String subresource = session.options().find("subresource").map(each -> "/" + each).orElse("");
      result = session.api().put(path + subresource + Api.query(query), wanted);
    }
    Changes.told(session, result, "replaced");
  }
}
