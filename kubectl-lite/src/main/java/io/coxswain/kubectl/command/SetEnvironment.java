package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `set env`.
final class SetEnvironment extends SetCommand {

  @Override
  public String name() {
    return "set env";
  }

  @Override
  public String summary() {
    return "set or list the environment of containers";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite set env deployment/web COLOR=blue OLD-
    kubectl-lite set env deployment/web --list
    kubectl-lite set env deployment/web --from=secret/login --prefix=DB_\
    """;
  }

  @Override
  public Options declare(Options options) {
    return super.declare(options)
        .value("containers", 'c', "*", "the containers' names; * stands for any letters")
        .repeated("env", 'e', "KEY=VALUE, as the words")
        .value("from", ' ', "", "configmap/NAME or secret/NAME whose keys become variables")
        .value("prefix", ' ', "", "with --from: before each name")
        .repeated("keys", ' ', "with --from: only these keys")
        .toggle("list", ' ', "show what is set")
        .toggle("resolve", ' ', "with --list: look up what secrets and config maps hold")
        .optional("overwrite", ' ', "true", "true", "false: keep what has another value");
  }

  @Override
  public int run(Session session) {
    List<String> objects = new ArrayList<>();
    Map<String, JsonNode> wanted = new LinkedHashMap<>();
    List<String> removed = new ArrayList<>();
    List<String> words = new ArrayList<>(session.options().words());
    words.addAll(session.options().all("env"));
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        wanted.put(
            word.substring(0, equals),
            Json.object()
                .put("name", word.substring(0, equals))
                .put("value", word.substring(equals + 1)));
      } else if (word.equals("-")) {
        standardInput(session, wanted);
      } else if (word.endsWith("-") && !objects.isEmpty()) {
        removed.add(word.substring(0, word.length() - 1));
      } else {
        objects.add(word);
      }
    }
    session.options().find("from").ifPresent(from -> from(session, from, wanted));
    if (session.options().isSet("list")) {
      return list(session, objects);
    }
    if (wanted.isEmpty() && removed.isEmpty()) {
      throw new Failure("error: at least one environment variable must be provided");
    }
    return Targets.change(
        session, objects, "env updated", object -> set(session.options(), object, wanted, removed));
  }

  private static void standardInput(Session session, Map<String, JsonNode> wanted) {
    try {
      new String(session.world().in().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.indexOf('=') > 0 && !line.startsWith("#"))
          .forEach(line -> {
            String key = line.substring(0, line.indexOf('='));
            wanted.put(
                key, Json.object().put("name", key).put("value", line.substring(key.length() + 1)));
          });
    } catch (IOException e) {
      throw new Failure("error: cannot read standard input: " + e.getMessage());
    }
  }

  private static void from(Session session, String from, Map<String, JsonNode> wanted) {
    Selection selection = Selection.single(session.discovery(), List.of(from));
    Kind kind = selection.kind();
    String reference =
        switch (kind.kind()) {
          case "ConfigMap" -> "configMapKeyRef";
          case "Secret" -> "secretKeyRef";
          default -> throw new Failure("error: unsupported resource specified in --from: " + from);
        };
    JsonNode object = session.api().get(kind.path(session.namespace(), selection.name()));
    List<String> only = session.options().list("keys");
    for (String key : new TreeSet<>(Json.at(object, "data").propertyNames())) {
      if (!only.isEmpty() && !only.contains(key)) {
        continue;
      }
      String name =
          session.options().text("prefix")
              + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
      if (!key.equals(name.substring(session.options().text("prefix").length()))) {
        session.err().println("Warning: key " + key + " transferred to " + name);
      }
      ObjectNode variable = Json.object().put("name", name);
      variable
          .putObject("valueFrom")
          .putObject(reference)
          .put("key", key)
          .put("name", selection.name());
      wanted.put(name, variable);
    }
  }

  private static void set(
      Options options, ObjectNode object, Map<String, JsonNode> wanted, List<String> removed) {
    List<ObjectNode> containers =
        Targets.containers(Targets.podSpec(object), options.text("containers"));
    if (containers.isEmpty()) {
      throw new Failure(
          "error: "
              + Changes.reference(object)
              + " has no container that matches "
              + options.text("containers"));
    }
    for (ObjectNode container : containers) {
      Map<String, JsonNode> variables = new LinkedHashMap<>();
      Json.at(container, "env").forEach(each -> variables.put(Json.text(each, "name"), each));
      for (Map.Entry<String, JsonNode> entry : wanted.entrySet()) {
        JsonNode there = variables.get(entry.getKey());
        if (there != null
            && !there.equals(entry.getValue())
            && options.text("overwrite").equals("false")) {
          throw new Failure(
              "error: '"
                  + entry.getKey()
                  + "' already has a value ("
                  + Json.text(there, "value")
                  + "), and --overwrite is false");
        }
        variables.put(entry.getKey(), entry.getValue());
      }
      removed.forEach(variables::remove);
      if (variables.isEmpty()) {
        container.remove("env");
      } else {
        ArrayNode env = container.putArray("env");
        variables.values().forEach(env::add);
      }
    }
  }

  private static int list(Session session, List<String> words) {
    for (Targets.Target target : Targets.of(session, words)) {
      ObjectNode object = target.copy();
      for (ObjectNode container :
          Targets.containers(Targets.podSpec(object), session.options().text("containers"))) {
        session
            .out()
            .println(
                "# "
                    + target.kind().kind()
                    + " "
                    + Json.name(object)
                    + ", container "
                    + Json.text(container, "name"));
        for (JsonNode variable : Json.at(container, "env")) {
          session.out().println(line(session, variable, Json.namespace(object)));
        }
      }
    }
    return 0;
  }

  private static String line(Session session, JsonNode variable, String namespace) {
    String name = Json.text(variable, "name");
    JsonNode from = Json.at(variable, "valueFrom");
    if (from.isMissingNode()) {
      return name + "=" + Json.text(variable, "value");
    }
    for (String[] known :
        List.of(
            new String[] {"configMapKeyRef", "configmap", "ConfigMap"},
            new String[] {"secretKeyRef", "secret", "Secret"})) {
      JsonNode reference = Json.at(from, known[0]);
      if (!reference.isMissingNode()) {
        String object = Json.text(reference, "name");
        String key = Json.text(reference, "key");
        return session.options().isSet("resolve")
            ? name + "=" + value(session, known[2], namespace, object, key)
            : "# " + name + " from " + known[1] + " " + object + ", key " + key;
      }
    }
    String field = Json.text(from, "fieldRef", "fieldPath");
    return field.isEmpty()
        ? "# " + name + " from resource " + Json.text(from, "resourceFieldRef", "resource")
        : "# " + name + " from field path " + field;
  }

  private static String value(
      Session session, String kind, String namespace, String name, String key) {
    JsonNode object = session.api().get(session.discovery().kind("v1", kind).path(namespace, name));
    String value = Json.text(object, "data", key);
    return kind.equals("Secret")
        ? new String(java.util.Base64.getDecoder().decode(value), StandardCharsets.UTF_8)
        : value;
  }
}
