package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime.Program;
import java.util.Map;
import java.util.Optional;

/// An expression that was compiled.
///
/// @param error why it could not be; empty when it could
/// @param type of what comes of it
public record Compiled(String expression, String error, Optional<Program> program, CelType type) {

  private static final String FAILED_FUNCTION = "failed with arg(s)";

  /// An expression that has no value for this request.
  public static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean last;

    FailedException(String message, Throwable cause) {
      super(message, cause);
      this.last = cause instanceof CostBudget.SpentException spent && spent.isOverall();
    }

    /// Whether nothing is left to compute others.
    public boolean isLast() {
      return last;
    }
  }

  public boolean isGood() {
    return program.isPresent();
  }

  /// Computes it.
  ///
  /// @param budget which pays for it
  /// @throws FailedException when there is no value, with a message in Kubernetes' words
  public Object value(Map<String, ?> variables, CostBudget budget) throws FailedException {
    if (program.isEmpty()) {
      throw new FailedException(error, new IllegalStateException(error));
    }
    try {
      return budget.value(program.get(), variables);
    } catch (StackOverflowError e) {
      throw new FailedException(inError("nested too deeply"), e);
    } catch (CostBudget.SpentException e) {
      String why = String.valueOf(e.getMessage());
      throw new FailedException(e.isOverall() ? why : inError(why), e);
    } catch (CelEvaluationException | RuntimeException e) {
      throw new FailedException(inError(reason(e)), e);
    }
  }

  private String inError(String why) {
    return "expression '" + expression + "' resulted in error: " + why;
  }

  private static String reason(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains(FAILED_FUNCTION)) {
      Throwable first = failure;
      while (first.getCause() != null && isAbout(first)) {
        first = first.getCause();
      }
      message = String.valueOf(first.getMessage()); // what the function itself said
    }
    String marker = "evaluation error: ";
    int at = message.indexOf(marker);
    return at < 0 ? message : message.substring(at + marker.length());
  }

  /// Whether it only says that a function failed, and not why.
  private static boolean isAbout(Throwable failure) {
    return failure.getClass().getName().startsWith("dev.cel.")
        || String.valueOf(failure.getMessage()).contains(FAILED_FUNCTION);
  }
}
