package io.coxswain.kubectl.command;

import io.coxswain.client.codec.QuantityText;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.resource.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `top`: what nodes and pods use, from `metrics.k8s.io`.
final class Top implements Command {

  private static final String API = "/apis/metrics.k8s.io/v1beta1";

  /// @param cpu cores and @param memory bytes
  private record Usage(BigDecimal cpu, BigDecimal memory) {
    static Usage of(JsonNode usage) {
      return new Usage(quantity(usage, "cpu"), quantity(usage, "memory"));
    }

    private static BigDecimal quantity(JsonNode usage, String name) {
      String text = Json.text(usage, name);
      return text.isEmpty() ? BigDecimal.ZERO : QuantityText.parse(text).value();
    }

    Usage plus(Usage other) {
      return new Usage(cpu.add(other.cpu), memory.add(other.memory));
    }

    String cpuText() {
      return cpu.movePointRight(3).setScale(0, RoundingMode.CEILING) + "m";
    }

    String memoryText() {
      return memory.divide(BigDecimal.valueOf(1 << 20), 0, RoundingMode.HALF_UP) + "Mi";
    }
  }

  @Override
  public String name() {
    return "top";
  }

  @Override
  public String summary() {
    return "show what nodes and pods use";
  }

  @Override
  public String examples() {
    return "kubectl-lite top nodes\nkubectl-lite top pods -A --sort-by=memory";
  }

  @Override
  public Options declare(Options options) {
    return Commands.selectors(options)
        .value("sort-by", ' ', "", "cpu or memory")
        .toggle("containers", ' ', "a line for each container")
        .toggle("no-headers", ' ', "without the first line");
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.isEmpty()) {
      throw new Failure("error: top needs one of: nodes, pods");
    }
    try {
      return switch (words.getFirst()) {
        case "node", "nodes", "no" -> nodes(session, words);
        case "pod", "pods", "po" -> pods(session, words);
        default ->
            throw new Failure("error: top knows nodes and pods, not \"" + words.getFirst() + "\"");
      };
    } catch (Api.Refusal e) {
      if (e.isNotFound() && words.size() == 1) {
        throw new Failure("error: Metrics API not available");
      }
      throw e;
    }
  }

  private int nodes(Session session, List<String> words) {
    Kind kind = session.discovery().kind("v1", "Node");
    Columns columns = header(session, "NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)");
    List<JsonNode> found = sorted(session, list(session, API + "/nodes", words));
    for (JsonNode metrics : found) {
      Usage used = Usage.of(Json.at(metrics, "usage"));
      Usage all =
          Usage.of(
              Json.at(
                  session.api().get(kind.path("", Json.name(metrics))), "status", "allocatable"));
      columns.add(
          Json.name(metrics),
          used.cpuText(),
          percent(used.cpu(), all.cpu()),
          used.memoryText(),
          percent(used.memory(), all.memory()));
    }
    session.out().print(columns);
    return 0;
  }

  private static String percent(BigDecimal part, BigDecimal whole) {
    return whole.signum() == 0
        ? "<unknown>"
        : part.multiply(BigDecimal.valueOf(100)).divide(whole, 0, RoundingMode.DOWN) + "%";
  }

  private int pods(Session session, List<String> words) {
    boolean everywhere = session.options().isSet("all-namespaces");
    boolean containers = session.options().isSet("containers");
    String path = everywhere ? API + "/pods" : API + "/namespaces/" + session.namespace() + "/pods";
    List<String> titles = new ArrayList<>(List.of(containers ? "POD" : "NAME"));
    if (everywhere) {
      titles.addFirst("NAMESPACE");
    }
    if (containers) {
      titles.add("NAME");
    }
    titles.addAll(List.of("CPU(cores)", "MEMORY(bytes)"));
    Columns columns = header(session, titles.toArray(String[]::new));
    List<JsonNode> found = sorted(session, list(session, path, words));
    for (JsonNode metrics : found) {
      List<String> row = new ArrayList<>(List.of(Json.name(metrics)));
      if (everywhere) {
        row.addFirst(Json.namespace(metrics));
      }
      if (containers) {
        for (JsonNode container : Json.at(metrics, "containers")) {
          List<String> own = new ArrayList<>(row);
          Usage used = Usage.of(Json.at(container, "usage"));
          own.addAll(List.of(Json.text(container, "name"), used.cpuText(), used.memoryText()));
          columns.add(own);
        }
      } else {
        Usage used = total(metrics);
        row.addAll(List.of(used.cpuText(), used.memoryText()));
        columns.add(row);
      }
    }
    if (found.isEmpty()) {
      session
          .err()
          .println(
              everywhere
                  ? "No resources found"
                  : "No resources found in " + session.namespace() + " namespace.");
      return 0;
    }
    session.out().print(columns);
    return 0;
  }

  private static Columns header(Session session, String... titles) {
    return session.options().isSet("no-headers") ? new Columns() : new Columns().add(titles);
  }

  private static List<JsonNode> list(Session session, String path, List<String> words) {
    List<JsonNode> found = new ArrayList<>();
    if (words.size() > 1) {
      words
          .subList(1, words.size())
          .forEach(name -> found.add(session.api().get(path + "/" + name)));
    } else {
      Json.at(session.api().get(path + Api.query(Get.query(session.options()))), "items")
          .forEach(found::add);
    }
    return found;
  }

  /// Of a pod the sum of its containers; of a node its own.
  private static Usage total(JsonNode metrics) {
    Usage total = Usage.of(Json.at(metrics, "usage"));
    for (JsonNode container : Json.at(metrics, "containers")) {
      total = total.plus(Usage.of(Json.at(container, "usage")));
    }
    return total;
  }

  private static List<JsonNode> sorted(Session session, List<JsonNode> metrics) {
    String by = session.options().text("sort-by");
    Comparator<JsonNode> order =
        switch (by) {
          case "cpu" -> Comparator.comparing((JsonNode node) -> total(node).cpu()).reversed();
          case "memory" -> Comparator.comparing((JsonNode node) -> total(node).memory()).reversed();
          case "" -> Comparator.comparing(Json::namespace).thenComparing(Json::name);
          default -> throw new Failure("error: --sort-by accepts only cpu or memory");
        };
    return metrics.stream().sorted(order).toList();
  }
}
