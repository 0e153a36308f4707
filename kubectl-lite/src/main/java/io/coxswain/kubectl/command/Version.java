package io.coxswain.kubectl.command;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Printer;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `version`: the client's and the server's.
final class Version implements Command {

  @Override
  public String name() {
    return "version";
  }

  @Override
  public String summary() {
    return "show the client's and the server's version";
  }

  @Override
  public String examples() {
    return "kubectl-lite version\nkubectl-lite version --client";
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("client", ' ', "only the client's")
        .value("output", 'o', "", "json or yaml");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    String output = options.text("output");
    if (!options.words().isEmpty()) {
      throw new Failure("error: extra arguments: [" + String.join(" ", options.words()) + "]");
    }
    if (!List.of("", "json", "yaml").contains(output)) {
      throw new Failure("error: --output must be 'yaml' or 'json'");
    }
    String build = Version.class.getPackage().getImplementationVersion();
    String own = build == null ? "unpackaged" : build;
    ObjectNode versions = Json.object();
    versions
        .putObject("clientVersion")
        .put("compiler", "javac")
        .put("gitVersion", own)
        .put("goVersion", "")
        .put("platform", System.getProperty("os.name").toLowerCase(Locale.ROOT) + "/" + machine());
    if (output.isEmpty()) {
      session.out().println("Client Version: " + own);
      session.out().flush();
    }
    if (!options.isSet("client")) {
      JsonNode server = server(session, versions, output);
      versions.set("serverVersion", server);
      if (output.isEmpty()) {
        session.out().println("Server Version: " + Json.text(server, "gitVersion"));
      }
    }
    print(session, versions, output);
    return 0;
  }

  /// What is known of the client is told also when there is no server.
  private static JsonNode server(Session session, ObjectNode versions, String output) {
    try {
      JsonNode server = session.api().get("/version");
      if (Json.text(server, "gitVersion").isEmpty()) {
        throw new Failure("error: the server told no version");
      }
      return server;
    } catch (Failure e) {
      print(session, versions, output);
      throw e;
    }
  }

  private static void print(Session session, ObjectNode versions, String output) {
    switch (output) {
      case "json" -> session.out().print(Printer.pretty(versions));
      case "yaml" -> session.out().print(YamlCodec.write(Json.ordered(versions)));
      default -> {
        // said already
      }
    }
  }

  private static String machine() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }
}
