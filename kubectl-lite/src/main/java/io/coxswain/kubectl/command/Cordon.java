package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `cordon` and `uncordon`: whether new pods may come to a node.
final class Cordon implements Command {

  private final boolean unschedulable;

  private Cordon(boolean unschedulable) {
    this.unschedulable = unschedulable;
  }

  static Cordon cordon() {
    return new Cordon(true);
  }

  static Cordon uncordon() {
    return new Cordon(false);
  }

  @Override
  public String name() {
    return unschedulable ? "cordon" : "uncordon";
  }

  @Override
  public String summary() {
    return unschedulable ? "let no new pods come to a node" : "let pods come to a node again";
  }

  @Override
  public String examples() {
    return "kubectl-lite " + name() + " vm-2";
  }

  @Override
  public Options declare(Options options) {
    return options.value("selector", 'l', "", "every node with these labels");
  }

  @Override
  public int run(Session session) {
    for (String node : nodes(session)) {
      set(session, node, unschedulable);
    }
    return 0;
  }

  /// The nodes that words or `-l` name.
  static List<String> nodes(Session session) {
    Kind kind = session.discovery().kind("v1", "Node");
    List<String> words = session.options().words();
    String selector = session.options().text("selector");
    if (words.isEmpty() == selector.isEmpty()) {
      throw new Failure("error: name nodes, or choose them with -l, and not both");
    }
    if (selector.isEmpty()) {
      return words.stream().map(word -> word.substring(word.indexOf('/') + 1)).toList();
    }
    List<String> names = new ArrayList<>();
    Json.at(session.api().get(kind.path("", Map.of("labelSelector", selector))), "items")
        .forEach(node -> names.add(Json.name(node)));
    return names;
  }

  static void set(Session session, String name, boolean unschedulable) {
    Kind kind = session.discovery().kind("v1", "Node");
    JsonNode node = session.api().get(kind.path("", name));
    String done = unschedulable ? "cordoned" : "uncordoned";
    if (Json.at(node, "spec", "unschedulable").asBoolean(false) == unschedulable) {
      session.out().println("node/" + name + " already " + done);
      return;
    }
    ObjectNode patch = Json.object();
    if (unschedulable) {
      patch.putObject("spec").put("unschedulable", true);
    } else {
      patch.putObject("spec").putNull("unschedulable");
    }
    session.api().patch(kind.path("", name), Json.bytes(patch), "application/merge-patch+json");
    session.out().println("node/" + name + " " + done);
    session.out().flush();
  }
}
