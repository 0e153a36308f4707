package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.Section;
import io.coxswain.kubectl.document.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `config set-credentials`: a user of a kubeconfig. Fields that are not named stay as they are.
final class ConfigUser {

  private ConfigUser() {}

  static Command command() {
    return new PlainCommand(
        "config set-credentials",
        "add a user, or change one",
        """
        kubectl-lite config set-credentials admin --client-certificate=admin.crt --client-key=admin.key
        kubectl-lite config set-credentials robot --token=abc
        kubectl-lite config set-credentials admin --exec-command=/bin/login --exec-api-version=client.authentication.k8s.io/v1\
        """,
        ConfigUser::declare,
        ConfigUser::run);
  }

  private static Options declare(Options options) {
    return options
        .toggle("embed-certs", ' ', "write certificate and key themselves, not their paths")
        .value("username", ' ', "", "for basic authentication")
        .value("password", ' ', "", "for basic authentication")
        .value("auth-provider", ' ', "", "name of an authentication provider")
        .repeated("auth-provider-arg", ' ', "KEY=VALUE for it; KEY- removes one")
        .value("exec-command", ' ', "", "program that prints credentials")
        .value("exec-api-version", ' ', "", "version of what it prints")
        .repeated("exec-arg", ' ', "an argument of it; given ones take the place of all")
        .repeated("exec-env", ' ', "NAME=VALUE for its environment; NAME- removes one")
        .value("exec-interactive-mode", ' ', "", "Never, IfAvailable or Always")
        .toggle("exec-provide-cluster-info", ' ', "tell it about the cluster");
  }

  private static int run(Session session) {
    String name = ConfigEntries.name(session, "user");
    check(session.options());
    ConfigCommand.change(
        session,
        files -> {
          ObjectNode user = files.find(Section.USERS, name).orElseGet(Json::object);
          change(session, user);
          files.put(Section.USERS, name, user);
        });
    session.out().println("User \"" + name + "\" set.");
    return 0;
  }

  private static void check(Options options) {
    boolean basic = options.find("username").isPresent() || options.find("password").isPresent();
    if (basic && options.find("token").isPresent()) {
      throw new Failure(
          "error: you cannot specify more than one authentication method at the same time:"
              + " --token, --username/--password");
    }
    if (options.isSet("embed-certs")
        && options.find("client-certificate").isEmpty()
        && options.find("client-key").isEmpty()) {
      throw new Failure("error: you must specify a --client-certificate or --client-key to embed");
    }
    if (options.isGiven("exec-interactive-mode")
        && !List.of("IfAvailable", "Never", "Always")
            .contains(options.text("exec-interactive-mode"))) {
      throw new Failure(
          "error: invalid interactive mode type, can be only IfAvailable, Never, Always");
    }
  }

  private static void change(Session session, ObjectNode user) {
    Options options = session.options();
    ConfigEntries.file(session, "client-certificate", user);
    ConfigEntries.file(session, "client-key", user);
    ConfigEntries.text(options, "token", user);
    ConfigEntries.text(options, "username", user);
    ConfigEntries.text(options, "password", user);
    if (options.find("token").isPresent()) {
      user.remove(List.of("username", "password"));
    } else if (options.find("username").isPresent() || options.find("password").isPresent()) {
      user.remove("token");
    }
    provider(options, user);
    plugin(options, user);
  }

  private static void provider(Options options, ObjectNode user) {
    String name = options.text("auth-provider");
    if (options.isGiven("auth-provider")
        && !Json.text(user, "auth-provider", "name").equals(name)) {
      user.putObject("auth-provider").put("name", name);
    }
    if (Json.at(user, "auth-provider") instanceof ObjectNode provider) {
      for (String pair : options.list("auth-provider-arg")) {
        ObjectNode config = provider.withObjectProperty("config");
        int equals = pair.indexOf('=');
        if (equals > 0) {
          config.put(pair.substring(0, equals), pair.substring(equals + 1));
        } else if (pair.endsWith("-")) {
          config.remove(pair.substring(0, pair.length() - 1));
        } else {
          throw new Failure("error: invalid --auth-provider-arg: " + pair);
        }
      }
    }
  }

  private static void plugin(Options options, ObjectNode user) {
    if (options.isGiven("exec-command")) {
      ObjectNode plugin = user.withObjectProperty("exec");
      plugin.put("command", options.text("exec-command")).putNull("args");
      if (!plugin.has("env")) {
        plugin.putNull("env");
      }
      if (!plugin.has("provideClusterInfo")) {
        plugin.put("provideClusterInfo", false);
      }
    }
    if (!(Json.at(user, "exec") instanceof ObjectNode plugin)) {
      return;
    }
    if (options.isGiven("exec-api-version")) {
      plugin.put("apiVersion", options.text("exec-api-version"));
    }
    if (!options.all("exec-arg").isEmpty()) {
      options.list("exec-arg").forEach(plugin.putArray("args")::add);
    }
    if (options.isGiven("exec-interactive-mode")) {
      plugin.put("interactiveMode", options.text("exec-interactive-mode"));
    }
    if (options.isGiven("exec-provide-cluster-info")) {
      plugin.put("provideClusterInfo", options.isSet("exec-provide-cluster-info"));
    }
    for (String pair : options.all("exec-env")) {
      variable(plugin, pair);
    }
  }

  private static void variable(ObjectNode plugin, String pair) {
    int equals = pair.indexOf('=');
    if (equals <= 0 && !pair.endsWith("-")) {
      throw new Failure("error: invalid --exec-env: " + pair);
    }
    String name = equals > 0 ? pair.substring(0, equals) : pair.substring(0, pair.length() - 1);
    ArrayNode kept = Json.object().putArray("env");
    boolean found = false;
    for (JsonNode each : Json.at(plugin, "env")) {
      boolean same = Json.text(each, "name").equals(name);
      if (same && equals > 0) {
        kept.addObject().put("name", name).put("value", pair.substring(equals + 1));
        found = true;
      } else if (!same) {
        kept.add(each);
      }
    }
    if (equals > 0 && !found) {
      kept.addObject().put("name", name).put("value", pair.substring(equals + 1));
    }
    plugin.set("env", kept);
  }
}
