package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// `logs`: what containers print.
final class Logs implements Command {

  @Override
  public String name() {
    return "logs";
  }

  @Override
  public String summary() {
    return "show what containers print";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite logs web-1 -f
    kubectl-lite logs deployment/web -c main --tail=20
    kubectl-lite logs web-1 --previous
    kubectl-lite logs -l app=web --prefix\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .toggle("follow", 'f', "go on as lines come")
        .toggle("previous", 'p', "of the container before the last restart")
        .value("container", 'c', "", "the container")
        .toggle("all-containers", ' ', "every container of the pod")
        .toggle("timestamps", ' ', "the time before each line")
        .toggle("prefix", ' ', "pod and container before each line")
        .value("tail", ' ', "-1", "only the last lines; -1 for all")
        .value("since", ' ', "", "only lines of this last while, as 5m")
        .value("since-time", ' ', "", "only lines after this time (RFC 3339)")
        .value("limit-bytes", ' ', "0", "at most so many bytes")
        .value("selector", 'l', "", "of every pod with these labels");
  }

  @Override
  public int run(Session session) {
    List<JsonNode> pods = pods(session);
    boolean prefix = session.options().isSet("prefix");
    for (JsonNode pod : pods) {
      for (String container : containers(session, pod)) {
        one(
            session,
            pod,
            container,
            prefix ? "[pod/" + Json.name(pod) + "/" + container + "] " : "");
      }
    }
    return 0;
  }

  private static List<JsonNode> pods(Session session) {
    List<String> words = session.options().words();
    String selector = session.options().text("selector");
    if (!selector.isEmpty()) {
      if (session.options().isSet("follow")) {
        throw new Failure("error: -f follows one pod: name it, or leave -f out");
      }
      List<JsonNode> pods = new ArrayList<>();
      Kind kind = session.discovery().kind("v1", "Pod");
      Json.at(
              session.api().get(kind.path(session.namespace(), Map.of("labelSelector", selector))),
              "items")
          .forEach(pods::add);
      if (pods.isEmpty()) {
        session.err().println("No resources found in " + session.namespace() + " namespace.");
      }
      return pods;
    }
    if (words.isEmpty() || words.size() > 2) {
      throw new Failure("error: expected POD, KIND/NAME, or -l SELECTOR, and perhaps a container");
    }
    return List.of(Pods.of(session, words.getFirst()));
  }

  private static List<String> containers(Session session, JsonNode pod) {
    if (session.options().isSet("all-containers")) {
      List<String> names = new ArrayList<>();
      for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
        Json.at(pod, "spec", list).forEach(container -> names.add(Json.text(container, "name")));
      }
      return names;
    }
    List<String> words = session.options().words();
    String asked = session.options().find("container").orElse(words.size() > 1 ? words.get(1) : "");
    String chosen = Pods.container(pod, asked);
    if (asked.isEmpty() && Json.at(pod, "spec", "containers").size() > 1) {
      session
          .err()
          .println(
              "Defaulted container \"" + chosen + "\" out of: " + String.join(", ", names(pod)));
    }
    return List.of(chosen);
  }

  static List<String> names(JsonNode pod) {
    List<String> names = new ArrayList<>();
    Json.at(pod, "spec", "containers")
        .forEach(container -> names.add(Json.text(container, "name")));
    Json.at(pod, "spec", "initContainers")
        .forEach(container -> names.add(Json.text(container, "name") + " (init)"));
    return names;
  }

  private static void one(Session session, JsonNode pod, String container, String prefix) {
    Options options = session.options();
    Map<String, String> query = new TreeMap<>();
    query.put("container", container);
    query.put("follow", options.isSet("follow") ? "true" : "");
    query.put("previous", options.isSet("previous") ? "true" : "");
    query.put("timestamps", options.isSet("timestamps") ? "true" : "");
    if (options.number("tail") >= 0) {
      query.put("tailLines", options.text("tail"));
    }
    if (options.number("limit-bytes") > 0) {
      query.put("limitBytes", options.text("limit-bytes"));
    }
    query.put("sinceTime", options.text("since-time"));
    options
        .find("since")
        .map(since -> Session.Durations.parse(since, "since"))
        .map(Duration::toSeconds)
        .ifPresent(seconds -> query.put("sinceSeconds", Long.toString(Math.max(1, seconds))));
    String path =
        session.discovery().kind("v1", "Pod").path(Json.namespace(pod), Json.name(pod))
            + "/log"
            + Api.query(query);
    try (InputStream body = session.api().stream(path)) {
      copy(session, body, prefix);
    } catch (IOException e) {
      throw new Failure("error: the log's stream broke off: " + e.getMessage());
    }
  }

  /// All that a container has printed.
  static void print(Session session, JsonNode pod, String container) {
    String path =
        session.discovery().kind("v1", "Pod").path(Json.namespace(pod), Json.name(pod))
            + "/log"
            + Api.query(Map.of("container", container));
    try (InputStream body = session.api().stream(path)) {
      copy(session, body, "");
    } catch (IOException e) {
      throw new Failure("error: the log's stream broke off: " + e.getMessage());
    }
  }

  private static void copy(Session session, InputStream body, String prefix) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    boolean lineBegins = true;
    byte[] mark = prefix.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      if (prefix.isEmpty()) {
        session.out().write(buffer, 0, count);
      } else {
        for (int i = 0; i < count; i++) {
          if (lineBegins) {
            session.out().write(mark, 0, mark.length);
          }
          session.out().write(buffer[i]);
          lineBegins = buffer[i] == '\n';
        }
      }
      session.out().flush();
    }
  }
}
