package io.coxswain.controlplane.admission;

import io.coxswain.api.admissionregistration.v1.MatchCondition;
import io.coxswain.api.admissionregistration.v1.Rule;
import io.coxswain.api.admissionregistration.v1.RuleWithOperations;
import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.LabelSelectorRequirement;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import io.coxswain.controlplane.cel.Compiled;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What webhooks and policies say alike of the requests that they are about: rules, selectors,
/// conditions.
final class MatchRules {

  private static final int MOST_CONDITIONS = 64;
  private static final Set<String> OPERATIONS =
      Set.of("*", "CONNECT", "CREATE", "DELETE", "UPDATE");
  private static final Pattern QUALIFIED =
      Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final int LONGEST_NAME = 63;

  private MatchRules() {}

  static void check(RuleWithOperations rule, String path, Problems problems) {
    List<String> operations = rule.getOperationsList();
    if (operations.isEmpty()) {
      problems.required(path + ".operations");
    }
    alone(operations, path + ".operations", "operations", problems);
    for (int i = 0; i < operations.size(); i++) {
      if (!OPERATIONS.contains(operations.get(i))) {
        problems.unsupported(path + ".operations[" + i + "]", operations.get(i), OPERATIONS);
      }
    }
    check(rule.getRule(), path, problems);
  }

  private static void check(Rule rule, String path, Problems problems) {
    if (rule.getApiGroupsCount() == 0) {
      problems.required(path + ".apiGroups");
    }
    alone(rule.getApiGroupsList(), path + ".apiGroups", "API groups", problems);
    if (rule.getApiVersionsCount() == 0) {
      problems.required(path + ".apiVersions");
    }
    alone(rule.getApiVersionsList(), path + ".apiVersions", "API versions", problems);
    for (int i = 0; i < rule.getApiVersionsCount(); i++) {
      if (rule.getApiVersions(i).isEmpty()) {
        problems.required(path + ".apiVersions[" + i + "]");
      }
    }
    resources(rule.getResourcesList(), path + ".resources", problems);
  }

  private static void alone(List<String> items, String path, String what, Problems problems) {
    if (items.size() > 1 && items.contains("*")) {
      problems.invalidJson(path, shown(items), "if '*' is present, must not specify other " + what);
    }
  }

  private static void resources(List<String> resources, String path, Problems problems) {
    if (resources.isEmpty()) {
      problems.required(path);
    }
    Set<String> wholeResources = new HashSet<>();
    Set<String> wholeParts = new HashSet<>();
    boolean plain = false;
    for (int i = 0; i < resources.size(); i++) {
      String resource = resources.get(i);
      String at = path + "[" + i + "]";
      if (resource.isEmpty()) {
        problems.required(at);
        continue;
      }
      int slash = resource.indexOf('/');
      if (slash < 0) {
        plain |= !resource.equals("*");
        continue;
      }
      String object = resource.substring(0, slash);
      String part = resource.substring(slash + 1);
      if (wholeResources.contains(object)) {
        problems.invalid(
            at, resource, "if '" + object + "/*' is present, must not specify " + resource);
      }
      if (wholeParts.contains(part)) {
        problems.invalid(
            at, resource, "if '*/" + part + "' is present, must not specify " + resource);
      }
      if (part.equals("*")) {
        wholeResources.add(object);
      }
      if (object.equals("*")) {
        wholeParts.add(part);
      }
    }
    if (resources.size() > 1 && resources.contains("*/*")) {
      problems.invalidJson(
          path, shown(resources), "if '*/*' is present, must not specify other resources");
    }
    if (resources.contains("*") && plain) {
      problems.invalidJson(
          path,
          shown(resources),
          "if '*' is present, must not specify other resources without subresources");
    }
  }

  static void selector(LabelSelector selector, String path, Problems problems) {
    for (int i = 0; i < selector.getMatchExpressionsCount(); i++) {
      LabelSelectorRequirement expression = selector.getMatchExpressions(i);
      String at = path + ".matchExpressions[" + i + "]";
      switch (expression.getOperator()) {
        case "In", "NotIn" -> {
          if (expression.getValuesCount() == 0) {
            problems.required(
                at + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
          }
        }
        case "Exists", "DoesNotExist" -> {
          if (expression.getValuesCount() > 0) {
            problems.forbidden(
                at + ".values",
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
          }
        }
        default ->
            problems.invalid(
                at + ".operator", expression.getOperator(), "not a valid selector operator");
      }
    }
  }

  static void conditions(
      List<MatchCondition> conditions, Set<Extra> extras, String path, Problems problems) {
    if (conditions.size() > MOST_CONDITIONS) {
      problems.tooMany(path, conditions.size(), MOST_CONDITIONS);
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < conditions.size(); i++) {
      MatchCondition condition = conditions.get(i);
      String at = path + "[" + i + "]";
      String expression = condition.getExpression().strip();
      if (expression.isEmpty()) {
        problems.required(at + ".expression");
      } else {
        Compiled compiled =
            AdmissionExpressions.compile(
                expression, extras, Map.of(), List.of(AdmissionExpressions.BOOL));
        if (!compiled.isGood()) {
          problems.invalid(at + ".expression", expression, compiled.error());
        }
      }
      if (condition.getName().isEmpty()) {
        problems.required(at + ".name");
      } else {
        qualified(condition.getName(), at + ".name", problems);
        if (!names.add(condition.getName())) {
          problems.duplicate(at + ".name", condition.getName());
        }
      }
    }
  }

  /// `name`, or `domain/name`.
  static void qualified(String name, String path, Problems problems) {
    int slash = name.indexOf('/');
    String own = name.substring(slash + 1);
    if (slash == 0) {
      problems.invalid(path, name, "prefix part must be non-empty");
    } else if (slash > 0) {
      Names.subdomain(name.substring(0, slash))
          .ifPresent(why -> problems.invalid(path, name, "prefix part " + why));
    }
    if (own.isEmpty()) {
      problems.invalid(path, name, "name part must be non-empty");
    } else if (own.length() > LONGEST_NAME) {
      problems.invalid(path, name, "name part must be no more than 63 characters");
    } else if (!QUALIFIED.matcher(own).matches()) {
      problems.invalid(
          path,
          name,
          "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and"
              + " end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc',"
              + " regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
    }
  }

  /// A list as it is quoted.
  static String shown(List<String> items) {
    return items.stream().map(item -> '"' + item + '"').collect(Collectors.joining(",", "[", "]"));
  }
}
