package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `taint`: keeps pods away from nodes, or lets them come again.
final class Taint implements Command {

  private static final Pattern CHANGE =
      Pattern.compile("(?<key>[^=:]+?)(=(?<value>[^:]*))?(:(?<effect>[A-Za-z]*))?(?<remove>-)?");
  private static final List<String> EFFECTS =
      List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  /// @param effect empty for all, where it is removed
  private record Change(String key, String value, String effect, boolean removed) {}

  @Override
  public String name() {
    return "taint";
  }

  @Override
  public String summary() {
    return "keep pods away from nodes";
  }

  @Override
  public String examples() {
    return "kubectl-lite taint nodes vm-2 dedicated=db:NoSchedule\n"
        + "kubectl-lite taint nodes vm-2 dedicated:NoSchedule-";
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(options, "kubectl-taint")
        .value("selector", 'l', "", "every node with these labels")
        .toggle("all", ' ', "every node")
        .toggle("overwrite", ' ', "change a taint that has another value");
  }

  @Override
  public int run(Session session) {
    List<String> nodes = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (String word : session.options().words()) {
      if (word.contains(":") || word.contains("=") || (word.endsWith("-") && nodes.size() > 1)) {
        changes.add(change(word));
      } else {
        nodes.add(word);
      }
    }
    if (nodes.isEmpty() || !List.of("node", "nodes", "no").contains(kind(nodes.getFirst()))) {
      throw new Failure("error: only nodes are tainted, as: taint nodes NAME KEY=VALUE:EFFECT");
    }
    if (changes.isEmpty()) {
      throw new Failure("error: at least one taint update is required");
    }
    Descriptions descriptions = new Descriptions(session);
    for (Targets.Target target : targets(session, nodes)) {
      ObjectNode wanted = target.copy();
      String done = apply(session.options().isSet("overwrite"), wanted, changes);
      JsonNode result =
          wanted.equals(target.object())
              ? wanted
              : Changes.patch(session, descriptions, target.kind(), "", target.object(), wanted);
      Changes.told(session, result, done);
    }
    return 0;
  }

  private static String kind(String word) {
    int slash = word.indexOf('/');
    return slash < 0 ? word : word.substring(0, slash);
  }

  private static List<Targets.Target> targets(Session session, List<String> words) {
    var kind = session.discovery().kind("v1", "Node");
    List<String> names = new ArrayList<>();
    if (words.size() > 1 || words.getFirst().contains("/")) {
      for (String word : words.getFirst().contains("/") ? words : words.subList(1, words.size())) {
        names.add(word.substring(word.indexOf('/') + 1));
      }
    } else if (session.options().isSet("all") || session.options().find("selector").isPresent()) {
      String path =
          kind.path("", java.util.Map.of("labelSelector", session.options().text("selector")));
      Json.at(session.api().get(path), "items").forEach(node -> names.add(Json.name(node)));
    } else {
      throw new Failure("error: at least one resource name must be specified, or -l or --all");
    }
    List<Targets.Target> targets = new ArrayList<>();
    names.forEach(
        name -> targets.add(new Targets.Target(kind, session.api().get(kind.path("", name)))));
    return targets;
  }

  private static Change change(String word) {
    Matcher parts = CHANGE.matcher(word);
    boolean fits = parts.matches();
    boolean removed = fits && parts.group("remove") != null;
    String effect = fits && parts.group("effect") != null ? parts.group("effect") : "";
    if (!fits || (!removed && effect.isEmpty())) {
      throw new Failure("error: invalid taint spec: " + word + ": it is KEY=VALUE:EFFECT, or KEY-");
    }
    if (!effect.isEmpty() && !EFFECTS.contains(effect)) {
      throw new Failure(
          "error: invalid taint effect: "
              + effect
              + ", unsupported taint effect: it is one of "
              + String.join(", ", EFFECTS));
    }
    String value = parts.group("value") == null ? "" : parts.group("value");
    return new Change(parts.group("key"), value, effect, removed);
  }

  /// @return what was done
  private static String apply(boolean overwrite, ObjectNode node, List<Change> changes) {
    List<ObjectNode> taints = new ArrayList<>();
    Json.at(node, "spec", "taints").forEach(taint -> taints.add((ObjectNode) taint.deepCopy()));
    boolean added = false;
    boolean removed = false;
    boolean changed = false;
    for (Change change : changes) {
      boolean there = taints.stream().anyMatch(taint -> meant(change, taint));
      if (change.removed()) {
        if (!there) {
          throw new Failure(
              "error: taint \""
                  + change.key()
                  + (change.effect().isEmpty() ? "" : ":" + change.effect())
                  + "\" not found");
        }
        taints.removeIf(taint -> meant(change, taint));
        removed = true;
        continue;
      }
      if (there && !overwrite) {
        throw new Failure(
            "error: node "
                + Json.name(node)
                + " already has "
                + change.key()
                + " taint(s) with same effect(s) and --overwrite is false");
      }
      changed |= there;
      taints.removeIf(taint -> meant(change, taint));
      ObjectNode taint = Json.object().put("effect", change.effect()).put("key", change.key());
      if (!change.value().isEmpty()) {
        taint.put("value", change.value());
      }
      taints.add(taint);
      added = true;
    }
    ObjectNode spec = node.withObjectProperty("spec");
    spec.remove("taints");
    if (!taints.isEmpty()) {
      ArrayNode list = spec.putArray("taints");
      taints.forEach(list::add);
    }
    return changed || (added && removed) ? "modified" : removed ? "untainted" : "tainted";
  }

  private static boolean meant(Change change, JsonNode taint) {
    return Json.text(taint, "key").equals(change.key())
        && (change.effect().isEmpty() || Json.text(taint, "effect").equals(change.effect()));
  }
}
