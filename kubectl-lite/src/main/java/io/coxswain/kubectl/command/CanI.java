package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `auth can-i`: whether an action is allowed, or all that are.
final class CanI implements Command {

  private static final Set<String> VERBS =
      Set.of(
          "get",
          "list",
          "watch",
          "create",
          "update",
          "patch",
          "delete",
          "deletecollection",
          "use",
          "bind",
          "impersonate",
          "*",
          "approve",
          "sign",
          "escalate",
          "attest");
  private static final Set<String> URL_VERBS =
      Set.of("get", "put", "post", "head", "options", "delete", "patch", "*");

  @Override
  public String name() {
    return "auth can-i";
  }

  @Override
  public String summary() {
    return "say whether an action is allowed";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite auth can-i create pods --all-namespaces
    kubectl-lite auth can-i get jobs.batch/nightly -n shop
    kubectl-lite auth can-i get pods --subresource=log --as=system:serviceaccount:shop:default
    kubectl-lite auth can-i get /logs/
    kubectl-lite auth can-i --list\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("all-namespaces", 'A', "in every namespace")
        .toggle("quiet", 'q', "only the exit code")
        .value("subresource", ' ', "", "as log of pods, or scale of deployments")
        .toggle("list", ' ', "everything that is allowed")
        .toggle("no-headers", ' ', "with --list, without the first line");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    List<String> words = options.words();
    if (options.isSet("list")) {
      if (!words.isEmpty()) {
        throw new Failure("error: list option must be specified with no arguments");
      }
      if (options.isSet("quiet")
          || options.isSet("all-namespaces")
          || options.isGiven("subresource")) {
        throw new Failure(
            "error: list option can't be specified with neither quiet, all-namespaces nor"
                + " subresource options");
      }
      return list(session);
    }
    if (words.size() != 2) {
      throw new Failure(
          "error: you must specify two arguments: verb resource or verb resource/resourceName.\n"
              + "See 'kubectl-lite auth can-i -h' for help and examples.");
    }
    ObjectNode spec = Json.object();
    if (words.get(1).startsWith("/")) {
      url(session, words.get(0), words.get(1), spec);
    } else {
      resource(session, words.get(0), words.get(1), spec);
    }
    if (options.isSet("no-headers")) {
      throw new Failure("error: --no-headers cannot be set without --list specified");
    }
    return check(session, spec);
  }

  private static void url(Session session, String verb, String path, ObjectNode spec) {
    if (session.options().isGiven("subresource")) {
      throw new Failure("error: --subresource can not be used with NonResourceURL");
    }
    if (!URL_VERBS.contains(verb)) {
      warn(session, "verb '" + verb + "' is not a known verb");
    }
    spec.putObject("nonResourceAttributes").put("path", path).put("verb", verb);
  }

  private static void resource(Session session, String verb, String word, ObjectNode spec) {
    int slash = word.indexOf('/');
    String type = slash < 0 ? word : word.substring(0, slash);
    boolean everywhere = session.options().isSet("all-namespaces");
    Optional<Kind> kind = type.equals("*") ? Optional.empty() : kind(session, type);
    if (kind.isPresent() && !everywhere && !kind.get().namespaced()) {
      warn(
          session,
          "resource '"
              + kind.get().plural()
              + "' is not namespace scoped"
              + (kind.get().group().isEmpty() ? "" : " in group '" + kind.get().group() + "'"));
    }
    if (!everywhere && !VERBS.contains(verb)) {
      warn(session, "verb '" + verb + "' is not a known verb");
    }
    ObjectNode asked = spec.putObject("resourceAttributes");
    put(asked, "namespace", everywhere ? "" : session.namespace());
    asked.put("verb", verb);
    put(asked, "group", kind.map(Kind::group).orElse(""));
    asked.put("resource", kind.map(Kind::plural).orElse(type));
    put(asked, "subresource", session.options().text("subresource"));
    put(asked, "name", slash < 0 ? "" : word.substring(slash + 1));
  }

  private static void put(ObjectNode object, String field, String value) {
    if (!value.isEmpty()) {
      object.put(field, value);
    }
  }

  private static Optional<Kind> kind(Session session, String type) {
    try {
      return Optional.of(session.discovery().kind(type));
    } catch (Failure e) {
      int dot = type.indexOf('.');
      String lower = type.toLowerCase(Locale.ROOT);
      if (!Set.of("users", "groups").contains(lower)) {
        warn(
            session,
            "the server doesn't have a resource type '"
                + (dot < 0 ? lower : lower.substring(0, dot))
                + "'"
                + (dot < 0 ? "" : " in group '" + lower.substring(dot + 1) + "'"));
      }
      return Optional.empty();
    }
  }

  private static void warn(Session session, String warning) {
    session.err().println("Warning: " + warning + "\n");
  }

  private static JsonNode review(Session session, String kind, ObjectNode spec) {
    ObjectNode review =
        Json.object().put("apiVersion", "authorization.k8s.io/v1").put("kind", kind);
    review.set("spec", spec);
    return Json.at(
        session
            .api()
            .post("/apis/authorization.k8s.io/v1/" + kind.toLowerCase(Locale.ROOT) + "s", review),
        "status");
  }

  private static int check(Session session, ObjectNode spec) {
    JsonNode status = review(session, "SelfSubjectAccessReview", spec);
    boolean allowed = Json.at(status, "allowed").asBoolean(false);
    StringBuilder text = new StringBuilder(allowed ? "yes" : "no");
    for (String field : List.of("reason", "evaluationError")) {
      if (!allowed && !Json.text(status, field).isEmpty()) {
        text.append(" - ").append(Json.text(status, field));
      }
    }
    if (!session.options().isSet("quiet")) {
      session.out().println(text);
    }
    return allowed ? 0 : 1;
  }

  private static int list(Session session) {
    JsonNode status =
        review(
            session, "SelfSubjectRulesReview", Json.object().put("namespace", session.namespace()));
    if (Json.at(status, "incomplete").asBoolean(false)) {
      warn(session, "the list may be incomplete: " + Json.text(status, "evaluationError"));
    }
    List<RuleSet.Rule> rules = new ArrayList<>();
    Json.at(status, "resourceRules").forEach(rule -> rules.add(RuleSet.Rule.of(rule)));
    Json.at(status, "nonResourceRules").forEach(rule -> rules.add(RuleSet.Rule.of(rule)));
    Columns columns = new Columns();
    if (!session.options().isSet("no-headers")) {
      columns.add("Resources", "Non-Resource URLs", "Resource Names", "Verbs");
    }
    for (RuleSet.Rule rule : RuleSet.compact(rules)) {
      columns.add(
          resource(rule),
          RuleSet.bracketed(rule.urls()),
          RuleSet.bracketed(rule.names()),
          RuleSet.bracketed(rule.verbs()));
    }
    session.out().print(columns);
    return 0;
  }

  /// `deployments.apps/scale`.
  private static String resource(RuleSet.Rule rule) {
    if (rule.resources().isEmpty()) {
      return "";
    }
    String[] parts = rule.resources().getFirst().split("/", 2);
    String group = rule.groups().isEmpty() ? "" : rule.groups().getFirst();
    return parts[0]
        + (group.isEmpty() ? "" : "." + group)
        + (parts.length > 1 ? "/" + parts[1] : "");
  }
}
