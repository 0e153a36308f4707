package io.coxswain.controlplane.audit;

import io.coxswain.client.ApiException;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Reads a policy from a file of Kubernetes' `audit.k8s.io/v1`. Strictly: a rule with a misspelt
/// field would fit more than its author meant.
final class PolicyFile {

  private static final String API_VERSION = "audit.k8s.io/v1";
  private static final String KIND = "Policy";

  private static final Set<String> OF_FILE =
      Set.of("apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields");
  private static final Set<String> OF_RULE =
      Set.of(
          "level",
          "users",
          "userGroups",
          "verbs",
          "resources",
          "namespaces",
          "nonResourceURLs",
          "omitStages",
          "omitManagedFields");
  private static final Set<String> OF_RESOURCES = Set.of("group", "resources", "resourceNames");

  private static final Pattern GROUP =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private final List<String> faults = new ArrayList<>();

  private PolicyFile() {}

  /// @throws IOException when it cannot be read or means nothing; the message names the file and
  ///   everything that is wrong in it, each with its path
  static AuditPolicy read(Path file) throws IOException {
    byte[] text;
    try {
      text = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("The audit policy " + file + " does not exist", e);
    }
    PolicyFile reading = new PolicyFile();
    AuditPolicy policy;
    try {
      YamlDocument document = YamlCodec.parseOne(text);
      reading.faults.addAll(document.duplicates());
      policy = reading.policy(document.content());
    } catch (ApiException e) {
      throw new IOException("The audit policy " + file + ": " + e.getMessage(), e);
    }
    if (!reading.faults.isEmpty()) {
      throw new IOException("The audit policy " + file + ": " + String.join("; ", reading.faults));
    }
    return policy;
  }

  private AuditPolicy policy(JsonNode file) {
    if (!file.path("apiVersion").asString("").equals(API_VERSION)
        || !file.path("kind").asString("").equals(KIND)) {
      faults.add("it must say apiVersion: " + API_VERSION + " and kind: " + KIND);
    }
    checkFields(file, "", OF_FILE);
    List<AuditRule> rules = new ArrayList<>();
    JsonNode list = file.path("rules");
    if (!list.isArray() || list.isEmpty()) {
      faults.add("rules: Required value: without a rule nothing would be told");
    } else {
      for (int i = 0; i < list.size(); i++) {
        rules.add(rule(list.get(i), "rules[" + i + "]"));
      }
    }
    return new AuditPolicy(
        rules, stages(file, "omitStages"), flag(file, "omitManagedFields").orElse(false));
  }

  private AuditRule rule(JsonNode rule, String where) {
    checkFields(rule, where + ".", OF_RULE);
    List<String> urls = urls(rule, where + ".nonResourceURLs");
    List<String> namespaces = texts(rule, "namespaces", where + ".namespaces");
    List<AuditRule.Resources> resources = resources(rule, where + ".resources");
    if (!urls.isEmpty() && (!resources.isEmpty() || !namespaces.isEmpty())) {
      faults.add(
          where
              + ".nonResourceURLs: Invalid value: "
              + quoted(urls)
              + ": rules cannot apply to both regular resources and non-resource URLs");
    }
    return new AuditRule(
        level(rule, where + ".level"),
        texts(rule, "users", where + ".users"),
        texts(rule, "userGroups", where + ".userGroups"),
        texts(rule, "verbs", where + ".verbs"),
        resources,
        namespaces,
        urls,
        stages(rule, where + ".omitStages"),
        flag(rule, where + ".omitManagedFields"));
  }

  private Level level(JsonNode rule, String where) {
    String text = rule.path("level").asString("");
    Optional<Level> level = Level.of(text);
    if (level.isEmpty()) {
      faults.add(
          text.isEmpty()
              ? where + ": Required value"
              : where
                  + ": Unsupported value: \""
                  + text
                  + "\": supported values: "
                  + Level.texts().stream()
                      .map(one -> '"' + one + '"')
                      .collect(Collectors.joining(", ")));
    }
    return level.orElse(Level.NONE);
  }

  private List<String> urls(JsonNode rule, String where) {
    List<String> urls = texts(rule, "nonResourceURLs", where);
    for (int i = 0; i < urls.size(); i++) {
      String url = urls.get(i);
      String invalid = where + "[" + i + "]: Invalid value: \"" + url + "\": ";
      if (!url.equals("*") && !url.startsWith("/")) {
        faults.add(invalid + "non-resource URL rules must begin with a '/' character");
      }
      int star = url.indexOf('*');
      if (star >= 0 && star < url.length() - 1) {
        faults.add(
            invalid + "non-resource URL wildcards '*' must be the final character of the rule");
      }
    }
    return urls;
  }

  private List<AuditRule.Resources> resources(JsonNode rule, String where) {
    List<AuditRule.Resources> all = new ArrayList<>();
    JsonNode list = rule.path("resources");
    if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
      faults.add(where + ": must be a list of groups with their resources");
    }
    for (int i = 0; i < list.size(); i++) {
      String place = where + "[" + i + "]";
      JsonNode one = list.get(i);
      checkFields(one, place + ".", OF_RESOURCES);
      String group = one.path("group").asString("");
      if (!group.isEmpty() && !group.equals("*") && !GROUP.matcher(group).matches()) {
        faults.add(
            place
                + ".group: Invalid value: \""
                + group
                + "\": must be the name of an API group without a version, as apps");
      }
      List<String> resources = texts(one, "resources", place + ".resources");
      List<String> names = texts(one, "resourceNames", place + ".resourceNames");
      if (!names.isEmpty() && resources.isEmpty()) {
        faults.add(
            place
                + ".resourceNames: Invalid value: "
                + quoted(names)
                + ": using resourceNames requires at least one resource");
      }
      all.add(new AuditRule.Resources(group, resources, names));
    }
    return all;
  }

  private Set<Stage> stages(JsonNode node, String where) {
    Set<Stage> stages = EnumSet.noneOf(Stage.class);
    List<String> texts = texts(node, "omitStages", where);
    for (int i = 0; i < texts.size(); i++) {
      Optional<Stage> stage = Stage.of(texts.get(i));
      stage.ifPresent(stages::add);
      if (stage.isEmpty()) {
        faults.add(
            "%s[%d]: Invalid value: \"%s\": allowed stages are %s"
                .formatted(where, i, texts.get(i), String.join(",", Stage.texts())));
      }
    }
    return stages;
  }

  private Optional<Boolean> flag(JsonNode node, String where) {
    JsonNode flag = node.path("omitManagedFields");
    if (flag.isMissingNode() || flag.isNull()) {
      return Optional.empty();
    }
    if (!flag.isBoolean()) {
      faults.add(where + ": must be true or false, not: " + flag);
      return Optional.empty();
    }
    return Optional.of(flag.booleanValue());
  }

  private List<String> texts(JsonNode node, String field, String where) {
    JsonNode list = node.path(field);
    if (list.isMissingNode() || list.isNull()) {
      return List.of();
    }
    if (!list.isArray() || list.valueStream().anyMatch(one -> !one.isString())) {
      faults.add(where + ": must be a list of strings, not: " + list);
      return List.of();
    }
    return list.valueStream().map(JsonNode::stringValue).toList();
  }

  private void checkFields(JsonNode node, String where, Set<String> known) {
    if (!node.isObject()) {
      faults.add(
          (where.isEmpty() ? "" : where.substring(0, where.length() - 1) + ": ")
              + "must be a map, not: "
              + node);
      return;
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!known.contains(field.getKey())) {
        faults.add(
            "unknown field \""
                + where
                + field.getKey()
                + "\": known are "
                + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  private static String quoted(List<String> texts) {
    return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(", ", "[", "]"));
  }
}
