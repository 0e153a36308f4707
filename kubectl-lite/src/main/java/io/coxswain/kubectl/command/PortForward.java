package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.forward.ForwardedPort;
import io.coxswain.kubectl.forward.PortForwarder;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.http.Tunnel;
import io.coxswain.kubectl.resource.Kind;
import io.coxswain.kubectl.resource.Selection;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `port-forward`: local ports that lead to a pod's, as long as the command runs.
final class PortForward implements Command {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  @Override
  public String name() {
    return "port-forward";
  }

  @Override
  public String summary() {
    return "make ports of a pod reachable on this machine";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite port-forward pod/web-1 8080:80
    kubectl-lite port-forward deployment/web 5000 6000
    kubectl-lite port-forward service/web 8443:https
    kubectl-lite port-forward --address localhost,10.19.21.23 web-1 :80\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .repeated("address", ' ', "addresses to listen on, or localhost, which is the default")
        .value("pod-running-timeout", ' ', "1m0s", "how long to wait until a pod runs");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    List<String> words = options.words();
    if (words.size() < 2) {
      throw new Failure(
          "error: TYPE/NAME and list of ports are required for port-forward\n"
              + "See 'kubectl-lite port-forward -h' for help and examples");
    }
    List<String> asked = words.subList(1, words.size());
    JsonNode object = object(session, words.getFirst());
    Instant end =
        session
            .world()
            .clock()
            .instant()
            .plus(
                Session.Durations.parse(
                    options.text("pod-running-timeout"), "pod-running-timeout"));
    JsonNode pod = running(session, pod(session, words.getFirst(), object, end), end);
    List<ForwardedPort> ports =
        PodPorts.resolve(asked, object, pod).stream().map(ForwardedPort::parse).toList();
    return forward(session, pod, ports);
  }

  private static JsonNode object(Session session, String word) {
    Selection selection =
        Selection.single(session.discovery(), List.of(word.contains("/") ? word : "pod/" + word));
    return session.api().get(selection.kind().path(session.namespace(), selection.name()));
  }

  private static JsonNode pod(Session session, String word, JsonNode object, Instant end) {
    if (Json.text(object, "kind").equals("Pod")) {
      return object;
    }
    boolean told = false;
    while (true) {
      Optional<JsonNode> found = Pods.ofOwner(session, word, object);
      if (found.isPresent()) {
        return found.get();
      }
      if (session.world().clock().instant().isAfter(end)) {
        throw new Failure("error: timed out waiting for the condition: no pod of " + word);
      }
      if (!told) {
        session.err().println("Waiting for a pod of " + word + "...");
        told = true;
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_LOOKS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("error: interrupted");
    }
  }

  private static JsonNode running(Session session, JsonNode pod, Instant end) {
    JsonNode[] found = {pod};
    if (isDecided(pod)) {
      return checked(pod);
    }
    session.err().println("Waiting for pod/" + Json.name(pod) + " to run...");
    Await.until(
        session,
        session.discovery().kind("v1", "Pod"),
        Json.namespace(pod),
        Json.name(pod),
        end,
        now -> {
          found[0] = now.orElseThrow(() -> new Failure("error: the pod was deleted"));
          return isDecided(found[0]);
        },
        () -> notRunning(found[0]));
    return checked(found[0]);
  }

  private static boolean isDecided(JsonNode pod) {
    return List.of("Running", "Succeeded", "Failed").contains(Json.text(pod, "status", "phase"));
  }

  private static JsonNode checked(JsonNode pod) {
    if (!Json.text(pod, "status", "phase").equals("Running")) {
      throw new Failure(notRunning(pod));
    }
    return pod;
  }

  private static String notRunning(JsonNode pod) {
    return "error: unable to forward port because pod is not running. Current status="
        + Json.text(pod, "status", "phase");
  }

  private static int forward(Session session, JsonNode pod, List<ForwardedPort> ports) {
    Kind pods = session.discovery().kind("v1", "Pod");
    String path = pods.path(Json.namespace(pod), Json.name(pod)) + "/portforward";
    List<String> addresses = session.options().list("address");
    try (Tunnel tunnel = Tunnel.open(session.api(), path);
        PortForwarder forwarder = new PortForwarder(tunnel, session.out(), session.err())) {
      forwarder.listen(addresses.isEmpty() ? List.of("localhost") : addresses, ports);
      forwarder.awaitEnd();
      throw new Failure("error: lost connection to pod");
    } catch (Api.Refusal e) {
      throw new Failure("error: error upgrading connection: " + e.told());
    } catch (IOException e) {
      throw new Failure("error: error upgrading connection: " + e.getMessage());
    }
  }
}
