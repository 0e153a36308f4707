package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// `scale`: how many copies there shall be.
final class Scale implements Command {

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String summary() {
    return "set the number of copies";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite scale deployment/web --replicas=5
    kubectl-lite scale deployment/web --current-replicas=2 --replicas=3\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("replicas", ' ', "-1", "the number of copies")
        .value("current-replicas", ' ', "-1", "only when there are that many now")
        .value("output", 'o', "", "name: only the name");
  }

  @Override
  public int run(Session session) {
    long replicas = session.options().number("replicas");
    if (replicas < 0) {
      throw new Failure(
          "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    }
    long current = session.options().number("current-replicas");
    for (Selection selection : Selection.of(session.discovery(), session.options().words())) {
      Kind kind = selection.kind();
      if (!kind.subresources().contains("scale")) {
        throw new Failure("error: cannot scale a " + kind.kind() + ": it has no copies");
      }
      if (selection.names().isEmpty()) {
        throw new Failure("error: name what to scale, as: " + kind.singular() + "/NAME");
      }
      for (String name : selection.names()) {
        String path = kind.path(session.namespace(), name) + "/scale";
        if (current >= 0) {
          long now = Json.number(session.api().get(path), "spec", "replicas");
          if (now != current) {
            throw new Failure("error: Expected replicas to be " + current + ", was " + now);
          }
        }
        ObjectNode patch = Json.object();
        patch.putObject("spec").put("replicas", replicas);
        session.api().patch(path, Json.bytes(patch), "application/merge-patch+json");
        boolean onlyName = List.of("name").contains(session.options().text("output"));
        session.out().println(Printer.reference(kind, name) + (onlyName ? "" : " scaled"));
      }
    }
    return 0;
  }
}
