package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `exec`: runs a program in a container, with its input, output and exit code as if it ran here.
final class Exec implements Command {

  @Override
  public String name() {
    return "exec";
  }

  @Override
  public String summary() {
    return "run a program in a container";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite exec web-1 -- date
    kubectl-lite exec -it web-1 -c main -- sh
    cat file | kubectl-lite exec -i deployment/web -- tee /tmp/file\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("stdin", 'i', "pass this program's input on")
        .toggle("tty", 't', "with a terminal")
        .value("container", 'c', "", "the container")
        .toggle("quiet", 'q', "only the program's output");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    List<String> words = options.words();
    List<String> command =
        options.hasDashes()
            ? options.afterDashes()
            : words.subList(Math.min(1, words.size()), words.size());
    if (words.isEmpty() || command.isEmpty() || (options.hasDashes() && words.size() != 1)) {
      throw new Failure("error: expected one POD, then -- and the command, as: exec web-1 -- date");
    }
    JsonNode pod = Pods.of(session, words.getFirst());
    String container = Pods.container(pod, options.text("container"));
    if (options.text("container").isEmpty()
        && Json.at(pod, "spec", "containers").size() > 1
        && !options.isSet("quiet")) {
      session
          .err()
          .println(
              "Defaulted container \""
                  + container
                  + "\" out of: "
                  + String.join(", ", Logs.names(pod)));
    }
    String phase = Json.text(pod, "status", "phase");
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      throw new Failure(
          "error: cannot exec into a container in a completed pod; current phase is " + phase);
    }
    return ContainerStreams.run(
        session,
        new ContainerStreams.Asked(
            "exec", pod, container, command, options.isSet("stdin"), options.isSet("tty")));
  }
}
