package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `create role` and `create clusterrole`.
final class RoleMaker implements Maker {

  private static final String API = "rbac.authorization.k8s.io/v1";

  private final boolean cluster;

  private RoleMaker(boolean cluster) {
    this.cluster = cluster;
  }

  static RoleMaker ofCluster() {
    return new RoleMaker(true);
  }

  static RoleMaker ofNamespace() {
    return new RoleMaker(false);
  }

  @Override
  public String summary() {
    return "make a " + (cluster ? "clusterrole" : "role") + " of verbs and resources";
  }

  @Override
  public String examples() {
    return (cluster ? "clusterrole" : "role")
        + " reader --verb=get,list,watch --resource=pods,deployments.apps,pods/log";
  }

  @Override
  public Options declare(Options options) {
    options
        .repeated("verb", ' ', "what may be done, as get,list,watch")
        .repeated("resource", ' ', "with what, as pods,deployments.apps,pods/log")
        .repeated("resource-name", ' ', "only with these objects");
    return cluster
        ? options
            .repeated("non-resource-url", ' ', "with paths instead, as /metrics")
            .repeated("aggregation-rule", ' ', "labels of the roles that it is made up of")
        : options;
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    ObjectNode object = Makers.named(API, cluster ? "ClusterRole" : "Role", name);
    if (cluster && !options.all("aggregation-rule").isEmpty()) {
      aggregation(options, object);
      return object;
    }
    ArrayNode rules = object.putArray("rules");
    List<String> verbs = verbs(options);
    List<String> paths = cluster ? options.list("non-resource-url") : List.of();
    if (options.list("resource").isEmpty() && paths.isEmpty()) {
      throw new Failure("error: at least one resource must be specified");
    }
    resources(session)
        .forEach((group, resources) -> {
          ObjectNode rule = rules.addObject();
          rule.putArray("apiGroups").add(group);
          resources.forEach(rule.putArray("resources")::add);
          if (!options.list("resource-name").isEmpty()) {
            options.list("resource-name").forEach(rule.putArray("resourceNames")::add);
          }
          verbs.forEach(rule.putArray("verbs")::add);
        });
    if (!paths.isEmpty()) {
      ObjectNode rule = rules.addObject();
      paths.forEach(rule.putArray("nonResourceURLs")::add);
      verbs.forEach(rule.putArray("verbs")::add);
    }
    return object;
  }

  private static List<String> verbs(Options options) {
    Set<String> verbs = new LinkedHashSet<>(options.list("verb"));
    if (verbs.isEmpty()) {
      throw new Failure("error: at least one verb must be specified");
    }
    return verbs.contains("*") ? List.of("*") : List.copyOf(verbs);
  }

  /// By group, with the names that the server has for them.
  private static Map<String, List<String>> resources(Session session) {
    Map<String, List<String>> groups = new TreeMap<>();
    for (String word : session.options().list("resource")) {
      int slash = word.indexOf('/');
      String resource = slash < 0 ? word : word.substring(0, slash);
      String group = "";
      String plural = resource;
      if (!resource.equals("*")) {
        Kind kind = session.discovery().kind(resource);
        group = kind.group();
        plural = kind.plural();
      }
      String whole = slash < 0 ? plural : plural + word.substring(slash);
      List<String> known = groups.computeIfAbsent(group, _ -> new ArrayList<>());
      if (!known.contains(whole)) {
        known.add(whole);
      }
    }
    return groups;
  }

  private static void aggregation(Options options, ObjectNode object) {
    if (!options.list("verb").isEmpty() || !options.list("resource").isEmpty()) {
      throw new Failure("error: aggregation rule must be specified without --verb and --resource");
    }
    ObjectNode labels =
        object
            .putObject("aggregationRule")
            .putArray("clusterRoleSelectors")
            .addObject()
            .putObject("matchLabels");
    for (String pair : options.list("aggregation-rule")) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new Failure("error: invalid --aggregation-rule \"" + pair + "\", expected key=value");
      }
      labels.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    object.set("rules", Json.object().putArray("none"));
  }
}
