package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `apply set-last-applied`: as if the file had been applied, without changing the object.
final class SetLastApplied implements Command {

  @Override
  public String name() {
    return "apply set-last-applied";
  }

  @Override
  public String summary() {
    return "remember a file as what was applied last, and change nothing else";
  }

  @Override
  public String examples() {
    return "kubectl-lite apply set-last-applied -f app.yaml --create-annotation";
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(Manifests.declare(options), "kubectl-set-last-applied")
        .toggle("create-annotation", ' ', "also for objects that have none yet");
  }

  @Override
  public int run(Session session) {
    for (Manifest manifest : Manifests.read(session)) {
      Kind kind = session.discovery().kind(manifest.apiVersion(), manifest.kind());
      String path = kind.path(Namespaces.of(session, manifest, kind), manifest.name());
      JsonNode live = session.api().get(path);
      if (!Json.at(live, "metadata", "annotations").has(LastApplied.ANNOTATION)
          && !session.options().isSet("create-annotation")) {
        throw new Failure(
            "error: no last-applied-configuration annotation found on resource: "
                + manifest.name()
                + ", to create the annotation, run the command with --create-annotation");
      }
      ObjectNode wanted = manifest.object().deepCopy();
      if (kind.namespaced()) {
        wanted.withObjectProperty("metadata").put("namespace", Json.namespace(live));
      }
      LastApplied.remember(wanted);
      ObjectNode patch = Json.object();
      patch
          .putObject("metadata")
          .putObject("annotations")
          .put(
              LastApplied.ANNOTATION,
              Json.text(wanted, "metadata", "annotations", LastApplied.ANNOTATION));
      JsonNode result = live;
      if (!DryRun.of(session.options()).equals("client")) {
        result =
            session
                .api()
                .patch(
                    path + Changes.query(session),
                    Json.bytes(patch),
                    "application/merge-patch+json");
      }
      Changes.told(session, result, "configured");
    }
    return 0;
  }
}
