package io.coxswain.controlplane.admission;

import dev.cel.common.types.CelType;
import io.coxswain.api.admissionregistration.v1.AuditAnnotation;
import io.coxswain.api.admissionregistration.v1.MatchResources;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicySpec;
import io.coxswain.api.admissionregistration.v1.Mutation;
import io.coxswain.api.admissionregistration.v1.NamedRuleWithOperations;
import io.coxswain.api.admissionregistration.v1.ParamKind;
import io.coxswain.api.admissionregistration.v1.ParamRef;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicySpec;
import io.coxswain.api.admissionregistration.v1.Validation;
import io.coxswain.api.admissionregistration.v1.Variable;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import io.coxswain.controlplane.cel.Compiled;
import io.coxswain.controlplane.cel.Composition;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Admission policies and their bindings: what must hold between their fields, and that their
/// expressions compile.
final class AdmissionPolicyRules {

  private static final int MOST_ANNOTATIONS = 20;
  private static final int LONGEST_ANNOTATION = 5 * 1024;
  private static final Pattern IDENTIFIER = Pattern.compile("[_a-zA-Z][_a-zA-Z0-9]*");
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");
  private static final Set<String> REASONS =
      Set.of("Forbidden", "Invalid", "RequestEntityTooLarge");
  private static final Set<String> ACTIONS = Set.of("Audit", "Deny", "Warn");
  private static final Set<String> PATCHES = Set.of("ApplyConfiguration", "JSONPatch");
  private static final Set<String> MUTABLE = Set.of("*", "CONNECT", "CREATE", "UPDATE");

  private AdmissionPolicyRules() {}

  static void check(ValidatingAdmissionPolicy policy, Problems problems) {
    ValidatingAdmissionPolicySpec spec = policy.getSpec();
    Set<Extra> extras = extras(spec.hasParamKind());
    if (spec.hasParamKind()) {
      paramKind(spec.getParamKind(), problems);
    }
    constraints(spec.hasMatchConstraints(), spec.getMatchConstraints(), problems);
    MatchRules.conditions(spec.getMatchConditionsList(), extras, "spec.matchConditions", problems);
    Composition composition = variables(spec.getVariablesList(), extras, problems);
    if (spec.getValidationsCount() == 0 && spec.getAuditAnnotationsCount() == 0) {
      String why = "validations or auditAnnotations must contain at least one item";
      problems.required("spec.validations", why);
      problems.required("spec.auditAnnotations", why);
    }
    for (int i = 0; i < spec.getValidationsCount(); i++) {
      validation(
          spec.getValidations(i), composition, extras, "spec.validations[" + i + "]", problems);
    }
    annotations(policy, composition, extras, problems);
  }

  private static Set<Extra> extras(boolean params) {
    return params ? EnumSet.of(Extra.AUTHORIZER, Extra.PARAMS) : EnumSet.of(Extra.AUTHORIZER);
  }

  private static void paramKind(ParamKind kind, Problems problems) {
    String path = "spec.paramKind";
    String version = kind.getApiVersion();
    if (version.isEmpty()) {
      problems.required(path + ".apiVersion");
    } else if (version.indexOf('/') != version.lastIndexOf('/')) {
      problems.invalid(path + ".apiVersion", version, "unexpected GroupVersion string: " + version);
    } else {
      int slash = version.indexOf('/');
      String group = slash < 0 ? "" : version.substring(0, slash);
      String own = version.substring(slash + 1);
      if (!group.isEmpty()) {
        Names.subdomain(group).ifPresent(why -> problems.invalid(path + ".apiVersion", group, why));
      }
      if (own.isEmpty()) {
        problems.invalid(path + ".apiVersion", version, "version must be specified");
      } else {
        Names.label(own).ifPresent(why -> problems.invalid(path + ".apiVersion", own, why));
      }
    }
    if (kind.getKind().isEmpty()) {
      problems.required(path + ".kind");
    } else {
      Names.label(kind.getKind().toLowerCase(Locale.ROOT))
          .ifPresent(why ->
              problems.invalid(
                  path + ".kind",
                  kind.getKind(),
                  "may have mixed case, but should otherwise match: " + why));
    }
  }

  private static void constraints(boolean there, MatchResources resources, Problems problems) {
    if (!there) {
      problems.required("spec.matchConstraints");
      return;
    }
    resources(resources, "spec.matchConstraints", problems);
    if (resources.getResourceRulesCount() == 0) {
      problems.required("spec.matchConstraints.resourceRules");
    }
  }

  private static void resources(MatchResources resources, String path, Problems problems) {
    MatchRules.selector(resources.getNamespaceSelector(), path + ".namespaceSelector", problems);
    MatchRules.selector(resources.getObjectSelector(), path + ".objectSelector", problems);
    rules(resources.getResourceRulesList(), path + ".resourceRules", problems);
    rules(resources.getExcludeResourceRulesList(), path + ".excludeResourceRules", problems);
  }

  private static void rules(List<NamedRuleWithOperations> rules, String path, Problems problems) {
    for (int i = 0; i < rules.size(); i++) {
      String at = path + "[" + i + "]";
      Set<String> names = new HashSet<>();
      for (int j = 0; j < rules.get(i).getResourceNamesCount(); j++) {
        String name = rules.get(i).getResourceNames(j);
        String place = at + ".resourceNames[" + j + "]";
        Names.pathSegment(name).ifPresent(why -> problems.invalid(place, name, why));
        if (!names.add(name)) {
          problems.duplicate(place, name);
        }
      }
      MatchRules.check(rules.get(i).getRuleWithOperations(), at, problems);
    }
  }

  private static Composition variables(
      List<Variable> variables, Set<Extra> extras, Problems problems) {
    Composition composition = new Composition(variables, extras);
    for (int i = 0; i < variables.size(); i++) {
      String path = "spec.variables[" + i + "]";
      String name = variables.get(i).getName();
      String expression = variables.get(i).getExpression();
      if (name.isBlank()) {
        problems.required(path + ".name", "name is not specified");
      } else if (!IDENTIFIER.matcher(name).matches() || RESERVED.contains(name)) {
        problems.invalid(path + ".name", name, "must be a valid CEL identifier");
      }
      if (expression.isBlank()) {
        problems.required(path + ".expression", "expression is not specified");
      } else if (!composition.error(name).isEmpty()) {
        problems.invalid(path + ".expression", expression, composition.error(name));
      }
    }
    return composition;
  }

  private static void validation(
      Validation validation,
      Composition composition,
      Set<Extra> extras,
      String path,
      Problems problems) {
    if (validation.getExpression().isBlank()) {
      problems.required(path + ".expression", "expression is not specified");
    } else {
      expression(
          composition,
          validation.getExpression(),
          extras,
          List.of(AdmissionExpressions.BOOL),
          path + ".expression",
          problems);
    }
    String made = validation.getMessageExpression();
    if (!made.isEmpty() && made.isBlank()) {
      problems.invalid(path + ".messageExpression", made, "must be non-empty if specified");
    } else if (!made.isEmpty()) {
      Set<Extra> fewer = EnumSet.copyOf(extras);
      fewer.remove(Extra.AUTHORIZER);
      expression(
          composition,
          made,
          fewer,
          List.of(AdmissionExpressions.STRING),
          path + ".messageExpression",
          problems);
    }
    String message = validation.getMessage();
    if (!message.isEmpty() && message.isBlank()) {
      problems.invalid(path + ".message", message, "must be non-empty if specified");
    } else if (message.strip().indexOf('\n') >= 0 || message.strip().indexOf('\r') >= 0) {
      problems.invalid(path + ".message", message, "must not contain line breaks");
    }
    if (validation.hasReason() && !REASONS.contains(validation.getReason())) {
      problems.unsupported(path + ".reason", validation.getReason(), REASONS);
    }
  }

  private static void expression(
      Composition composition,
      String expression,
      Set<Extra> extras,
      List<CelType> results,
      String path,
      Problems problems) {
    Compiled compiled = composition.compile(expression, extras, results);
    if (!compiled.isGood()) {
      problems.invalid(path, expression, compiled.error());
    }
  }

  private static void annotations(
      ValidatingAdmissionPolicy policy,
      Composition composition,
      Set<Extra> extras,
      Problems problems) {
    List<AuditAnnotation> annotations = policy.getSpec().getAuditAnnotationsList();
    String path = "spec.auditAnnotations";
    if (annotations.size() > MOST_ANNOTATIONS) {
      problems.invalidJson(
          path, "[…]", "must not have more than " + MOST_ANNOTATIONS + " auditAnnotations");
      return;
    }
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < annotations.size(); i++) {
      String at = path + "[" + i + "]";
      AuditAnnotation annotation = annotations.get(i);
      MatchRules.qualified(
          policy.getMetadata().getName() + "/" + annotation.getKey(), at + ".key", problems);
      if (!keys.add(annotation.getKey())) {
        problems.duplicate(at + ".key", annotation.getKey());
      }
      String value = annotation.getValueExpression().strip();
      if (value.isEmpty()) {
        problems.required(at + ".valueExpression", "valueExpression is not specified");
      } else if (value.length() > LONGEST_ANNOTATION) {
        problems.required(
            at + ".valueExpression", "must not exceed " + LONGEST_ANNOTATION + " bytes in length");
      } else {
        expression(
            composition,
            value,
            extras,
            List.of(AdmissionExpressions.STRING, AdmissionExpressions.NULL),
            at + ".valueExpression",
            problems);
      }
    }
  }

  static void check(ValidatingAdmissionPolicyBinding binding, Problems problems) {
    var spec = binding.getSpec();
    policyName(spec.getPolicyName(), problems);
    if (spec.hasParamRef()) {
      paramRef(spec.getParamRef(), problems);
    }
    resources(spec.getMatchResources(), "spec.matchResources", problems);
    List<String> actions = spec.getValidationActionsList();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < actions.size(); i++) {
      String at = "spec.validationActions[" + i + "]";
      if (!ACTIONS.contains(actions.get(i))) {
        problems.unsupported(at, actions.get(i), ACTIONS);
      }
      if (!seen.add(actions.get(i))) {
        problems.duplicate(at, actions.get(i));
      }
    }
    if (seen.contains("Deny") && seen.contains("Warn")) {
      problems.invalidJson(
          "spec.validationActions",
          MatchRules.shown(actions),
          "must not contain both Deny and Warn (repeating the same validation failure information"
              + " in the API response and headers serves no purpose)");
    }
    if (seen.isEmpty()) {
      problems.required("spec.validationActions", "at least one validation action is required");
    }
  }

  private static void policyName(String name, Problems problems) {
    if (name.isEmpty()) {
      problems.required("spec.policyName");
    } else {
      Names.subdomain(name).ifPresent(why -> problems.invalid("spec.policyName", name, why));
    }
  }

  private static void paramRef(ParamRef reference, Problems problems) {
    String path = "spec.paramRef";
    String name = reference.getName();
    String both = "name and selector are mutually exclusive";
    if (!name.isEmpty()) {
      Names.pathSegment(name).ifPresent(why -> problems.invalid(path + ".name", name, why));
      if (reference.hasSelector()) {
        problems.forbidden(path + ".name", both);
        problems.forbidden(path + ".selector", both);
      }
    } else if (!reference.hasSelector()) {
      problems.required(path, "one of name or selector must be specified");
    }
    MatchRules.selector(reference.getSelector(), path + ".selector", problems);
    if (reference.getParameterNotFoundAction().isEmpty()) {
      problems.required(path + ".parameterNotFoundAction");
    }
  }

  static void check(MutatingAdmissionPolicy policy, Problems problems) {
    MutatingAdmissionPolicySpec spec = policy.getSpec();
    Set<Extra> extras = extras(spec.hasParamKind());
    if (spec.hasParamKind()) {
      paramKind(spec.getParamKind(), problems);
    }
    constraints(spec.hasMatchConstraints(), spec.getMatchConstraints(), problems);
    mutable(spec.getMatchConstraints(), "spec.matchConstraints", problems);
    MatchRules.conditions(spec.getMatchConditionsList(), extras, "spec.matchConditions", problems);
    Composition composition = variables(spec.getVariablesList(), extras, problems);
    if (spec.getMutationsCount() == 0) {
      problems.required("spec.mutations", "mutations must contain at least one item");
    }
    extras.add(Extra.PATCHES);
    for (int i = 0; i < spec.getMutationsCount(); i++) {
      mutation(spec.getMutations(i), composition, extras, "spec.mutations[" + i + "]", problems);
    }
    if (spec.getReinvocationPolicy().isEmpty()) {
      problems.required("spec.reinvocationPolicy");
    } else if (!Set.of("IfNeeded", "Never").contains(spec.getReinvocationPolicy())) {
      problems.unsupported(
          "spec.reinvocationPolicy",
          spec.getReinvocationPolicy(),
          new TreeSet<>(Set.of("IfNeeded", "Never")));
    }
  }

  /// What is deleted cannot be changed.
  private static void mutable(MatchResources resources, String path, Problems problems) {
    for (NamedRuleWithOperations rule : resources.getResourceRulesList()) {
      for (String operation : rule.getRuleWithOperations().getOperationsList()) {
        if (!MUTABLE.contains(operation)) {
          problems.unsupported(path + ".resourceRules.operations", operation, MUTABLE);
        }
      }
    }
  }

  private static void mutation(
      Mutation mutation,
      Composition composition,
      Set<Extra> extras,
      String path,
      Problems problems) {
    switch (mutation.getPatchType()) {
      case "" -> problems.required(path + ".patchType");
      case "JSONPatch" -> {
        if (!mutation.hasJsonPatch()) {
          problems.required(path + ".jsonPatch", "must be specified when patchType is JSONPatch");
        } else {
          change(
              mutation.getJsonPatch().getExpression(),
              composition,
              extras,
              AdmissionExpressions.OPERATIONS,
              path + ".jsonPatch",
              problems);
        }
        if (mutation.hasApplyConfiguration()) {
          problems.invalid(
              path + ".applyConfiguration",
              "{applyConfiguration}",
              "must not be specified when patchType is JSONPatch");
        }
      }
      case "ApplyConfiguration" -> {
        if (!mutation.hasApplyConfiguration()) {
          problems.required(
              path + ".applyConfiguration",
              "must be specified when patchType is ApplyConfiguration");
        } else {
          change(
              mutation.getApplyConfiguration().getExpression(),
              composition,
              extras,
              AdmissionExpressions.OBJECT,
              path + ".applyConfiguration",
              problems);
        }
        if (mutation.hasJsonPatch()) {
          problems.invalid(
              path + ".jsonPatch",
              "{jsonPatch}",
              "must not be specified when patchType is ApplyConfiguration");
        }
      }
      default -> problems.unsupported(path + ".patchType", mutation.getPatchType(), PATCHES);
    }
  }

  private static void change(
      String expression,
      Composition composition,
      Set<Extra> extras,
      CelType result,
      String path,
      Problems problems) {
    if (expression.isBlank()) {
      problems.required(path + ".expression");
    } else {
      expression(
          composition, expression.strip(), extras, List.of(result), path + ".expression", problems);
    }
  }

  static void check(MutatingAdmissionPolicyBinding binding, Problems problems) {
    var spec = binding.getSpec();
    policyName(spec.getPolicyName(), problems);
    if (spec.hasParamRef()) {
      paramRef(spec.getParamRef(), problems);
    }
    resources(spec.getMatchResources(), "spec.matchResources", problems);
    mutable(spec.getMatchResources(), "spec.matchResources", problems);
  }
}
