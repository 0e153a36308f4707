package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// `cluster-info dump`: nodes, and of namespaces the events, workloads and logs, in one stream or
/// in files.
final class ClusterInfoDump implements Command {

  private static final Map<String, List<String>> PARTS = parts();

  private static Map<String, List<String>> parts() {
    Map<String, List<String>> parts = new LinkedHashMap<>();
    parts.put("events", List.of("v1", "Event"));
    parts.put("replication-controllers", List.of("v1", "ReplicationController"));
    parts.put("services", List.of("v1", "Service"));
    parts.put("daemonsets", List.of("apps/v1", "DaemonSet"));
    parts.put("deployments", List.of("apps/v1", "Deployment"));
    parts.put("replicasets", List.of("apps/v1", "ReplicaSet"));
    parts.put("pods", List.of("v1", "Pod"));
    return parts;
  }

  @Override
  public String name() {
    return "cluster-info dump";
  }

  @Override
  public String summary() {
    return "print what helps to find a fault in the cluster";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite cluster-info dump -o yaml
    kubectl-lite cluster-info dump --namespaces default,shop --output-directory=/tmp/cluster
    kubectl-lite cluster-info dump -A\
    """;
  }

  @Override
  public Options declare(Options options) {
    return Printer.declare(options)
        .value("output", 'o', "json", "json or yaml")
        .value("output-directory", ' ', "", "a folder for files, instead of one stream")
        .repeated("namespaces", ' ', "of these; kube-system and the current one when none is given")
        .toggle("all-namespaces", 'A', "of every namespace");
  }

  @Override
  public int run(Session session) {
    Printer printer = Printer.of(session.options());
    String folder = session.options().text("output-directory");
    Kind nodes = session.discovery().kind("v1", "Node");
    write(session, "nodes" + ending(session), printer.print(whole(session, nodes, ""), true));
    for (String namespace : namespaces(session)) {
      namespace(session, namespace, printer);
    }
    if (!folder.isEmpty() && !folder.equals("-")) {
      session.out().println("Cluster info dumped to " + folder);
    }
    return 0;
  }

  private static String ending(Session session) {
    String output = session.options().text("output");
    return output.equals("json") || output.equals("yaml") ? "." + output : ".txt";
  }

  /// With the kind of each item, which lists leave out.
  private static JsonNode whole(Session session, Kind kind, String namespace) {
    JsonNode list = session.api().get(kind.path(namespace));
    Json.at(list, "items").forEach(item -> Get.typed(item, kind));
    return list;
  }

  private static Set<String> namespaces(Session session) {
    Options options = session.options();
    if (options.isSet("all-namespaces")) {
      Set<String> all = new LinkedHashSet<>();
      Kind kind = session.discovery().kind("v1", "Namespace");
      Json.at(session.api().get(kind.path("")), "items").forEach(each -> all.add(Json.name(each)));
      return all;
    }
    List<String> named = options.list("namespaces");
    return new LinkedHashSet<>(
        named.isEmpty() ? List.of("kube-system", session.namespace()) : named);
  }

  private static void namespace(Session session, String namespace, Printer printer) {
    List<JsonNode> pods = new ArrayList<>();
    PARTS.forEach((file, kindName) -> {
      Kind kind = session.discovery().kind(kindName.get(0), kindName.get(1));
      JsonNode list = whole(session, kind, namespace);
      write(session, namespace + "/" + file + ending(session), printer.print(list, true));
      if (file.equals("pods")) {
        Json.at(list, "items").forEach(pods::add);
      }
    });
    for (JsonNode pod : pods) {
      StringBuilder logs = new StringBuilder();
      for (String list : List.of("initContainers", "containers")) {
        Json.at(pod, "spec", list).forEach(each -> logs.append(log(session, pod, each)));
      }
      write(session, namespace + "/" + Json.name(pod) + "/logs.txt", logs.toString());
    }
  }

  private static String log(Session session, JsonNode pod, JsonNode container) {
    String name = Json.text(container, "name");
    String what =
        " logs for container "
            + name
            + " of pod "
            + Json.namespace(pod)
            + "/"
            + Json.name(pod)
            + " ====\n";
    String path =
        session.discovery().kind("v1", "Pod").path(Json.namespace(pod), Json.name(pod))
            + "/log"
            + Api.query(Map.of("container", name));
    String text;
    try {
      text = session.api().text(path);
    } catch (Api.Refusal e) {
      text = "Request log error: " + e.told() + "\n";
    }
    return "==== START" + what + text + "==== END" + what;
  }

  private static void write(Session session, String file, String text) {
    String folder = session.options().text("output-directory");
    if (folder.isEmpty() || folder.equals("-")) {
      session.out().print(text);
      session.out().flush();
      return;
    }
    Path path = session.world().folder().resolve(folder).resolve(file);
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new Failure("error: cannot write " + path + ": " + e.getMessage());
    }
  }
}
