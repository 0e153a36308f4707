package io.coxswain.kubectl.resource;

import io.coxswain.kubectl.http.Api;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A kind that the server has.
///
/// @param preferred whether its version is the group's first choice
public record Kind(
    String group,
    String version,
    String kind,
    String plural,
    String singular,
    List<String> shortNames,
    List<String> categories,
    List<String> verbs,
    List<String> subresources,
    boolean namespaced,
    boolean preferred) {

  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /// `deployment.apps`: what stands before the name in `deployment.apps/web created`.
  public String qualifiedSingular() {
    return group.isEmpty() ? singular : singular + "." + group;
  }

  public String qualifiedPlural() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /// The collection's path; an empty namespace means all of them.
  public String path(String namespace) {
    String root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
    return namespaced && !namespace.isEmpty()
        ? root + "/namespaces/" + namespace + "/" + plural
        : root + "/" + plural;
  }

  public String path(String namespace, String name) {
    return path(namespace) + "/" + name;
  }

  /// A collection's path with query parameters in a fixed order.
  public String path(String namespace, Map<String, String> query) {
    return path(namespace) + Api.query(new TreeMap<>(query));
  }

  boolean answersTo(String word) {
    return plural.equals(word)
        || singular.equals(word)
        || shortNames.contains(word)
        || kind.equalsIgnoreCase(word);
  }
}
