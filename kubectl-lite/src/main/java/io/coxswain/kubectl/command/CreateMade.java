package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.create.Maker;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `create KIND NAME`: an object of words.
final class CreateMade implements Command {

  private final String word;
  private final Maker maker;

  CreateMade(String word, Maker maker) {
    this.word = word;
    this.maker = maker;
  }

  @Override
  public String name() {
    return "create " + word;
  }

  @Override
  public String summary() {
    return maker.summary();
  }

  @Override
  public String examples() {
    return "kubectl-lite create " + maker.examples().replace("\n", "\nkubectl-lite create ");
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(maker.declare(options), "kubectl-create")
        .optional(
            "validate",
            ' ',
            "strict",
            "strict",
            "unknown and duplicate fields: strict refuses, warn warns, ignore drops them")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.size() != 1) {
      throw new Failure(
          "error: exactly one NAME is required, received "
              + words.size()
              + "\nSee 'kubectl-lite create "
              + word
              + " -h' for help and examples");
    }
    ObjectNode object = maker.make(session, words.getFirst());
    if (session.options().isGiven("namespace") && inNamespace(object)) {
      ((ObjectNode) Json.at(object, "metadata")).put("namespace", session.namespace());
    }
    if (session.options().isSet("save-config")) {
      LastApplied.remember(object);
    }
    JsonNode created = object;
    if (!DryRun.of(session.options()).equals("client")) {
      Kind kind =
          session.discovery().kind(Json.text(object, "apiVersion"), Json.text(object, "kind"));
      Map<String, String> query = Changes.parameters(session);
      query.put("fieldValidation", FieldValidation.of(session.options()));
      created =
          session
              .api()
              .post(
                  kind.path(session.namespace()) + io.coxswain.kubectl.http.Api.query(query),
                  object);
    }
    Changes.told(session, created, "created");
    return 0;
  }

  /// Told without the server, which a dry run does not need.
  private static boolean inNamespace(JsonNode object) {
    return !List.of("Namespace", "ClusterRole", "ClusterRoleBinding", "PriorityClass")
        .contains(Json.text(object, "kind"));
  }
}
