package io.coxswain.kubectl.command;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Printer;
import tools.jackson.databind.JsonNode;

/// `apply view-last-applied`.
final class ViewLastApplied implements Command {

  @Override
  public String name() {
    return "apply view-last-applied";
  }

  @Override
  public String summary() {
    return "show what was applied last";
  }

  @Override
  public String examples() {
    return "kubectl-lite apply view-last-applied deployment/web";
  }

  @Override
  public Options declare(Options options) {
    return Targets.declare(options).value("output", 'o', "yaml", "yaml or json");
  }

  @Override
  public int run(Session session) {
    for (Targets.Target target : Targets.of(session, session.options().words())) {
      JsonNode applied = LastApplied.of(target.object());
      if (applied.isEmpty()) {
        throw new Failure(
            "error: no last-applied-configuration annotation found on resource: "
                + Json.name(target.object()));
      }
      switch (session.options().text("output")) {
        case "yaml", "" -> session.out().print(YamlCodec.write(applied));
        case "json" -> session.out().print(Printer.pretty(applied));
        default ->
            throw new Failure(
                "error: Unexpected -o output mode: "
                    + session.options().text("output")
                    + ", the flag 'output' must be one of yaml|json");
      }
    }
    return 0;
  }
}
