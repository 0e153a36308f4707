package io.coxswain.controlplane.cel;

import static io.coxswain.controlplane.cel.CostFactors.LIST;
import static io.coxswain.controlplane.cel.CostFactors.MAP;
import static io.coxswain.controlplane.cel.CostFactors.STRUCTURE;
import static io.coxswain.controlplane.cel.CostFactors.WALK;
import static io.coxswain.controlplane.cel.CostFactors.pattern;
import static io.coxswain.controlplane.cel.CostFactors.walk;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationListener;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the computing of one expression has cost so far, counted as Kubernetes does: an operation
/// is one; a text costs a tenth of its characters wherever it is walked through; what is made costs
/// more than what is looked at; the question whether somebody may do something costs a third of
/// what an expression may. Ends the computing by an exception when more than a limit was spent.
///
/// Of one thread, for one expression, once.
final class ActualCost implements CelEvaluationListener {

  private static final int AUTHORIZATION = 350_000;

  /// The longest pattern behind a named format.
  private static final int FORMAT_PATTERN = 30;

  /// Bytes of an address.
  private static final int ADDRESS = 16;

  /// Ends an evaluation from within; what it throws in turn is not looked at.
  private static final class EnoughException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EnoughException() {
      super("operation cancelled: actual cost limit exceeded", null, false, false);
    }
  }

  private final long limit;
  private long spent;
  // what came of each expression last, by its number
  private @Nullable Object[] results = new Object[32];

  ActualCost(long limit) {
    this.limit = limit;
  }

  long spent() {
    return spent;
  }

  boolean isOverLimit() {
    return spent > limit;
  }

  @Override
  public void callback(CelExpr expression, Object result) {
    keep(expression.id(), result);
    spent += of(expression, result);
    if (isOverLimit()) {
      throw new EnoughException();
    }
  }

  private void keep(long id, Object result) {
    if (id >= results.length) {
      results = Arrays.copyOf(results, Math.max((int) id + 1, 2 * results.length));
    }
    results[(int) id] = result;
  }

  private long of(CelExpr expression, Object result) {
    return switch (expression.getKind()) {
      case IDENT -> 1;
      case SELECT -> expression.select().testOnly() ? 0 : 1;
      case CALL -> call(expression.call(), result);
      case LIST -> LIST;
      case MAP -> MAP;
      case STRUCT -> STRUCTURE;
      // what is in a loop is told by itself
      case CONSTANT, COMPREHENSION, NOT_SET -> 0;
    };
  }

  private long call(CelExpr.CelCall call, Object result) {
    @Nullable Object first = argument(call, 0);
    @Nullable Object second = argument(call, 1);
    return switch (call.function()) {
      // what was computed of them is told by itself
      case "_&&_", "_||_", "_?_:_" -> 0;
      case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" ->
          walk(Math.min(size(first), size(second)));
      case "_+_" ->
          first instanceof String || first instanceof CelByteString
              ? walk(size(first) + size(second))
              : 1;
      case "@in", "_in_" -> second instanceof Map ? 1 : size(second);
      case "startsWith", "endsWith", "bytes", "format", "strings.quote" -> walk(size(first));
      case "string" -> first instanceof CelByteString ? walk(size(first)) : 1;
      case "contains" -> walk(size(first)) * walk(size(second));
      case "matches", "find", "findAll" -> pattern(size(first), size(second));
      case "validate" -> pattern(size(second), FORMAT_PATTERN);
      case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> traversal(first);
      case "url",
          "lowerAscii",
          "upperAscii",
          "substring",
          "trim",
          "cidr",
          "isIP",
          "isCIDR",
          "quantity",
          "isQuantity",
          "semver",
          "isSemver" ->
          walk(size(first));
      case "ip" -> first instanceof String ? walk(size(first)) : 1;
      case "ip.isCanonical", "replace", "split" -> walk(2 * size(first));
      case "join" -> walk(2 * size(result));
      case "containsIP" -> walk(2 * ADDRESS) + parsed(second);
      case "containsCIDR" -> walk(2 * ADDRESS) + walk(ADDRESS) + 1 + parsed(second);
      case "fieldSelector", "labelSelector" -> LIST + size(second);
      case "check" -> AUTHORIZATION;
      default -> 1;
    };
  }

  private @Nullable Object argument(CelExpr.CelCall call, int index) {
    Optional<CelExpr> target = call.target();
    int at = target.isPresent() ? index - 1 : index;
    if (at < 0) {
      return result(target.orElseThrow());
    }
    return at < call.args().size() ? result(call.args().get(at)) : null;
  }

  private @Nullable Object result(CelExpr expression) {
    return expression.id() < results.length ? results[(int) expression.id()] : null;
  }

  private static long parsed(@Nullable Object other) {
    return other instanceof String ? walk(size(other)) : 0;
  }

  private static long size(@Nullable Object value) {
    return switch (value) {
      case String text -> text.codePointCount(0, text.length());
      case CelByteString bytes -> bytes.size();
      case Collection<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case Optional<?> there when there.isPresent() -> size(there.get());
      case null, default -> 1;
    };
  }

  private static long traversal(@Nullable Object value) {
    return switch (value) {
      case String text -> (long) (text.length() * WALK);
      case CelByteString bytes -> (long) (bytes.size() * WALK);
      case Collection<?> list -> list.stream().mapToLong(ActualCost::traversal).sum();
      case Map<?, ?> map ->
          map.entrySet().stream()
              .mapToLong(entry -> traversal(entry.getKey()) + traversal(entry.getValue()))
              .sum();
      case null, default -> 1;
    };
  }
}
