package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.Spelling;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.create.Maker;
import io.coxswain.kubectl.create.Makers;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
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
        .optional(
            "validate",
            ' ',
            "strict",
            "strict",
            "unknown and duplicate fields: strict refuses, warn warns, ignore drops them")
        .value("field-manager", ' ', "kubectl-create", "who owns the fields")
        .value("selector", 'l', "", "only the objects in the files with these labels")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public List<String> words() {
    List<String> words = new ArrayList<>(Makers.WORDS);
    words.addAll(List.of("secret", "service", "token"));
    return words;
  }

  @Override
  public Optional<Command> part(String word) {
    return switch (word) {
      case "token" -> Optional.of(new CreateToken());
      case "secret" -> Optional.of(made("secret", "make a secret", Makers.SECRETS, Makers::secret));
      case "service", "svc" ->
          Optional.of(made("service", "make a service", Makers.SERVICES, Makers::service));
      default -> Makers.find(word).map(maker -> new CreateMade(word, maker));
    };
  }

  private static Group made(
      String word, String summary, List<String> types, Function<String, Optional<Maker>> makers) {
    Group group = new Group("create " + word, summary);
    for (String type : types) {
      group.with(type, () -> new CreateMade(word + " " + type, makers.apply(type).orElseThrow()));
    }
    return group;
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (!words.isEmpty()) {
      throw new Failure(
          "error: create "
              + words.getFirst()
              + " is not known: it is one of "
              + String.join(", ", words())
              + ", or create -f FILE for everything"
              + Spelling.nearest(words.getFirst(), words())
                  .map(near -> "\n\nDid you mean this?\n\tcreate " + near)
                  .orElse(""));
    }
    List<Manifest> manifests = Manifests.read(session);
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
      LastApplied.remember(object);
    }
    JsonNode created = object;
    if (!dryRun.equals("client")) {
      Map<String, String> query = new TreeMap<>();
      query.put("dryRun", DryRun.query(dryRun));
      query.put("fieldManager", session.options().text("field-manager"));
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
