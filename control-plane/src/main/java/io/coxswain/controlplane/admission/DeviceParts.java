package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.NodeSelector;
import io.coxswain.api.resource.v1.DeviceClassSpec;
import io.coxswain.api.resource.v1.DeviceConfiguration;
import io.coxswain.api.resource.v1.DeviceSelector;
import io.coxswain.api.resource.v1.DeviceTaint;
import io.coxswain.api.resource.v1.DeviceToleration;
import io.coxswain.api.runtime.RawExtension;
import io.coxswain.client.codec.LabelSyntax;
import io.coxswain.controlplane.cel.DeviceExpressions;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What classes, claims and slices of devices have in common, and classes themselves.
final class DeviceParts {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final int LONGEST_DRIVER = 63;
  private static final int LONGEST_POOL = 253;
  private static final int LONGEST_IDENTIFIER = 32;
  private static final int LONGEST_EXPRESSION = 10 * 1024;
  private static final int MOST_PARAMETERS = 10 * 1024;
  private static final int MOST_SELECTORS = 32;
  static final int MOST_CONFIGURATIONS = 32;
  private static final int MOST_CONDITIONS = 4;

  private DeviceParts() {}

  /// What a class says beyond its schema.
  static void check(DeviceClassSpec spec, Problems problems) {
    selectors(spec.getSelectorsList(), "spec.selectors", problems);
    String at = "spec.config";
    if (fits(spec.getConfigCount(), MOST_CONFIGURATIONS, at, problems)) {
      for (int i = 0; i < spec.getConfigCount(); i++) {
        configuration(spec.getConfig(i).getDeviceConfiguration(), at + "[" + i + "]", problems);
      }
    }
    if (spec.hasExtendedResourceName() && !isExtendedResource(spec.getExtendedResourceName())) {
      problems.invalid(
          "spec.extendedResourceName",
          spec.getExtendedResourceName(),
          "must be a valid extended resource name");
    }
  }

  private static boolean isExtendedResource(String name) {
    return !isNodeResource(name)
        && !name.startsWith("requests.")
        && LabelSyntax.keyProblem("requests." + name).isEmpty();
  }

  /// Whether a resource is one that nodes have by themselves.
  static boolean isNodeResource(String name) {
    return !name.contains("/") || name.contains("kubernetes.io/");
  }

  /// Whether a list is within its bound; one that is not is not looked at any further.
  static boolean fits(int count, int most, String at, Problems problems) {
    if (count > most) {
      problems.tooMany(at, count, most);
    }
    return count <= most;
  }

  static void driver(String name, String at, Problems problems) {
    if (name.isEmpty()) {
      problems.required(at);
      return;
    }
    if (name.length() > LONGEST_DRIVER) {
      problems.tooLong(at, LONGEST_DRIVER);
    }
    Names.subdomain(name.toLowerCase(Locale.ROOT))
        .ifPresent(detail -> problems.invalid(at, name, detail));
  }

  /// Subdomains with slashes between them.
  static void pool(String name, String at, Problems problems) {
    if (name.isEmpty()) {
      problems.required(at);
      return;
    }
    if (name.length() > LONGEST_POOL) {
      problems.tooLong(at, LONGEST_POOL);
    }
    for (String part : name.split("/", -1)) {
      Names.subdomain(part).ifPresent(detail -> problems.invalid(at, part, detail));
    }
  }

  static void label(String name, String at, Problems problems) {
    Names.label(name).ifPresent(detail -> problems.invalid(at, name, detail));
  }

  /// Name of an attribute or a capacity: an identifier, behind a domain where it is not the
  /// driver's own.
  static void qualified(String name, String at, Problems problems) {
    int slash = name.indexOf('/');
    if (slash == 0) {
      problems.invalid(at, "", "the domain must not be empty");
    } else if (slash > 0) {
      driver(name.substring(0, slash), at, problems);
    }
    String identifier = name.substring(slash + 1);
    if (identifier.isEmpty() && slash >= 0) {
      problems.invalid(at, "", "the name must not be empty");
      return;
    }
    if (identifier.length() > LONGEST_IDENTIFIER) {
      problems.tooLong(at, LONGEST_IDENTIFIER);
    }
    if (!IDENTIFIER.matcher(identifier).matches()) {
      problems.invalid(
          at,
          identifier,
          "a valid C identifier must start with alphabetic character or '_', followed by a string"
              + " of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',"
              + " regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')");
    }
  }

  static void fullyQualified(String name, String at, Problems problems) {
    qualified(name, at, problems);
    if (!name.contains("/")) {
      problems.invalid(
          at, name, "a fully qualified name must be a domain and a name separated by a slash");
    }
  }

  static void selectors(List<DeviceSelector> selectors, String path, Problems problems) {
    if (!fits(selectors.size(), MOST_SELECTORS, path, problems)) {
      return;
    }
    for (int i = 0; i < selectors.size(); i++) {
      String at = path + "[" + i + "].cel";
      if (!selectors.get(i).hasCel()) {
        problems.required(at);
        continue;
      }
      String expression = selectors.get(i).getCel().getExpression();
      if (expression.length() > LONGEST_EXPRESSION) {
        problems.tooLong(at + ".expression", LONGEST_EXPRESSION);
      } else {
        DeviceExpressions.problem(expression)
            .ifPresent(problem -> {
              if (problem.costly()) {
                problems.forbidden(at + ".expression", problem.detail());
              } else {
                problems.invalid(at + ".expression", expression, problem.detail());
              }
            });
      }
    }
  }

  static void configuration(DeviceConfiguration configuration, String path, Problems problems) {
    String at = path + ".opaque";
    if (!configuration.hasOpaque()) {
      problems.required(at);
      return;
    }
    driver(configuration.getOpaque().getDriver(), at + ".driver", problems);
    object(configuration.getOpaque().getParameters(), at + ".parameters", problems);
  }

  /// A JSON object of a driver's own.
  static void object(RawExtension raw, String at, Problems problems) {
    if (raw.getRaw().isEmpty()) {
      problems.required(at);
      return;
    }
    if (raw.getRaw().size() > MOST_PARAMETERS) {
      problems.tooLong(at, MOST_PARAMETERS);
      return;
    }
    try {
      JsonNode value = JSON.readTree(raw.getRaw().newInput());
      if (value.isNull()) {
        problems.required(at);
      } else if (!value.isObject()) {
        problems.invalid(at, "<value omitted>", "must be a valid JSON object");
      }
    } catch (JacksonException e) {
      problems.invalid(
          at, "<value omitted>", "error parsing data as JSON: " + e.getOriginalMessage());
    }
  }

  static void toleration(DeviceToleration toleration, String at, Problems problems) {
    String key = toleration.getKey();
    if (!key.isEmpty()) {
      LabelSyntax.keyProblem(key).ifPresent(detail -> problems.invalid(at + ".key", key, detail));
    }
    switch (toleration.getOperator()) {
      case "Exists" -> {
        if (!toleration.getValue().isEmpty()) {
          problems.invalid(
              at + ".value", toleration.getValue(), "must be empty for operator `Exists`");
        }
      }
      case "Equal" -> labelValue(toleration.getValue(), at + ".value", problems);
      case "" -> problems.required(at + ".operator");
      default -> {
        // the schema names the operators
      }
    }
  }

  static void taint(DeviceTaint taint, String at, Problems problems) {
    LabelSyntax.keyProblem(taint.getKey())
        .ifPresent(detail -> problems.invalid(at + ".key", taint.getKey(), detail));
    labelValue(taint.getValue(), at + ".value", problems);
  }

  private static void labelValue(String value, String at, Problems problems) {
    LabelSyntax.valueProblem(value).ifPresent(detail -> problems.invalid(at, value, detail));
  }

  static void nodes(NodeSelector selector, String path, Problems problems) {
    String at = path + ".nodeSelectorTerms";
    if (selector.getNodeSelectorTermsCount() == 0) {
      problems.required(at, "must have at least one node selector term");
    }
    for (int i = 0; i < selector.getNodeSelectorTermsCount(); i++) {
      SchedulingRules.nodeTerm(selector.getNodeSelectorTerms(i), at + "[" + i + "]", problems);
    }
  }

  /// Conditions of a device to wait for, and those by which it has failed: both or none, and each
  /// once.
  static void conditions(
      List<String> awaited, List<String> failures, String path, Problems problems) {
    String good = path + ".bindingConditions";
    String bad = path + ".bindingFailureConditions";
    conditionNames(awaited, good, problems);
    conditionNames(failures, bad, problems);
    for (int i = 0; i < failures.size(); i++) {
      if (awaited.contains(failures.get(i))) {
        problems.invalid(
            bad + "[" + i + "]",
            failures.get(i),
            "bindingFailureConditions must not overlap with bindingConditions");
      }
    }
    if (awaited.isEmpty() && !failures.isEmpty()) {
      problems.invalidJson(
          good, "null", "bindingConditions are required to use bindingFailureConditions");
    }
    if (failures.isEmpty() && !awaited.isEmpty()) {
      problems.invalidJson(
          bad, "null", "bindingFailureConditions are required to use bindingConditions");
    }
  }

  private static void conditionNames(List<String> names, String path, Problems problems) {
    boolean few = fits(names.size(), MOST_CONDITIONS, path, problems);
    Set<String> known = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String at = path + "[" + i + "]";
      String name = names.get(i);
      if (few) {
        LabelSyntax.keyProblem(name).ifPresent(detail -> problems.invalid(at, name, detail));
      }
      if (!known.add(name)) {
        problems.duplicate(at, name);
      }
    }
  }
}
