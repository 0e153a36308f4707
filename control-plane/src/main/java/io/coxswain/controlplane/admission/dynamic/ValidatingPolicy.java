package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.admissionregistration.v1.AuditAnnotation;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicySpec;
import io.coxswain.api.admissionregistration.v1.Validation;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import io.coxswain.controlplane.cel.Compiled;
import io.coxswain.controlplane.cel.Composition;
import io.coxswain.controlplane.cel.CostBudget;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A policy that judges requests. Compiled when it is first followed; safe for use by many threads.
final class ValidatingPolicy {

  private static final int LONGEST_MESSAGE = 5 * 1024;

  /// What a policy finds wrong.
  ///
  /// @param index of its validation
  /// @param reason as `Invalid`
  record Fault(int index, String message, String reason) {}

  /// What a policy says of one request.
  ///
  /// @param annotations for the audit log, by key
  /// @param refused why it cannot be followed, of a kind that no action can soften
  record Findings(List<Fault> faults, Map<String, String> annotations, List<String> refused) {
    static final Findings NOTHING = new Findings(List.of(), Map.of(), List.of());
  }

  private record Check(Validation validation, Compiled program, Optional<Compiled> message) {}

  private record Program(Composition composition, List<Check> checks, List<Compiled> annotations) {}

  private final ValidatingAdmissionPolicy policy;
  private final Criteria criteria;
  private final Conditions conditions;
  private volatile @Nullable Program program;

  ValidatingPolicy(ValidatingAdmissionPolicy policy) {
    this.policy = policy;
    this.criteria = new Criteria(policy.getSpec().getMatchConstraints());
    this.conditions =
        new Conditions(
            policy.getSpec().getMatchConditionsList(),
            extras(policy.getSpec(), true),
            ignoresFailure());
  }

  static Set<Extra> extras(ValidatingAdmissionPolicySpec spec, boolean authorizer) {
    Set<Extra> extras = EnumSet.noneOf(Extra.class);
    if (spec.hasParamKind()) {
      extras.add(Extra.PARAMS);
    }
    if (authorizer) {
      extras.add(Extra.AUTHORIZER);
    }
    return extras;
  }

  String name() {
    return policy.getMetadata().getName();
  }

  ValidatingAdmissionPolicySpec spec() {
    return policy.getSpec();
  }

  Criteria criteria() {
    return criteria;
  }

  boolean ignoresFailure() {
    return policy.getSpec().getFailurePolicy().equals("Ignore");
  }

  private Program program() {
    Program known = program;
    if (known == null) {
      known = compiled();
      program = known;
    }
    return known;
  }

  private Program compiled() {
    ValidatingAdmissionPolicySpec spec = policy.getSpec();
    Set<Extra> extras = extras(spec, true);
    Composition composition = new Composition(spec.getVariablesList(), extras);
    List<Check> checks = new ArrayList<>();
    for (Validation validation : spec.getValidationsList()) {
      checks.add(
          new Check(
              validation,
              composition.compile(
                  validation.getExpression(), extras, List.of(AdmissionExpressions.BOOL)),
              validation.getMessageExpression().isBlank()
                  ? Optional.empty()
                  : Optional.of(
                      composition.compile(
                          validation.getMessageExpression(),
                          extras(spec, false),
                          List.of(AdmissionExpressions.STRING)))));
    }
    List<Compiled> annotations = new ArrayList<>();
    for (AuditAnnotation annotation : spec.getAuditAnnotationsList()) {
      annotations.add(
          composition.compile(
              annotation.getValueExpression().strip(),
              extras,
              List.of(AdmissionExpressions.STRING, AdmissionExpressions.NULL)));
    }
    return new Program(composition, List.copyOf(checks), List.copyOf(annotations));
  }

  /// Judges one request by one object of parameters. Bounded in what it costs.
  ///
  /// @param variables with `params` where there are any
  Findings judge(Map<String, Object> variables) {
    try {
      if (!conditions.hold(() -> variables)) {
        return Findings.NOTHING;
      }
    } catch (Conditions.UnknownException e) {
      return new Findings(
          ignoresFailure()
              ? List.of()
              : List.of(new Fault(0, String.valueOf(e.getMessage()), "Invalid")),
          Map.of(),
          List.of());
    }
    Program known = program();
    List<String> refused = new ArrayList<>();
    return new Findings(faults(known, variables), annotations(known, variables, refused), refused);
  }

  private List<Fault> faults(Program known, Map<String, Object> variables) {
    CostBudget budget = CostBudget.ofObject();
    Map<String, Object> all = known.composition().over(variables, budget);
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < known.checks().size(); i++) {
      Check check = known.checks().get(i);
      try {
        if (!Boolean.TRUE.equals(check.program().value(all, budget))) {
          faults.add(broken(check, i, all, budget));
        }
      } catch (Compiled.FailedException e) {
        if (!ignoresFailure()) {
          faults.add(new Fault(i, String.valueOf(e.getMessage()), "Invalid"));
        }
        if (e.isLast()) {
          break;
        }
      }
    }
    return faults;
  }

  /// What it has to say to the audit log, paid for by a budget of its own.
  ///
  /// @param refused gets what makes the request fail
  private Map<String, String> annotations(
      Program known, Map<String, Object> variables, List<String> refused) {
    CostBudget budget = CostBudget.ofObject();
    Map<String, Object> all = known.composition().over(variables, budget);
    Map<String, String> annotations = new java.util.TreeMap<>();
    for (int i = 0; i < known.annotations().size(); i++) {
      try {
        Object value = known.annotations().get(i).value(all, budget);
        if (value instanceof String text && !text.isBlank()) {
          annotations.put(policy.getSpec().getAuditAnnotations(i).getKey(), text.strip());
        }
      } catch (Compiled.FailedException e) {
        if (!ignoresFailure()) {
          refused.add(String.valueOf(e.getMessage()));
        }
        if (e.isLast()) {
          break;
        }
      }
    }
    return annotations;
  }

  private static Fault broken(
      Check check, int index, Map<String, Object> variables, CostBudget budget) {
    Validation validation = check.validation();
    String message =
        check
            .message()
            .flatMap(expression -> text(expression, variables, budget))
            .orElseGet(() ->
                validation.getMessage().isBlank()
                    ? "failed expression: " + validation.getExpression().strip()
                    : validation.getMessage().strip());
    return new Fault(
        index, message, validation.getReason().isEmpty() ? "Invalid" : validation.getReason());
  }

  /// One short line, or nothing.
  private static Optional<String> text(
      Compiled expression, Map<String, Object> variables, CostBudget budget) {
    try {
      String text = String.valueOf(expression.value(variables, budget)).strip();
      boolean good = !text.isEmpty() && text.indexOf('\n') < 0 && text.length() <= LONGEST_MESSAGE;
      return good ? Optional.of(text) : Optional.empty();
    } catch (Compiled.FailedException e) {
      return Optional.empty();
    }
  }
}
