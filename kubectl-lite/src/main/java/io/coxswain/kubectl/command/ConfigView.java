package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.KubeconfigFiles;
import io.coxswain.kubectl.config.Section;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Printer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `config view`: all kubeconfig files as one, without what is secret.
final class ConfigView implements Command {

  @Override
  public String name() {
    return "config view";
  }

  @Override
  public String summary() {
    return "show the kubeconfig in force";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite config view
    kubectl-lite config view --minify --flatten
    kubectl-lite config view --raw -o jsonpath='{.users[0].user.password}'\
    """;
  }

  @Override
  public Options declare(Options options) {
    return Printer.declare(options)
        .value("output", 'o', "yaml", "yaml, json, jsonpath=… and more")
        .toggle("raw", ' ', "with secrets and certificates as they are")
        .toggle("flatten", ' ', "with what is in the files that it names, so that it can be moved")
        .toggle("minify", ' ', "only what the current context needs")
        .optional("merge", ' ', "true", "true", "of all files");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    if (!options.words().isEmpty()) {
      throw new Failure(
          "error: unexpected arguments: ["
              + String.join(" ", options.words())
              + "]\nSee 'kubectl-lite config view -h' for help and examples");
    }
    if (options.text("merge").equals("false") && !session.places().named()) {
      throw new Failure("error: if merge==false a precise file must be specified");
    }
    ObjectNode config = KubeconfigFiles.load(session.places()).merged();
    if (options.isSet("minify")) {
      options.find("context").ifPresent(name -> config.put("current-context", name));
      minify(config);
    }
    if (options.isSet("flatten")) {
      flatten(config);
    } else if (!options.isSet("raw")) {
      hideSecrets(config);
    }
    session.out().print(Printer.of(options).print(Json.ordered(config), true));
    return 0;
  }

  private static void minify(ObjectNode config) {
    String name = Json.text(config, "current-context");
    if (name.isEmpty()) {
      throw new Failure("error: current-context must exist in order to minify");
    }
    JsonNode context = Json.at(only(config, Section.CONTEXTS, name), "context");
    String cluster = Json.text(context, "cluster");
    String user = Json.text(context, "user");
    keep(config, Section.CLUSTERS, cluster);
    keep(config, Section.USERS, user);
  }

  private static void keep(ObjectNode config, Section section, String name) {
    if (name.isEmpty()) {
      config.putNull(section.list());
    } else {
      only(config, section, name);
    }
  }

  private static JsonNode only(ObjectNode config, Section section, String name) {
    for (JsonNode entry : Json.at(config, section.list())) {
      if (Json.text(entry, "name").equals(name)) {
        ArrayNode list = config.putArray(section.list());
        list.add(entry);
        return entry;
      }
    }
    throw new Failure("error: cannot locate " + section.field() + " " + name);
  }

  private static void flatten(ObjectNode config) {
    for (JsonNode entry : Json.at(config, "clusters")) {
      embed(Json.at(entry, "cluster"), "certificate-authority");
    }
    for (JsonNode entry : Json.at(config, "users")) {
      embed(Json.at(entry, "user"), "client-certificate");
      embed(Json.at(entry, "user"), "client-key");
    }
  }

  private static void embed(JsonNode held, String field) {
    String file = Json.text(held, field);
    if (file.isEmpty() || !(held instanceof ObjectNode object)) {
      return;
    }
    if (!Json.text(held, field + "-data").isEmpty()) {
      throw new Failure("error: cannot have values for both path and contents");
    }
    try {
      byte[] content = Files.readAllBytes(Path.of(file));
      object.put(field + "-data", Base64.getEncoder().encodeToString(content));
      object.remove(field);
    } catch (IOException e) {
      throw new Failure("error: cannot read " + file + ": " + e.getMessage());
    }
  }

  private static void hideSecrets(ObjectNode config) {
    for (JsonNode entry : Json.at(config, "clusters")) {
      hide(Json.at(entry, "cluster"), "certificate-authority-data", "DATA+OMITTED");
    }
    for (JsonNode entry : Json.at(config, "users")) {
      JsonNode user = Json.at(entry, "user");
      hide(user, "client-certificate-data", "DATA+OMITTED");
      hide(user, "client-key-data", "DATA+OMITTED");
      hide(user, "token", "REDACTED");
      hide(user, "password", "REDACTED");
    }
  }

  private static void hide(JsonNode held, String field, String instead) {
    if (!Json.text(held, field).isEmpty() && held instanceof ObjectNode object) {
      object.put(field, instead);
    }
  }
}
