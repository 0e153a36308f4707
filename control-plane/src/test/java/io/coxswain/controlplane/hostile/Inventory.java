package io.coxswain.controlplane.hostile;

import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What is stored: where it is, what was there before, and how all else is removed.
final class Inventory {

  /// What would change the fate of later requests.
  private static final List<String> FAR_REACHING =
      List.of(
          "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
          "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
          "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
          "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings");

  private static final List<String> FAR_REACHING_IN_NAMESPACES =
      List.of("resourcequotas", "limitranges");

  private final Target target;
  private final Set<String> before = new TreeSet<>();

  private record Kept(String path, JsonNode tree) {}

  Inventory(Target target) throws IOException, InterruptedException {
    this.target = target;
    for (Kept one : all()) {
      before.add(one.path());
    }
  }

  /// What is nobody's to remove: it was there before, though it may have been made again, or is of
  /// somebody who goes on.
  private boolean stays(Kept one) {
    return before.contains(one.path())
        || one.path().endsWith("/resourcequotas/cap")
        || one.path().contains("/namespaces/" + Bystander.NAMESPACE + "/");
  }

  static String collection(ResourceType<?> type) {
    return (type.group().isEmpty() ? "/api/" : "/apis/") + type.apiVersion() + "/" + type.plural();
  }

  /// @param item as it is in the list
  static String path(String collection, JsonNode item) {
    String namespace = item.at("/metadata/namespace").asString("");
    String name =
        URLEncoder.encode(item.at("/metadata/name").asString(""), StandardCharsets.UTF_8)
            .replace("+", "%20");
    int slash = collection.lastIndexOf('/');
    return namespace.isEmpty()
        ? collection + "/" + name
        : collection.substring(0, slash)
            + "/namespaces/"
            + namespace
            + collection.substring(slash)
            + "/"
            + name;
  }

  private List<Kept> all() throws IOException, InterruptedException {
    List<Kept> all = new ArrayList<>();
    for (ResourceType<?> type : Schema.api().types()) {
      if (type.stored()) {
        String collection = collection(type);
        JsonNode list = Target.tree(target.get(collection, Target.JSON).body());
        for (JsonNode item : list.path("items")) {
          all.add(new Kept(path(collection, item), item));
        }
      }
    }
    return all;
  }

  /// Removes what decides about others.
  void removeFarReaching() throws IOException, InterruptedException {
    for (String path : FAR_REACHING) {
      var _ = target.send("DELETE", path, "");
    }
    for (String namespace : RequestSource.NAMESPACES) {
      for (String plural : FAR_REACHING_IN_NAMESPACES) {
        var _ = target.send("DELETE", "/api/v1/namespaces/%s/%s".formatted(namespace, plural), "");
      }
    }
  }

  /// Removes what was not there before.
  ///
  /// @return what still is, as it goes when controllers have had their turn, if at all
  List<String> removeNew() throws IOException, InterruptedException {
    removeFarReaching();
    List<String> left = new ArrayList<>();
    for (Kept one : all()) {
      if (stays(one)) {
        continue;
      }
      String now = "?gracePeriodSeconds=0&propagationPolicy=Background";
      HttpResponse<byte[]> deleted = target.send("DELETE", one.path() + now, "");
      if (deleted.statusCode() == 404) {
        continue;
      }
      String said = new String(deleted.body(), StandardCharsets.UTF_8);
      left.add(one.path() + ": " + deleted.statusCode() + " " + said);
      if (said.contains("\"finalizers\"") && !said.contains("\"finalizers\":[\"kubernetes\"]")) {
        release(one);
      }
    }
    return left;
  }

  /// Whoever was to do something before it goes is nobody.
  private void release(Kept one) throws IOException, InterruptedException {
    var _ =
        target.send(
            "PATCH",
            one.path(),
            "application/merge-patch+json",
            "{\"metadata\":{\"finalizers\":null}}".getBytes(StandardCharsets.UTF_8),
            Target.JSON);
    if (one.tree().at("/spec/finalizers").size() > 0) {
      ObjectNode namespace = JsonNodeFactory.instance.objectNode();
      namespace.putObject("metadata").set("name", one.tree().at("/metadata/name"));
      namespace.putObject("spec").putArray("finalizers");
      var _ =
          target.send(
              "PUT",
              one.path() + "/finalize",
              new String(Target.json(namespace), StandardCharsets.UTF_8));
    }
  }
}
