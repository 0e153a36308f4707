package io.coxswain.controlplane.cel;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime.Program;
import java.util.Map;

/// What some expressions may cost together, and each of them alone, counted as Kubernetes does. So
/// an expression is refused or not by what it does, and not by how busy the machine is. A million
/// takes about a tenth of a second.
///
/// Of one thread.
public final class CostBudget {

  /// One expression.
  private static final long CALL = 1_000_000;

  /// An expression that may not go on.
  public static final class SpentException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean overall;

    private SpentException(String message, boolean overall) {
      super(message);
      this.overall = overall;
    }

    /// Whether nothing is left for others either.
    public boolean isOverall() {
      return overall;
    }
  }

  private long left;

  private CostBudget(long left) {
    this.left = left;
  }

  /// For all rules of a custom object, or all of a policy's expressions about a request.
  public static CostBudget ofObject() {
    return new CostBudget(10_000_000);
  }

  /// For all conditions under which a policy or a webhook is asked.
  public static CostBudget ofConditions() {
    return new CostBudget(2_500_000);
  }

  /// Computes an expression.
  ///
  /// @throws CelEvaluationException when it has no value
  /// @throws SpentException when it costs more than it may, alone or with those before it
  public Object value(Program program, Map<String, ?> variables)
      throws CelEvaluationException, SpentException {
    ActualCost cost = new ActualCost(CALL);
    try {
      Object value = program.trace(variables, cost);
      spend(cost);
      return value;
    } catch (CelEvaluationException | RuntimeException e) {
      spend(cost);
      throw e;
    }
  }

  private void spend(ActualCost cost) throws SpentException {
    left -= cost.spent();
    if (left < 0) {
      throw new SpentException(
          "validation failed due to running out of cost budget, no further validation rules will"
              + " be run",
          true);
    }
    if (cost.isOverLimit()) {
      throw new SpentException("operation cancelled: actual cost limit exceeded", false);
    }
  }
}
