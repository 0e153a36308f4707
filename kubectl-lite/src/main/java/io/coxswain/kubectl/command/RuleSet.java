package io.coxswain.kubectl.command;

import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Rules of RBAC, taken apart into single permissions and compared.
final class RuleSet {

  /// One rule. Taken apart it has one of each, and at most one name.
  record Rule(
      List<String> verbs,
      List<String> groups,
      List<String> resources,
      List<String> names,
      List<String> urls) {

    static Rule of(JsonNode rule) {
      return new Rule(
          texts(rule, "verbs"),
          texts(rule, "apiGroups"),
          texts(rule, "resources"),
          texts(rule, "resourceNames"),
          texts(rule, "nonResourceURLs"));
    }

    private static List<String> texts(JsonNode rule, String field) {
      List<String> texts = new ArrayList<>();
      Json.at(rule, field).forEach(each -> texts.add(each.asString()));
      return texts;
    }

    ObjectNode json() {
      ObjectNode rule = Json.object();
      put(rule, "verbs", verbs);
      put(rule, "apiGroups", groups);
      put(rule, "resources", resources);
      put(rule, "resourceNames", names);
      put(rule, "nonResourceURLs", urls);
      return rule;
    }

    private static void put(ObjectNode rule, String field, List<String> texts) {
      if (!texts.isEmpty()) {
        texts.forEach(rule.putArray(field)::add);
      }
    }

    /// Each permission that it gives.
    List<Rule> apart() {
      List<Rule> apart = new ArrayList<>();
      for (String verb : verbs) {
        for (String url : urls) {
          apart.add(new Rule(List.of(verb), List.of(), List.of(), List.of(), List.of(url)));
        }
      }
      for (String group : groups) {
        for (String resource : resources) {
          for (String verb : verbs) {
            for (String name : names.isEmpty() ? List.of("") : names) {
              apart.add(
                  new Rule(
                      List.of(verb),
                      List.of(group),
                      List.of(resource),
                      name.isEmpty() ? List.of() : List.of(name),
                      List.of()));
            }
          }
        }
      }
      return apart;
    }

    /// Whether it gives this permission, too.
    boolean covers(Rule one) {
      if (!has(verbs, one.verbs.getFirst())) {
        return false;
      }
      if (!one.urls.isEmpty()) {
        return urls.stream()
            .anyMatch(url ->
                url.equals(one.urls.getFirst())
                    || (url.endsWith("*")
                        && one.urls.getFirst().startsWith(url.substring(0, url.length() - 1))));
      }
      String resource = one.resources.getFirst();
      int slash = resource.indexOf('/');
      return has(groups, one.groups.getFirst())
          && (has(resources, resource)
              || (slash >= 0 && resources.contains("*" + resource.substring(slash))))
          && (names.isEmpty() || (!one.names.isEmpty() && names.containsAll(one.names)));
    }

    private static boolean has(List<String> list, String text) {
      return list.contains("*") || list.contains(text);
    }

    /// As kubectl prints one.
    @Override
    public String toString() {
      return "{Verbs:"
          + bracketed(verbs)
          + " APIGroups:"
          + bracketed(groups)
          + " Resources:"
          + bracketed(resources)
          + " ResourceNames:"
          + bracketed(names)
          + " NonResourceURLs:"
          + bracketed(urls)
          + "}";
    }
  }

  private RuleSet() {}

  static String bracketed(List<String> texts) {
    return "[" + String.join(" ", texts) + "]";
  }

  /// The permissions of these that none of those gives.
  static List<Rule> missing(List<Rule> wanted, List<Rule> given) {
    return wanted.stream()
        .flatMap(rule -> rule.apart().stream())
        .filter(one -> given.stream().noneMatch(rule -> rule.covers(one)))
        .distinct()
        .toList();
  }

  /// One rule for each resource, with all of its verbs, in kubectl's order.
  static List<Rule> compact(List<Rule> rules) {
    Map<List<List<String>>, List<String>> verbs = new LinkedHashMap<>();
    List<Rule> compact = new ArrayList<>();
    for (Rule rule : rules) {
      for (Rule one : rule.apart()) {
        if (!one.urls().isEmpty()) {
          compact.add(one);
          continue;
        }
        List<String> known =
            verbs.computeIfAbsent(
                List.of(one.groups(), one.resources(), one.names()), _ -> new ArrayList<>());
        if (!known.contains(one.verbs().getFirst())) {
          known.add(one.verbs().getFirst());
        }
      }
    }
    verbs.forEach((key, all) ->
        compact.add(new Rule(List.copyOf(all), key.get(0), key.get(1), key.get(2), List.of())));
    compact.sort(java.util.Comparator.comparing(Rule::toString));
    return compact;
  }
}
