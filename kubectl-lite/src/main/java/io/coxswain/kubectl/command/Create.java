package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Json;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `create`: new objects, from files or from words.
final class Create implements Command {

  @Override
  public String name() {
    return "create";
  }

  @Override
  public String summary() {
    return "create objects, from files or words";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite create -f pod.yaml
    kubectl-lite create namespace team-a
    kubectl-lite create configmap app --from-literal=color=blue --from-file=app.conf
    kubectl-lite create secret generic login --from-literal=password=secret
    kubectl-lite create deployment web --image=host:/// --replicas=2 -- sleep 1000
    kubectl-lite create serviceaccount robot\
    """;
  }

  @Override
  public Options declare(Options options) {
    return DryRun.declare(Manifests.declare(Printer.declare(options)))
        .value(
            "validate",
            ' ',
            "strict",
            "unknown and duplicate fields: strict refuses, warn warns, ignore drops them")
        .repeated("from-literal", ' ', "KEY=VALUE for a ConfigMap or Secret")
        .repeated("from-file", ' ', "[KEY=]FILE for a ConfigMap or Secret")
        .repeated("from-env-file", ' ', "file of KEY=VALUE lines")
        .value("type", ' ', "", "the Secret's type")
        .value("image", ' ', "", "the Deployment's image")
        .value("replicas", 'r', "1", "the Deployment's copies")
        .value("port", ' ', "", "the port that the Deployment's container listens on")
        .repeated("tcp", ' ', "PORT[:TARGET] of a Service")
        .value("node-port", ' ', "", "the Service's port on every node")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    List<Manifest> manifests =
        session.options().words().isEmpty()
            ? Manifests.read(session)
            : List.of(new Manifest(Generated.object(session), "the command line"));
    String dryRun = DryRun.of(session.options());
    List<JsonNode> results = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (Manifest manifest : manifests) {
      try {
        results.add(one(session, manifest, dryRun));
      } catch (Api.Refusal e) {
        problems.add(manifest.told(Refusals.text(e)));
      } catch (Failure e) {
        problems.add(manifest.told(e.told()));
      }
    }
    if (session.options().find("output").isPresent() && !results.isEmpty()) {
      session
          .out()
          .print(
              Printer.of(session.options())
                  .print(results.size() == 1 ? results.getFirst() : Printer.list(results), true));
    }
    if (!problems.isEmpty()) {
      throw new Failure(String.join("\n", problems));
    }
    return 0;
  }

  private static JsonNode one(Session session, Manifest manifest, String dryRun) {
    Kind kind = session.discovery().kind(manifest.apiVersion(), manifest.kind());
    String namespace = Namespaces.of(session, manifest, kind);
    ObjectNode object = manifest.object().deepCopy();
    if (kind.namespaced()) {
      ((ObjectNode) Json.at(object, "metadata")).put("namespace", namespace);
    }
    if (session.options().isSet("save-config")) {
      Apply.remember(object);
    }
    JsonNode created = object;
    if (!dryRun.equals("client")) {
      Map<String, String> query = new TreeMap<>();
      query.put("dryRun", DryRun.query(dryRun));
      query.put("fieldManager", "kubectl-create");
      query.put("fieldValidation", FieldValidation.of(session.options()));
      created = session.api().post(kind.path(namespace) + Api.query(query), object);
    }
    if (session.options().find("output").isEmpty()) {
      session
          .out()
          .println(
              Printer.reference(kind, Json.name(created)) + " created" + DryRun.suffix(dryRun));
      session.out().flush();
    }
    return created;
  }
}
