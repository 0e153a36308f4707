package io.coxswain.controlplane.cel;

import static io.coxswain.controlplane.cel.CostFactors.LIST;
import static io.coxswain.controlplane.cel.CostFactors.MAP;
import static io.coxswain.controlplane.cel.CostFactors.STRUCTURE;
import static io.coxswain.controlplane.cel.CostFactors.pattern;
import static io.coxswain.controlplane.cel.CostFactors.walk;

import com.google.common.math.LongMath;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// How much an expression may cost at most, by how large its variables may be, counted as in
/// Kubernetes: an operation is one, a text costs a tenth of its bytes where it is walked through, a
/// loop its body for each element. What nothing bounds is as large as fits in a request.
public final class EstimatedCost {

  /// @param size of what comes of an expression: bytes of a text, elements of a list or map, one
  ///   for all else
  /// @param extent where the value is a variable's, or was taken from one
  private record Estimate(long cost, long size, Optional<Extent> extent) {

    static Estimate of(long cost, long size) {
      return new Estimate(cost, size, Optional.empty());
    }

    static Estimate of(long cost, Extent extent) {
      return new Estimate(cost, extent.size(), Optional.of(extent));
    }

    /// As a variable, which is paid for where it is computed.
    Estimate named() {
      return new Estimate(1, size, extent);
    }
  }

  private final CelAbstractSyntaxTree tree;
  private final Map<String, Estimate> variables = new HashMap<>();

  private EstimatedCost(CelAbstractSyntaxTree tree, Map<String, Extent> variables) {
    this.tree = tree;
    variables.forEach((name, extent) -> this.variables.put(name, Estimate.of(1, extent)));
  }

  /// The most that an expression costs; `Long.MAX_VALUE` for anything above.
  ///
  /// @param tree that was checked
  public static long of(CelAbstractSyntaxTree tree, Map<String, Extent> variables) {
    return new EstimatedCost(tree, variables).estimate(tree.getExpr()).cost();
  }

  private static long times(long left, long right) {
    return LongMath.saturatedMultiply(left, right);
  }

  private static long plus(long left, long right) {
    return LongMath.saturatedAdd(left, right);
  }

  private Estimate estimate(CelExpr expression) {
    return switch (expression.getKind()) {
      case CONSTANT -> Estimate.of(0, size(expression.constant()));
      case IDENT ->
          variables.getOrDefault(
              expression.ident().name(), Estimate.of(1, unknownSize(expression)));
      case SELECT -> {
        Estimate operand = estimate(expression.select().operand());
        String name = expression.select().field();
        yield part(
            plus(operand.cost(), expression.select().testOnly() ? 0 : 1),
            operand.extent().flatMap(extent -> extent.member(name)),
            expression);
      }
      case CALL -> call(expression, expression.call());
      case LIST -> {
        List<CelExpr> elements = expression.list().elements();
        yield Estimate.of(plus(LIST, sum(elements)), elements.size());
      }
      case MAP -> {
        long sum = MAP;
        for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
          sum = plus(sum, plus(estimate(entry.key()).cost(), estimate(entry.value()).cost()));
        }
        yield Estimate.of(sum, expression.map().entries().size());
      }
      case STRUCT, NOT_SET -> Estimate.of(STRUCTURE, 1);
      case COMPREHENSION ->
          isBinding(expression.comprehension())
              ? binding(expression.comprehension())
              : loop(expression, expression.comprehension());
    };
  }

  private Estimate part(long cost, Optional<Extent> extent, CelExpr expression) {
    return extent
        .map(known -> Estimate.of(cost, known))
        .orElseGet(() -> Estimate.of(cost, unknownSize(expression)));
  }

  private long sum(List<CelExpr> expressions) {
    long sum = 0;
    for (CelExpr one : expressions) {
      sum = plus(sum, estimate(one).cost());
    }
    return sum;
  }

  private static long size(CelConstant constant) {
    return constant.getKind() == CelConstant.Kind.STRING_VALUE
        ? constant.stringValue().length()
        : 1;
  }

  private CelKind kind(CelExpr expression) {
    return tree.getType(expression.id()).map(type -> type.kind()).orElse(CelKind.DYN);
  }

  /// Of a value of which no extent is known.
  private long unknownSize(CelExpr expression) {
    return switch (kind(expression)) {
      case BOOL, INT, UINT, DOUBLE, NULL_TYPE, TIMESTAMP, DURATION -> 1;
      default -> Extent.REQUEST_BYTES;
    };
  }

  private Estimate call(CelExpr expression, CelExpr.CelCall call) {
    List<CelExpr> all = Stream.concat(call.target().stream(), call.args().stream()).toList();
    List<Estimate> parts = all.stream().map(this::estimate).toList();
    long sum = 0;
    for (Estimate one : parts) {
      sum = plus(sum, one.cost());
    }
    long first = parts.isEmpty() ? 1 : parts.getFirst().size();
    long second = parts.size() < 2 ? 1 : parts.get(1).size();
    boolean texts = !all.isEmpty() && kind(all.getFirst()) != CelKind.LIST;
    return switch (call.function()) {
      case "_&&_", "_||_" -> Estimate.of(sum, 1);
      case "_?_:_" -> choice(parts);
      case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_" ->
          Estimate.of(plus(sum, walk(Math.min(first, second))), 1);
      case "@in", "_in_" -> Estimate.of(plus(sum, kind(all.get(1)) == CelKind.MAP ? 1 : second), 1);
      case "_+_" ->
          texts && unknownSize(expression) > 1
              ? Estimate.of(plus(sum, walk(plus(first, second))), plus(first, second))
              : Estimate.of(plus(sum, 1), texts ? 1 : plus(first, second));
      case "startsWith", "endsWith" -> Estimate.of(plus(sum, walk(second)), 1);
      case "contains" -> Estimate.of(plus(sum, times(walk(first), walk(second))), 1);
      case "matches", "find", "findAll" ->
          Estimate.of(
              plus(sum, pattern(first, second)), call.function().equals("matches") ? 1 : first);
      case "_[_]", "_[?_]" ->
          part(plus(sum, 1), parts.getFirst().extent().flatMap(Extent::element), expression);
      case "lowerAscii", "upperAscii", "substring", "trim", "url", "ip", "cidr", "isIP", "isCIDR" ->
          Estimate.of(plus(sum, walk(first)), first);
      case "quantity", "isQuantity", "semver", "isSemver" -> Estimate.of(plus(sum, walk(first)), 1);
      case "replace", "split", "join" -> Estimate.of(plus(sum, walk(times(2, first))), first);
      case "isSorted", "sum", "min", "max", "indexOf", "lastIndexOf" ->
          Estimate.of(plus(sum, texts ? walk(first) : first), 1);
      default -> Estimate.of(plus(sum, 1), Math.min(first, unknownSize(expression)));
    };
  }

  private static Estimate choice(List<Estimate> parts) {
    Estimate yes = parts.get(1);
    Estimate no = parts.get(2);
    return Estimate.of(
        plus(parts.getFirst().cost(), Math.max(yes.cost(), no.cost())),
        Math.max(yes.size(), no.size()));
  }

  /// `cel.bind` is a loop over nothing, of which only what it starts with and its result count.
  private static boolean isBinding(CelExpr.CelComprehension loop) {
    return loop.iterRange().getKind() == CelExpr.ExprKind.Kind.LIST
        && loop.iterRange().list().elements().isEmpty();
  }

  private Estimate binding(CelExpr.CelComprehension loop) {
    Estimate range = estimate(loop.iterRange());
    Estimate value = estimate(loop.accuInit());
    Map<String, Estimate> outside = new HashMap<>(variables);
    variables.put(loop.accuVar(), value.named());
    Estimate result = estimate(loop.result());
    variables.clear();
    variables.putAll(outside);
    long cost = plus(range.cost(), plus(value.cost(), result.cost()));
    return new Estimate(cost, result.size(), result.extent());
  }

  private Estimate loop(CelExpr expression, CelExpr.CelComprehension loop) {
    Estimate range = estimate(loop.iterRange());
    Estimate begin = estimate(loop.accuInit());
    Map<String, Estimate> outside = new HashMap<>(variables);
    boolean keys = kind(loop.iterRange()) == CelKind.MAP;
    boolean pairs = !loop.iterVar2().isEmpty();
    Estimate value =
        range
            .extent()
            .flatMap(Extent::element)
            .map(one -> Estimate.of(1, one))
            .orElse(Estimate.of(1, Extent.REQUEST_BYTES));
    Estimate key = Estimate.of(1, range.extent().map(Extent::keySize).orElse(Extent.REQUEST_BYTES));
    variables.put(loop.iterVar(), keys ? key : pairs ? Estimate.of(1, 1) : value);
    if (pairs) {
      variables.put(loop.iterVar2(), value);
    }
    boolean list = kind(expression) == CelKind.LIST;
    variables.put(loop.accuVar(), Estimate.of(1, list ? range.size() : 1));
    long body = plus(estimate(loop.loopCondition()).cost(), estimate(loop.loopStep()).cost());
    long cost =
        plus(
            plus(range.cost(), begin.cost()),
            plus(times(range.size(), body), estimate(loop.result()).cost()));
    variables.clear();
    variables.putAll(outside);
    return Estimate.of(cost, list ? range.size() : 1);
  }
}
