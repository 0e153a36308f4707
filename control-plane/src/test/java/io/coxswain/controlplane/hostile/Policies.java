package io.coxswain.controlplane.hostile;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Policies and webhooks with made-up expressions, which hold in one namespace only: what is
/// written there meets them.
final class Policies {

  /// The namespace that they hold in.
  static final String NAMESPACE = "hostile-2";

  private static final String GROUP = "/apis/admissionregistration.k8s.io/v1/";
  private static final List<String> NAMES = List.of("p-0", "p-1", "p-2", "p-3");

  /// @param path of its collection
  record Made(String path, ObjectNode tree) {}

  private final Chance chance;

  private Policies(Chance chance) {
    this.chance = chance;
  }

  static Made random(Chance chance) {
    Policies policies = new Policies(chance);
    return switch (chance.below(7)) {
      case 0, 1 -> policies.policy("Validating");
      case 2 -> policies.policy("Mutating");
      case 3 -> policies.binding("Validating");
      case 4 -> policies.binding("Mutating");
      case 5 -> policies.webhooks("validating");
      default -> policies.webhooks("mutating");
    };
  }

  private static ObjectNode object(String kind, String name) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "admissionregistration.k8s.io/v1").put("kind", kind);
    tree.putObject("metadata").put("name", name);
    return tree;
  }

  private String truth() {
    return Expressions.random(chance, Expressions.OF_ADMISSION);
  }

  private String text() {
    return Expressions.randomText(chance, Expressions.OF_ADMISSION);
  }

  private Made policy(String kind) {
    ObjectNode tree = object(kind + "AdmissionPolicy", chance.of(NAMES));
    ObjectNode spec = tree.putObject("spec");
    spec.put("failurePolicy", chance.of(List.of("Ignore", "Fail")));
    match(spec.putObject("matchConstraints"));
    spec.putArray("variables").addObject().put("name", "x").put("expression", text());
    if (chance.percent(40)) {
      spec.putArray("matchConditions").addObject().put("name", "m").put("expression", truth());
    }
    if (kind.equals("Validating")) {
      ArrayNode validations = spec.putArray("validations");
      int count = 1 + chance.below(4);
      for (int i = 0; i < count; i++) {
        ObjectNode one = validations.addObject().put("expression", truth());
        if (chance.percent(50)) {
          one.put("messageExpression", text());
        }
      }
      if (chance.percent(30)) {
        spec.putArray("auditAnnotations")
            .addObject()
            .put("key", "k")
            .put("valueExpression", text());
      }
    } else {
      spec.put("reinvocationPolicy", chance.of(List.of("Never", "IfNeeded")));
      mutation(spec.putArray("mutations").addObject());
    }
    return new Made(GROUP + kind.toLowerCase(java.util.Locale.ROOT) + "admissionpolicies", tree);
  }

  private void mutation(ObjectNode mutation) {
    if (chance.percent(50)) {
      String path = chance.of(List.of("/data/a", "/metadata/labels", "", "/spec/x/-", "/metadata"));
      mutation.put("patchType", "JSONPatch");
      mutation
          .putObject("jsonPatch")
          .put(
              "expression",
              "[JSONPatch{op: '%s', path: '%s', value: %s}]"
                  .formatted(chance.of(List.of("add", "replace", "remove", "copy")), path, text()));
    } else {
      String field = chance.of(List.of("metadata", "data", "spec", "nope"));
      mutation.put("patchType", "ApplyConfiguration");
      mutation
          .putObject("applyConfiguration")
          .put(
              "expression",
              chance.percent(50)
                  ? "Object{metadata: Object.metadata{labels: {'a': %s}}}".formatted(text())
                  : "Object{%s: %s}".formatted(field, text()));
    }
  }

  private void match(ObjectNode constraints) {
    constraints
        .putObject("namespaceSelector")
        .putObject("matchLabels")
        .put("kubernetes.io/metadata.name", NAMESPACE);
    rules(constraints.putArray("resourceRules"));
  }

  private void rules(ArrayNode rules) {
    ObjectNode rule = rules.addObject();
    rule.putArray("apiGroups").add("*");
    rule.putArray("apiVersions").add("*");
    rule.putArray("operations").add(chance.of(List.of("CREATE", "UPDATE", "*", "DELETE")));
    rule.putArray("resources").add(chance.of(List.of("configmaps", "*", "*/*", "pods", "boats")));
    rule.put("scope", "Namespaced");
  }

  private Made binding(String kind) {
    ObjectNode tree = object(kind + "AdmissionPolicyBinding", chance.of(NAMES));
    ObjectNode spec = tree.putObject("spec").put("policyName", chance.of(NAMES));
    if (kind.equals("Validating")) {
      spec.putArray("validationActions").add(chance.of(List.of("Deny", "Warn", "Audit")));
    }
    spec.putObject("matchResources")
        .putObject("namespaceSelector")
        .putObject("matchLabels")
        .put("kubernetes.io/metadata.name", NAMESPACE);
    return new Made(
        GROUP + kind.toLowerCase(java.util.Locale.ROOT) + "admissionpolicybindings", tree);
  }

  private Made webhooks(String kind) {
    String name = kind.equals("validating") ? "Validating" : "Mutating";
    ObjectNode tree = object(name + "WebhookConfiguration", chance.of(NAMES));
    ObjectNode hook = tree.putArray("webhooks").addObject();
    hook.put("name", "a.b.c").put("sideEffects", "None").put("timeoutSeconds", 1);
    hook.put("failurePolicy", chance.of(List.of("Ignore", "Fail")));
    hook.putArray("admissionReviewVersions").add("v1");
    hook.putObject("clientConfig").put("url", "https://127.0.0.1:1/x");
    hook.putObject("namespaceSelector")
        .putObject("matchLabels")
        .put("kubernetes.io/metadata.name", NAMESPACE);
    hook.putArray("matchConditions").addObject().put("name", "m").put("expression", truth());
    rules(hook.putArray("rules"));
    return new Made(GROUP + kind + "webhookconfigurations", tree);
  }
}
