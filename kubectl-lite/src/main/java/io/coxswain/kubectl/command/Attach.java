package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `attach`: joins a container's own program to this terminal.
final class Attach implements Command {

  @Override
  public String name() {
    return "attach";
  }

  @Override
  public String summary() {
    return "join the program that runs in a container";
  }

  @Override
  public String examples() {
    return "kubectl-lite attach web-1\nkubectl-lite attach -it web-1 -c shell";
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("stdin", 'i', "pass this program's input on")
        .toggle("tty", 't', "with a terminal")
        .value("container", 'c', "", "the container")
        .toggle("quiet", 'q', "only the program's output")
        .value("pod-running-timeout", ' ', "1m0s", "how long to wait until the pod runs");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    if (options.words().isEmpty() || options.words().size() > 2) {
      throw new Failure("error: expected one POD or KIND/NAME, as: attach web-1");
    }
    String word =
        options.words().size() == 2
            ? options.words().get(0) + "/" + options.words().get(1)
            : options.words().getFirst();
    JsonNode pod = Pods.of(session, word);
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
    return to(
        session,
        pod,
        container,
        options.isSet("stdin"),
        options.isSet("tty"),
        options.isSet("quiet"));
  }

  /// @throws Failure when the pod has ended
  static int to(
      Session session, JsonNode pod, String container, boolean stdin, boolean tty, boolean quiet) {
    String phase = Json.text(pod, "status", "phase");
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      throw new Failure(
          "error: cannot attach a container in a completed pod; current phase is " + phase);
    }
    boolean withTerminal = tty;
    if (tty && !Json.at(container(pod, container), "tty").asBoolean(false)) {
      if (!quiet) {
        session
            .err()
            .println(
                "error: Unable to use a TTY - container " + container + " did not allocate one");
      }
      withTerminal = false;
    } else if (!tty && Json.at(container(pod, container), "tty").asBoolean(false)) {
      // the program writes for a terminal, and there is only one stream of it
      withTerminal = true;
    }
    if (stdin && !quiet) {
      session.err().println("If you don't see a command prompt, try pressing enter.");
    }
    return ContainerStreams.run(
        session,
        new ContainerStreams.Asked("attach", pod, container, List.of(), stdin, withTerminal));
  }

  private static JsonNode container(JsonNode pod, String name) {
    for (String list : List.of("containers", "initContainers", "ephemeralContainers")) {
      for (JsonNode container : Json.at(pod, "spec", list)) {
        if (Json.text(container, "name").equals(name)) {
          return container;
        }
      }
    }
    return Json.object();
  }
}
