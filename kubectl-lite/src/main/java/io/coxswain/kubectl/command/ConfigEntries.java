package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.Section;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// `config set-cluster` and `config set-context`. Fields that are not named stay as they are.
final class ConfigEntries {

  private ConfigEntries() {}

  static Command cluster() {
    return new PlainCommand(
        "config set-cluster",
        "add a cluster, or change one",
        """
        kubectl-lite config set-cluster test --server=https://192.0.2.1:6443
        kubectl-lite config set-cluster test --certificate-authority=ca.crt --embed-certs\
        """,
        options ->
            options
                .toggle("embed-certs", ' ', "write the certificate itself, not its path")
                .value("proxy-url", ' ', "", "the proxy on the way to the server"),
        ConfigEntries::cluster);
  }

  private static int cluster(Session session) {
    Options options = session.options();
    String name = name(session, "cluster");
    if (options.isSet("insecure-skip-tls-verify")
        && options.find("certificate-authority").isPresent()) {
      throw new Failure(
          "error: you cannot specify a certificate authority and insecure mode at the same time");
    }
    if (options.isSet("embed-certs") && options.find("certificate-authority").isEmpty()) {
      throw new Failure("error: you must specify a --certificate-authority to embed");
    }
    ConfigCommand.change(
        session,
        files -> {
          ObjectNode cluster =
              files.find(Section.CLUSTERS, name).orElseGet(() -> Json.object().put("server", ""));
          change(session, cluster);
          files.put(Section.CLUSTERS, name, cluster);
        });
    session.out().println("Cluster \"" + name + "\" set.");
    return 0;
  }

  private static void change(Session session, ObjectNode cluster) {
    Options options = session.options();
    if (options.isGiven("server")) {
      cluster.put("server", options.text("server"));
      cluster.remove("tls-server-name"); // it was the other server's
    }
    text(options, "tls-server-name", cluster);
    if (options.isGiven("insecure-skip-tls-verify")) {
      if (options.isSet("insecure-skip-tls-verify")) {
        cluster.put("insecure-skip-tls-verify", true);
        cluster.remove(List.of("certificate-authority", "certificate-authority-data"));
      } else {
        cluster.remove("insecure-skip-tls-verify");
      }
    }
    if (options.isGiven("certificate-authority")) {
      file(session, "certificate-authority", cluster);
      if (options.find("certificate-authority").isPresent()) {
        cluster.remove("insecure-skip-tls-verify");
      }
    }
    text(options, "proxy-url", cluster);
  }

  static String name(Session session, String kind) {
    List<String> words = ConfigCommand.words(session, 1);
    if (words.getFirst().isEmpty()) {
      throw new Failure("error: you must specify a non-empty " + kind + " name");
    }
    return words.getFirst();
  }

  /// An empty value removes the field.
  static void text(Options options, String field, ObjectNode entry) {
    if (options.isGiven(field)) {
      if (options.text(field).isEmpty()) {
        entry.remove(field);
      } else {
        entry.put(field, options.text(field));
      }
    }
  }

  /// A file's path, or with `--embed-certs` what is in it; either takes the other's place.
  static void file(Session session, String field, ObjectNode entry) {
    Options options = session.options();
    if (!options.isGiven(field)) {
      return;
    }
    String given = options.text(field);
    entry.remove(field);
    if (given.isEmpty()) {
      return;
    }
    Path path = session.world().folder().resolve(given).toAbsolutePath().normalize();
    if (!options.isSet("embed-certs")) {
      entry.put(field, path.toString());
      entry.remove(field + "-data");
      return;
    }
    try {
      entry.put(field + "-data", Base64.getEncoder().encodeToString(Files.readAllBytes(path)));
    } catch (IOException e) {
      throw new Failure(
          "error: could not read " + field + " file " + given + ": " + e.getMessage());
    }
  }

  static Command context() {
    return new PlainCommand(
        "config set-context",
        "add a context, or change one",
        """
        kubectl-lite config set-context --current --namespace=shop
        kubectl-lite config set-context test --cluster=test --user=admin\
        """,
        options -> options.toggle("current", ' ', "the context that is in force"),
        ConfigEntries::context);
  }

  private static int context(Session session) {
    Options options = session.options();
    List<String> words = options.words();
    boolean current = options.isSet("current");
    if (words.size() > 1) {
      ConfigCommand.words(session, 1);
    }
    if (words.isEmpty() && !current) {
      throw new Failure("error: you must specify a non-empty context name or --current");
    }
    if (!words.isEmpty() && current) {
      throw new Failure("error: you cannot specify both a context name and --current");
    }
    String[] name = {words.isEmpty() ? "" : words.getFirst()};
    boolean existed =
        ConfigCommand.change(
                session,
                files -> {
                  if (current) {
                    name[0] = files.currentContext();
                  }
                  if (name[0].isEmpty()) {
                    throw new Failure("error: no current context is set");
                  }
                  ObjectNode context =
                      files
                          .find(Section.CONTEXTS, name[0])
                          .orElseGet(() -> Json.object().put("cluster", "").put("user", ""));
                  for (String field : List.of("cluster", "user")) {
                    if (options.isGiven(field)) {
                      context.put(field, options.text(field));
                    }
                  }
                  text(options, "namespace", context);
                  files.put(Section.CONTEXTS, name[0], context);
                })
            .names(Section.CONTEXTS)
            .contains(name[0]);
    session.out().println("Context \"" + name[0] + "\" " + (existed ? "modified." : "created."));
    return 0;
  }
}
