package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What `LOCAL:REMOTE` means for an object: ports of a Service become those of its pod, and names
/// become numbers.
final class PodPorts {

  private record Pair(String local, String remote) {

    static Pair of(String text) {
      int colon = text.indexOf(':');
      return colon < 0 || text.indexOf(':', colon + 1) >= 0
          ? new Pair(text, text)
          : new Pair(text.substring(0, colon), text.substring(colon + 1));
    }

    /// A local port that was not said is the pod's.
    String with(String number) {
      return local.equals(remote) ? number : local + ":" + number;
    }
  }

  private PodPorts() {}

  /// @param object the pod itself, or whose pod it is
  /// @throws Failure for ports that are not there, and for those of UDP
  static List<String> resolve(List<String> ports, JsonNode object, JsonNode pod) {
    boolean service = Json.text(object, "kind").equals("Service");
    List<String> resolved = new ArrayList<>();
    for (String port : ports) {
      resolved.add(service ? ofService(Pair.of(port), object, pod) : ofPod(Pair.of(port), pod));
    }
    return resolved;
  }

  private static String ofPod(Pair pair, JsonNode pod) {
    if (pair.remote().isEmpty()) {
      throw new Failure("error: remote port cannot be empty");
    }
    String number = isNumber(pair.remote()) ? pair.remote() : named(pod, pair.remote());
    List<JsonNode> all = new ArrayList<>();
    Json.at(pod, "spec", "containers").forEach(each -> Json.at(each, "ports").forEach(all::add));
    refuseUdp(all, "containerPort", number, pair.remote());
    return pair.with(number);
  }

  private static String ofService(Pair pair, JsonNode service, JsonNode pod) {
    List<JsonNode> all = new ArrayList<>();
    Json.at(service, "spec", "ports").forEach(all::add);
    String number = pair.remote();
    if (!isNumber(number)) {
      number =
          all.stream()
              .filter(port -> Json.text(port, "name").equals(pair.remote()))
              .map(port -> Json.text(port, "port"))
              .findFirst()
              .orElseThrow(() ->
                  new Failure(
                      "error: Service '"
                          + Json.name(service)
                          + "' does not have a named port '"
                          + pair.remote()
                          + "'"));
    }
    refuseUdp(all, "port", number, pair.remote());
    Pair numbered = pair.local().equals(pair.remote()) ? new Pair(number, number) : pair;
    String target = target(service, all, number, pod);
    return numbered.local().equals(target) ? target : numbered.local() + ":" + target;
  }

  private static String target(
      JsonNode service, List<JsonNode> ports, String number, JsonNode pod) {
    for (JsonNode port : ports) {
      if (Json.text(port, "port").equals(number)) {
        String target = Json.text(port, "targetPort");
        boolean headless = Json.text(service, "spec", "clusterIP").equals("None");
        return headless || target.isEmpty() || target.equals("0")
            ? number
            : isNumber(target) ? target : named(pod, target);
      }
    }
    throw new Failure(
        "error: Service " + Json.name(service) + " does not have a service port " + number);
  }

  private static String named(JsonNode pod, String name) {
    for (String list : List.of("containers", "initContainers")) {
      for (JsonNode container : Json.at(pod, "spec", list)) {
        for (JsonNode port : Json.at(container, "ports")) {
          if (Json.text(port, "name").equals(name)) {
            return Json.text(port, "containerPort");
          }
        }
      }
    }
    throw new Failure(
        "error: Pod '" + Json.name(pod) + "' does not have a named port '" + name + "'");
  }

  private static void refuseUdp(List<JsonNode> ports, String field, String number, String said) {
    boolean udp = false;
    boolean tcp = false;
    for (JsonNode port : ports) {
      if (Json.text(port, field).equals(number)) {
        udp |= Json.text(port, "protocol").equals("UDP");
        tcp |= Json.text(port, "protocol").equals("TCP");
      }
    }
    if (udp && !tcp) {
      throw new Failure("error: UDP protocol is not supported for " + said);
    }
  }

  /// Whatever looks like one: the parser says what is wrong with it.
  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == ':');
  }
}
