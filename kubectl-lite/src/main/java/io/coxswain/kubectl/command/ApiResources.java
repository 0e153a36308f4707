package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// `api-resources`: the kinds that the server has.
final class ApiResources implements Command {

  @Override
  public String name() {
    return "api-resources";
  }

  @Override
  public String summary() {
    return "list the kinds that the server has";
  }

  @Override
  public String examples() {
    return "kubectl-lite api-resources\nkubectl-lite api-resources --namespaced=false -o wide";
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("output", 'o', "", "wide or name")
        .value(
            "namespaced",
            ' ',
            "",
            "true or false: only kinds in namespaces, or of the whole cluster")
        .value("api-group", ' ', "", "only this group's")
        .value("verbs", ' ', "", "only kinds that know all of these, as list,get")
        .toggle("no-headers", ' ', "without the first line");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    String output = options.text("output");
    if (!List.of("", "wide", "name").contains(output)) {
      throw new Failure(
          "error: --output " + output + " is not available for api-resources: use wide or name");
    }
    List<Kind> kinds =
        session.discovery().askAgain().stream()
            .filter(Kind::preferred)
            .filter(kind ->
                options.text("namespaced").isEmpty()
                    || kind.namespaced() == options.isSet("namespaced"))
            .filter(kind ->
                !options.isGiven("api-group") || kind.group().equals(options.text("api-group")))
            .filter(kind ->
                options.text("verbs").isEmpty()
                    || kind.verbs().containsAll(List.of(options.text("verbs").split(","))))
            .sorted(Comparator.comparing(Kind::group).thenComparing(Kind::plural))
            .toList();
    if (output.equals("name")) {
      kinds.forEach(kind -> session.out().println(kind.qualifiedPlural()));
      return 0;
    }
    Columns columns = new Columns();
    boolean wide = output.equals("wide");
    List<String> header =
        new ArrayList<>(List.of("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"));
    if (wide) {
      header.addAll(List.of("VERBS", "CATEGORIES"));
    }
    if (!options.isSet("no-headers")) {
      columns.add(header);
    }
    for (Kind kind : kinds) {
      List<String> row =
          new ArrayList<>(
              List.of(
                  kind.plural(),
                  String.join(",", kind.shortNames()),
                  kind.apiVersion(),
                  Boolean.toString(kind.namespaced()),
                  kind.kind()));
      if (wide) {
        row.add(String.join(",", kind.verbs()));
        row.add(String.join(",", kind.categories()));
      }
      columns.add(row);
    }
    session.out().print(columns);
    return 0;
  }
}
