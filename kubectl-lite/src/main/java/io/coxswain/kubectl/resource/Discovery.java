package io.coxswain.kubectl.resource;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The kinds that the server has. Kept in a file for ten minutes, and asked for again when a word
/// means nothing.
public final class Discovery {

  private static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

  private final Api api;
  private final KeptAnswer kept;
  private List<Kind> kinds = List.of();
  private boolean asked;

  /// @param kept where the answer is kept between commands
  public Discovery(Api api, KeptAnswer kept) {
    this.api = api;
    this.kept = kept;
  }

  public List<Kind> kinds() {
    if (kinds.isEmpty()) {
      kinds = stored().orElseGet(this::ask);
    }
    return kinds;
  }

  public List<Kind> askAgain() {
    if (!asked) {
      kinds = ask();
    }
    return kinds;
  }

  /// Asks the server anew at the next question: it was told of new kinds.
  public void forget() {
    kinds = List.of();
    asked = false;
    kept.write(Json.object().putArray("kinds"));
  }

  /// The kind that a word names: `po`, `pod`, `Pod`, `pods`, `deployments.apps`,
  /// `deployments.v1.apps`.
  ///
  /// @throws Failure when the server has none
  public Kind kind(String word) {
    return find(word)
        .or(() -> isFresh() ? Optional.empty() : again(word))
        .orElseThrow(
            () -> new Failure("error: the server doesn't have a resource type \"" + word + "\""));
  }

  private boolean isFresh() {
    return asked;
  }

  private Optional<Kind> again(String word) {
    askAgain();
    return find(word);
  }

  private Optional<Kind> find(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    int dot = lower.indexOf('.');
    String name = dot < 0 ? lower : lower.substring(0, dot);
    String rest = dot < 0 ? "" : lower.substring(dot + 1);
    Kind best = null;
    for (Kind kind : kinds()) {
      boolean meant =
          kind.answersTo(name)
              && (rest.isEmpty()
                  || kind.group().equals(rest)
                  || (kind.version() + "." + kind.group()).equals(rest));
      if (meant && (best == null || rank(kind, name) < rank(best, name))) {
        best = kind;
      }
    }
    return Optional.ofNullable(best);
  }

  /// The smaller, the likelier it is meant.
  private static int rank(Kind kind, String name) {
    return (kind.preferred() ? 0 : 4)
        + (kind.plural().equals(name) ? 0 : 2)
        + (kind.group().equals("events.k8s.io") ? 1 : 0);
  }

  /// The kinds of a category, as `all`; nothing when no kind is in it.
  public List<Kind> category(String word) {
    return kinds().stream()
        .filter(Kind::preferred)
        .filter(kind -> kind.categories().contains(word))
        .toList();
  }

  /// The kind of a manifest.
  ///
  /// @throws Failure with kubectl's words when the server has none
  public Kind kind(String apiVersion, String kindName) {
    return exact(apiVersion, kindName)
        .or(() -> {
          askAgain();
          return exact(apiVersion, kindName);
        })
        .orElseThrow(() ->
            new Failure(
                "no matches for kind \""
                    + kindName
                    + "\" in version \""
                    + apiVersion
                    + "\""
                    + suggestion(kindName)));
  }

  private Optional<Kind> exact(String apiVersion, String kindName) {
    return kinds().stream()
        .filter(kind -> kind.apiVersion().equals(apiVersion) && kind.kind().equals(kindName))
        .findFirst();
  }

  private String suggestion(String kindName) {
    return kinds().stream()
        .filter(kind -> kind.kind().equalsIgnoreCase(kindName))
        .findFirst()
        .map(kind -> ": the server has " + kind.kind() + " in " + kind.apiVersion())
        .orElse(": see kubectl-lite api-resources for what the server has");
  }

  private Optional<List<Kind>> stored() {
    List<Kind> read = new ArrayList<>();
    kept.read().ifPresent(kinds -> kinds.forEach(node -> read.add(fromFile(node))));
    return read.isEmpty() ? Optional.empty() : Optional.of(read);
  }

  private List<Kind> ask() {
    asked = true;
    List<Kind> answer = new ArrayList<>();
    addGroups(answer, api.get("/api", AGGREGATED), true);
    addGroups(answer, api.get("/apis", AGGREGATED), false);
    store(answer);
    return answer;
  }

  private void addGroups(List<Kind> answer, JsonNode document, boolean core) {
    if (Json.text(document, "kind").equals("APIGroupDiscoveryList")) {
      for (JsonNode group : Json.at(document, "items")) {
        boolean first = true;
        for (JsonNode version : Json.at(group, "versions")) {
          for (JsonNode resource : Json.at(version, "resources")) {
            answer.add(
                fromAggregated(Json.name(group), Json.text(version, "version"), resource, first));
          }
          first = false;
        }
      }
    } else if (core) {
      for (JsonNode version : Json.at(document, "versions")) {
        addPlain(answer, "", version.asString(), "/api/" + version.asString(), true);
      }
    } else {
      for (JsonNode group : Json.at(document, "groups")) {
        String preferred = Json.text(group, "preferredVersion", "version");
        for (JsonNode version : Json.at(group, "versions")) {
          String name = Json.text(version, "version");
          addPlain(
              answer,
              Json.text(group, "name"),
              name,
              "/apis/" + Json.text(version, "groupVersion"),
              name.equals(preferred));
        }
      }
    }
  }

  private static Kind fromAggregated(
      String group, String version, JsonNode resource, boolean preferred) {
    List<String> subresources = new ArrayList<>();
    Json.at(resource, "subresources")
        .forEach(sub -> subresources.add(Json.text(sub, "subresource")));
    String kind = Json.text(resource, "responseKind", "kind");
    String singular = Json.text(resource, "singularResource");
    return new Kind(
        group,
        version,
        kind,
        Json.text(resource, "resource"),
        singular.isEmpty() ? kind.toLowerCase(Locale.ROOT) : singular,
        strings(Json.at(resource, "shortNames")),
        strings(Json.at(resource, "categories")),
        strings(Json.at(resource, "verbs")),
        subresources,
        Json.text(resource, "scope").equals("Namespaced"),
        preferred);
  }

  private void addPlain(
      List<Kind> answer, String group, String version, String path, boolean preferred) {
    JsonNode resources = Json.at(api.get(path), "resources");
    for (JsonNode resource : resources) {
      String name = Json.text(resource, "name");
      if (name.contains("/")) {
        continue;
      }
      List<String> subresources = new ArrayList<>();
      for (JsonNode other : resources) {
        if (Json.text(other, "name").startsWith(name + "/")) {
          subresources.add(Json.text(other, "name").substring(name.length() + 1));
        }
      }
      String kind = Json.text(resource, "kind");
      String singular = Json.text(resource, "singularName");
      answer.add(
          new Kind(
              group,
              version,
              kind,
              name,
              singular.isEmpty() ? kind.toLowerCase(Locale.ROOT) : singular,
              strings(Json.at(resource, "shortNames")),
              strings(Json.at(resource, "categories")),
              strings(Json.at(resource, "verbs")),
              subresources,
              Json.at(resource, "namespaced").asBoolean(false),
              preferred));
    }
  }

  private void store(List<Kind> answer) {
    ArrayNode array = Json.object().putArray("kinds");
    for (Kind kind : answer) {
      ObjectNode node = array.addObject();
      node.put("group", kind.group()).put("version", kind.version()).put("kind", kind.kind());
      node.put("plural", kind.plural()).put("singular", kind.singular());
      node.put("namespaced", kind.namespaced()).put("preferred", kind.preferred());
      kind.shortNames().forEach(node.putArray("shortNames")::add);
      kind.categories().forEach(node.putArray("categories")::add);
      kind.verbs().forEach(node.putArray("verbs")::add);
      kind.subresources().forEach(node.putArray("subresources")::add);
    }
    kept.write(array);
  }

  private static Kind fromFile(JsonNode node) {
    return new Kind(
        Json.text(node, "group"),
        Json.text(node, "version"),
        Json.text(node, "kind"),
        Json.text(node, "plural"),
        Json.text(node, "singular"),
        strings(Json.at(node, "shortNames")),
        strings(Json.at(node, "categories")),
        strings(Json.at(node, "verbs")),
        strings(Json.at(node, "subresources")),
        Json.at(node, "namespaced").asBoolean(false),
        Json.at(node, "preferred").asBoolean(false));
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(node -> strings.add(node.asString()));
    return List.copyOf(strings);
  }
}
