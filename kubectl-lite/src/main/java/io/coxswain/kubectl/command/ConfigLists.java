package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.KubeconfigFiles;
import io.coxswain.kubectl.config.Section;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.output.Columns;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// The parts of `config` that list what is there.
final class ConfigLists {

  private ConfigLists() {}

  static Command currentContext() {
    return new PlainCommand(
        "config current-context",
        "show which context is in force",
        "kubectl-lite config current-context",
        session -> {
          String current = KubeconfigFiles.load(session.places()).currentContext();
          if (current.isEmpty()) {
            throw new Failure("error: current-context is not set");
          }
          session.out().println(current);
          return 0;
        });
  }

  static Command clusters() {
    return names("get-clusters", "list the clusters", Section.CLUSTERS);
  }

  static Command users() {
    return names("get-users", "list the users", Section.USERS);
  }

  private static Command names(String word, String summary, Section section) {
    return new PlainCommand(
        "config " + word,
        summary,
        "kubectl-lite config " + word,
        session -> {
          session.out().println("NAME");
          KubeconfigFiles.load(session.places()).names(section).forEach(session.out()::println);
          return 0;
        });
  }

  static Command contexts() {
    return new PlainCommand(
        "config get-contexts",
        "list the contexts, or those that are named",
        "kubectl-lite config get-contexts\nkubectl-lite config get-contexts -o name",
        options ->
            options
                .value("output", 'o', "", "name: only the names")
                .toggle("no-headers", ' ', "without the first line"),
        ConfigLists::contexts);
  }

  private static int contexts(Session session) {
    String output = session.options().text("output");
    if (!output.isEmpty() && !output.equals("name")) {
      throw new Failure(
          "error: --output "
              + output
              + " is not available in kubectl-lite config get-contexts; resetting to default output"
              + " format");
    }
    KubeconfigFiles files = KubeconfigFiles.load(session.places());
    List<String> all = files.names(Section.CONTEXTS);
    List<String> asked = session.options().words();
    List<String> shown = asked.isEmpty() ? all : all.stream().filter(asked::contains).toList();
    if (output.equals("name")) {
      shown.forEach(session.out()::println);
    } else {
      session.out().print(table(files, shown, !session.options().isSet("no-headers")));
    }
    List<String> missing =
        asked.stream()
            .filter(name -> !all.contains(name))
            .map(name -> "error: context " + name + " not found")
            .toList();
    if (!missing.isEmpty()) {
      throw new Failure(String.join("\n", missing));
    }
    return 0;
  }

  private static Columns table(KubeconfigFiles files, List<String> names, boolean headers) {
    Columns columns = new Columns();
    if (headers) {
      columns.add("CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE");
    }
    for (String name : names) {
      ObjectNode context = files.find(Section.CONTEXTS, name).orElseThrow();
      List<String> row = new ArrayList<>();
      row.add(name.equals(files.currentContext()) ? "*" : " ");
      row.add(name);
      row.add(Json.text(context, "cluster"));
      row.add(Json.text(context, "user"));
      row.add(Json.text(context, "namespace"));
      columns.add(row);
    }
    return columns;
  }
}
