package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.admissionregistration.v1.MatchCondition;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.cel.Compiled;
import io.coxswain.controlplane.cel.CostBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Conditions in CEL that must all hold. Compiled when they are first asked; safe for use by many
/// threads.
final class Conditions {

  /// A condition could not be computed, and whoever made it wants requests refused then.
  static final class UnknownException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownException(List<String> errors) {
      super(errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
    }
  }

  private final List<MatchCondition> conditions;
  private final Set<AdmissionExpressions.Extra> extras;
  private final boolean ignoresFailure;
  private volatile @Nullable List<Compiled> compiled;

  Conditions(
      List<MatchCondition> conditions,
      Set<AdmissionExpressions.Extra> extras,
      boolean ignoresFailure) {
    this.conditions = conditions;
    this.extras = extras;
    this.ignoresFailure = ignoresFailure;
  }

  /// @param variables made only where there are conditions
  boolean hold(Supplier<Map<String, Object>> variables) throws UnknownException {
    if (conditions.isEmpty()) {
      return true;
    }
    Map<String, Object> known = variables.get();
    CostBudget budget = CostBudget.ofConditions();
    List<String> errors = new ArrayList<>();
    for (Compiled condition : compiled()) {
      try {
        if (Boolean.FALSE.equals(condition.value(known, budget))) {
          return false;
        }
      } catch (Compiled.FailedException e) {
        errors.add(String.valueOf(e.getMessage()));
        if (e.isLast()) {
          break;
        }
      }
    }
    if (errors.isEmpty()) {
      return true;
    }
    if (ignoresFailure) {
      return false;
    }
    throw new UnknownException(errors);
  }

  private List<Compiled> compiled() {
    List<Compiled> known = compiled;
    if (known == null) {
      known =
          conditions.stream()
              .map(condition ->
                  AdmissionExpressions.compile(
                      condition.getExpression().strip(),
                      extras,
                      Map.of(),
                      List.of(AdmissionExpressions.BOOL)))
              .toList();
      compiled = known;
    }
    return known;
  }
}
