package io.coxswain.controlplane.cel;

import dev.cel.common.CelErrorCode;
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
    private final boolean endless;

    FailedException(String message, boolean endless, Throwable cause) {
      super(message, cause);
      this.endless = endless;
    }

    /// There is no time left for more.
    public static FailedException exhausted() {
      String why =
          "validation failed due to running out of cost budget, no further validation rules will"
              + " be run";
      return new FailedException(why, true, new IllegalStateException(why));
    }

    /// Whether it ran over its limit.
    public boolean isEndless() {
      return endless;
    }
  }

  public boolean isGood() {
    return program.isPresent();
  }

  /// Computes it. Bounded in loops.
  ///
  /// @throws FailedException when there is no value, with a message in Kubernetes' words
  public Object value(Map<String, ?> variables) throws FailedException {
    if (program.isEmpty()) {
      throw new FailedException(error, false, new IllegalStateException(error));
    }
    try {
      return program.get().eval(variables);
    } catch (StackOverflowError e) {
      String why = "expression '" + expression + "' resulted in error: nested too deeply";
      throw new FailedException(why, false, e);
    } catch (CelEvaluationException | RuntimeException e) {
      boolean endless =
          e instanceof CelEvaluationException failed
              && failed.getErrorCode() == CelErrorCode.ITERATION_BUDGET_EXCEEDED;
      throw new FailedException(
          "expression '" + expression + "' resulted in error: " + reason(e), endless, e);
    }
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
