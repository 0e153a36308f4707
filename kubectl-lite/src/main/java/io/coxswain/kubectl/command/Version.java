package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import tools.jackson.databind.JsonNode;

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
    String own = Version.class.getPackage().getImplementationVersion();
    session.out().println("Client Version: " + (own == null ? "unpackaged" : own));
    if (!session.options().isSet("client")) {
      session.out().flush();
      JsonNode server = session.api().get("/version");
      String version = Json.text(server, "gitVersion");
      if (version.isEmpty()) {
        throw new Failure("error: the server told no version");
      }
      session.out().println("Server Version: " + version);
    }
    return 0;
  }
}
