package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.create.RoleBindingMaker;
import io.coxswain.kubectl.document.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `set subject`.
final class SetSubject extends SetCommand {

  @Override
  public String name() {
    return "set subject";
  }

  @Override
  public String summary() {
    return "give a binding's role to more users, groups or service accounts";
  }

  @Override
  public String examples() {
    return "kubectl-lite set subject rolebinding readers --user=jane";
  }

  @Override
  public Options declare(Options options) {
    return super.declare(options)
        .repeated("user", ' ', "who gets the role")
        .repeated("group", ' ', "a group whose members get it")
        .repeated("serviceaccount", ' ', "NAMESPACE:NAME of a service account that gets it");
  }

  @Override
  public int run(Session session) {
    ArrayNode given = Json.object().putArray("subjects");
    RoleBindingMaker.subjects(session.options(), given);
    if (given.isEmpty()) {
      throw new Failure(
          "error: you must specify at least one value of user, group or serviceaccount");
    }
    return Targets.change(
        session, session.options().words(), "subjects updated", object -> add(object, given));
  }

  private static void add(ObjectNode object, ArrayNode given) {
    if (!Json.text(object, "kind").endsWith("RoleBinding")) {
      throw new Failure("error: " + Changes.reference(object) + " is no role binding");
    }
    ArrayNode subjects = object.withArrayProperty("subjects");
    for (JsonNode subject : given) {
      boolean there = false;
      for (JsonNode each : subjects) {
        there |= each.equals(subject);
      }
      if (!there) {
        subjects.add(subject);
      }
    }
  }
}
