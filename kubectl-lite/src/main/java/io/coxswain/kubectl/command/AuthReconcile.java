package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Manifest;
import io.coxswain.kubectl.apply.Manifests;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `auth reconcile`: sees to it that roles and bindings give at least what files say.
final class AuthReconcile implements Command {

  private static final String GROUP = "rbac.authorization.k8s.io/";
  private static final int MOST_CONFLICTS = 3;

  /// What has to be done to an object.
  ///
  /// @param operation create, update or recreate; empty for nothing
  /// @param told for the reader, after the operation
  private record Step(ObjectNode object, String operation, boolean optedOut, List<String> told) {}

  @Override
  public String name() {
    return "auth reconcile";
  }

  @Override
  public String summary() {
    return "make roles and bindings give what files say";
  }

  @Override
  public String examples() {
    return "kubectl-lite auth reconcile -f rbac.yaml\n"
        + "kubectl-lite auth reconcile -f rbac.yaml --remove-extra-permissions --remove-extra-subjects";
  }

  @Override
  public Options declare(Options options) {
    return Manifests.declare(Changes.declare(options, "kubectl-auth-reconcile"))
        .toggle("remove-extra-permissions", ' ', "roles give no more than the files say")
        .toggle("remove-extra-subjects", ' ', "bindings have nobody else in them");
  }

  @Override
  public int run(Session session) {
    if (!session.options().words().isEmpty()) {
      throw new Failure("error: no arguments are allowed");
    }
    if (DryRun.of(session.options()).equals("server")) {
      throw new Failure("error: --dry-run=server for command reconcile is not supported yet");
    }
    for (Manifest manifest : Manifests.read(session)) {
      if (!manifest.apiVersion().startsWith(GROUP)) {
        continue;
      }
      if (!manifest.apiVersion().equals(GROUP + "v1")) {
        throw new Failure(
            "error: only rbac.authorization.k8s.io/v1 is supported: not "
                + manifest.apiVersion()
                + " "
                + manifest.kind());
      }
      reconcile(session, manifest);
    }
    return 0;
  }

  private static void reconcile(Session session, Manifest manifest) {
    Kind kind = session.discovery().kind(manifest.apiVersion(), manifest.kind());
    String namespace = Namespaces.of(session, manifest, kind);
    ObjectNode wanted = manifest.object().deepCopy();
    if (kind.namespaced()) {
      wanted.withObjectProperty("metadata").put("namespace", namespace);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        Optional<ObjectNode> before = read(session, kind.path(namespace, manifest.name()));
        Step step =
            before
                .map(object -> step(session.options(), object, wanted))
                .orElseGet(() -> created(wanted));
        boolean dry = DryRun.of(session.options()).equals("client");
        ObjectNode result = dry || step.optedOut() ? step.object() : done(session, kind, step);
        told(session, result, step);
        return;
      } catch (Api.Refusal e) {
        if (!e.isConflict() || attempt == MOST_CONFLICTS) {
          throw e;
        }
      }
    }
  }

  private static Optional<ObjectNode> read(Session session, String path) {
    try {
      return Optional.of((ObjectNode) session.api().get(path));
    } catch (Api.Refusal e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static ObjectNode done(Session session, Kind kind, Step step) {
    String path = kind.path(Json.namespace(step.object()));
    String named = path + "/" + Json.name(step.object());
    String query = Changes.query(session);
    return (ObjectNode)
        switch (step.operation()) {
          case "create" -> session.api().post(path + query, step.object());
          case "update" -> session.api().put(named + query, step.object());
          case "recreate" -> {
            session.api().delete(named, Json.object());
            yield session.api().post(path + query, step.object());
          }
          default -> step.object();
        };
  }

  private static Step created(ObjectNode wanted) {
    List<String> told = new ArrayList<>();
    lines("missing subjects added:", Json.at(wanted, "subjects"), told);
    rules("missing rules added:", RuleSet.missing(rules(wanted), List.of()), told);
    return new Step(wanted, "create", false, told);
  }

  private static Step step(Options options, ObjectNode before, ObjectNode wanted) {
    boolean optedOut =
        Json.text(before, "metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate")
            .equals("false");
    ObjectNode after = before.deepCopy();
    boolean labelled = addMissing(after, wanted, "labels");
    labelled = addMissing(after, wanted, "annotations") || labelled;
    List<String> told = new ArrayList<>();
    if (!wanted.has("roleRef")) {
      boolean changed = role(options, before, wanted, after, told);
      return new Step(after, changed || labelled ? "update" : "", optedOut, told);
    }
    if (!Json.at(before, "roleRef").equals(Json.at(wanted, "roleRef"))) {
      ObjectNode anew = after.deepCopy();
      anew.set("roleRef", Json.at(wanted, "roleRef"));
      anew.set("subjects", Json.at(wanted, "subjects"));
      anew.withObjectProperty("metadata").remove(List.of("uid", "resourceVersion"));
      return new Step(anew, "recreate", optedOut, told);
    }
    boolean changed = binding(options, before, wanted, after, told);
    return new Step(after, changed || labelled ? "update" : "", optedOut, told);
  }

  private static boolean addMissing(ObjectNode after, ObjectNode wanted, String field) {
    boolean changed = false;
    for (Map.Entry<String, JsonNode> entry : Json.at(wanted, "metadata", field).properties()) {
      ObjectNode there = after.withObjectProperty("metadata").withObjectProperty(field);
      if (!entry.getValue().equals(there.get(entry.getKey()))) {
        there.set(entry.getKey(), entry.getValue());
        changed = true;
      }
    }
    return changed;
  }

  private static List<RuleSet.Rule> rules(JsonNode role) {
    List<RuleSet.Rule> rules = new ArrayList<>();
    Json.at(role, "rules").forEach(rule -> rules.add(RuleSet.Rule.of(rule)));
    return rules;
  }

  private static boolean role(
      Options options, ObjectNode before, ObjectNode wanted, ObjectNode after, List<String> told) {
    JsonNode aggregation = Json.at(wanted, "aggregationRule");
    if (aggregation.isObject()) {
      after.set("aggregationRule", aggregation);
      return !aggregation.equals(Json.at(before, "aggregationRule"));
    }
    List<RuleSet.Rule> missing = RuleSet.missing(rules(wanted), rules(before));
    List<RuleSet.Rule> extra = RuleSet.missing(rules(before), rules(wanted));
    boolean remove = options.isSet("remove-extra-permissions");
    rules("missing rules added:", missing, told);
    if (remove) {
      rules("extra rules removed:", extra, told);
      after.set("rules", Json.at(wanted, "rules"));
    } else {
      missing.forEach(rule -> after.withArrayProperty("rules").add(rule.json()));
    }
    return !missing.isEmpty() || (remove && !extra.isEmpty());
  }

  private static boolean binding(
      Options options, ObjectNode before, ObjectNode wanted, ObjectNode after, List<String> told) {
    ArrayNode missing = without(Json.at(wanted, "subjects"), Json.at(before, "subjects"));
    ArrayNode extra = without(Json.at(before, "subjects"), Json.at(wanted, "subjects"));
    boolean remove = options.isSet("remove-extra-subjects");
    lines("missing subjects added:", missing, told);
    if (remove) {
      lines("extra subjects removed:", extra, told);
      after.set("subjects", Json.at(wanted, "subjects"));
    } else {
      after.withArrayProperty("subjects").addAll(missing);
    }
    return !missing.isEmpty() || (remove && !extra.isEmpty());
  }

  private static ArrayNode without(JsonNode list, JsonNode other) {
    List<String> known = new ArrayList<>();
    other.forEach(each -> known.add(subject(each)));
    ArrayNode left = Json.object().putArray("left");
    list.forEach(each -> {
      if (!known.contains(subject(each))) {
        left.add(each);
      }
    });
    return left;
  }

  private static String subject(JsonNode subject) {
    String kind = Json.text(subject, "kind");
    String group = Json.text(subject, "apiGroup");
    return "{Kind:"
        + kind
        + " APIGroup:"
        + (group.isEmpty() && !kind.equals("ServiceAccount") ? "rbac.authorization.k8s.io" : group)
        + " Name:"
        + Json.text(subject, "name")
        + " Namespace:"
        + Json.text(subject, "namespace")
        + "}";
  }

  private static void lines(String title, JsonNode subjects, List<String> told) {
    if (!subjects.isEmpty()) {
      told.add("\t" + title);
      subjects.forEach(each -> told.add("\t\t" + subject(each)));
    }
  }

  private static void rules(String title, List<RuleSet.Rule> rules, List<String> told) {
    if (!rules.isEmpty()) {
      told.add("\t" + title);
      rules.forEach(rule -> told.add("\t\t" + rule));
    }
  }

  private static void told(Session session, ObjectNode result, Step step) {
    Changes.told(session, result, "reconciled");
    if (step.operation().isEmpty()) {
      return;
    }
    session
        .err()
        .println(
            "\treconciliation required "
                + step.operation()
                + (step.optedOut()
                    ? ", but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)"
                    : ""));
    step.told().forEach(session.err()::println);
  }
}
