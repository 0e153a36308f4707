package io.coxswain.controlplane.customresource;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import io.coxswain.api.apiextensions.v1.JSON;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How much a rule may cost at most, by how large the schema allows things to be, counted as in
/// Kubernetes: an operation is one, a text costs a tenth of its bytes where it is walked through, a
/// loop its body for each element. What the schema does not bound is as large as fits in a request.
final class RuleCost {

  /// A rule that may cost more is refused, as in Kubernetes.
  static final long MOST = 10_000_000;

  /// All rules of a schema together.
  static final long MOST_TOGETHER = 100_000_000;

  /// What fits in a request, which bounds what nobody else does.
  private static final long REQUEST_BYTES = 3L * 1024 * 1024;

  private static final double WALK = 0.1;
  private static final double PATTERN = 0.25;
  private static final int BYTES_OF_CHARACTER = 4;
  private static final int LIST = 10;
  private static final int MAP = 30;
  private static final int STRUCTURE = 40;

  /// @param size of what comes of an expression: bytes of a text, elements of a list or map, one
  ///   for all else
  private record Estimate(long cost, long size, @Nullable StructuralSchema schema) {

    static Estimate of(long cost, long size) {
      return new Estimate(cost, size, null);
    }

    static Estimate of(long cost, @Nullable StructuralSchema schema) {
      return new Estimate(cost, schema == null ? REQUEST_BYTES : sizeOf(schema), schema);
    }
  }

  private final CelAbstractSyntaxTree tree;
  private final Map<String, Estimate> variables = new HashMap<>();

  private RuleCost(CelAbstractSyntaxTree tree, StructuralSchema self) {
    this.tree = tree;
    variables.put("self", Estimate.of(1, self));
    variables.put("oldSelf", Estimate.of(1, self));
  }

  static long of(CelAbstractSyntaxTree tree, StructuralSchema self) {
    return new RuleCost(tree, self).estimate(tree.getExpr()).cost();
  }

  private static long sizeOf(StructuralSchema schema) {
    return switch (schema.type()) {
      case "string" -> text(schema);
      case "array" -> elements(schema);
      case "object" -> schema.additional().isPresent() ? elements(schema) : 1;
      case "boolean", "integer", "number" -> 1;
      default -> REQUEST_BYTES;
    };
  }

  /// How many bytes a text of the schema may have.
  private static long text(StructuralSchema schema) {
    List<JSON> allowed = schema.props().getEnumList();
    if (!allowed.isEmpty()) {
      return allowed.stream().mapToLong(one -> one.getRaw().size()).max().orElse(1);
    }
    return switch (schema.props().getFormat()) {
      case "date", "date-time", "duration" -> 32;
      default ->
          schema.props().hasMaxLength()
              ? Math.max(1, times(schema.props().getMaxLength(), BYTES_OF_CHARACTER))
              : REQUEST_BYTES;
    };
  }

  /// How many elements a list or map of the schema may have.
  static long elements(StructuralSchema schema) {
    if (schema.props().hasMaxItems()) {
      return Math.max(1, schema.props().getMaxItems());
    }
    if (schema.props().hasMaxProperties()) {
      return Math.max(1, schema.props().getMaxProperties());
    }
    StructuralSchema inner =
        schema.items().or(schema::additional).orElse(StructuralSchema.ANYTHING);
    return REQUEST_BYTES / (schema.additional().isPresent() ? least(inner) + 5 : least(inner) + 1);
  }

  /// The fewest bytes that a value takes.
  private static long least(StructuralSchema schema) {
    return switch (schema.type()) {
      case "object" -> {
        long bytes = 2;
        for (String name : schema.props().getRequiredList()) {
          StructuralSchema member = schema.properties().get(name);
          bytes += name.length() + 4L + (member == null ? 1 : least(member));
        }
        yield bytes;
      }
      case "boolean" -> 4;
      case "string", "array" -> 2;
      default -> 1;
    };
  }

  static long times(long left, long right) {
    return right != 0 && left > Long.MAX_VALUE / right ? Long.MAX_VALUE : left * right;
  }

  static long plus(long left, long right) {
    return left > Long.MAX_VALUE - right ? Long.MAX_VALUE : left + right;
  }

  private static long part(long size, double factor) {
    return (long) Math.ceil(size * factor);
  }

  private Estimate estimate(CelExpr expression) {
    return switch (expression.getKind()) {
      case CONSTANT -> Estimate.of(0, size(expression.constant()));
      case IDENT ->
          variables.getOrDefault(
              expression.ident().name(), Estimate.of(1, unknownSize(expression)));
      case SELECT -> {
        Estimate operand = estimate(expression.select().operand());
        StructuralSchema member = member(operand.schema(), expression.select().field());
        yield member == null
            ? Estimate.of(plus(operand.cost(), 1), unknownSize(expression))
            : Estimate.of(plus(operand.cost(), 1), member);
      }
      case CALL -> call(expression, expression.call());
      case LIST -> {
        List<CelExpr> elements = expression.list().elements();
        yield Estimate.of(plus(LIST, sum(elements)), Math.max(1, elements.size()));
      }
      case MAP -> {
        long sum = MAP;
        for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
          sum = plus(sum, plus(estimate(entry.key()).cost(), estimate(entry.value()).cost()));
        }
        yield Estimate.of(sum, Math.max(1, expression.map().entries().size()));
      }
      case STRUCT, NOT_SET -> Estimate.of(STRUCTURE, 1);
      case COMPREHENSION -> loop(expression, expression.comprehension());
    };
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
        ? Math.max(1, constant.stringValue().length())
        : 1;
  }

  private static @Nullable StructuralSchema member(
      @Nullable StructuralSchema schema, String field) {
    return schema == null
        ? null
        : schema.properties().entrySet().stream()
            .filter(entry -> RuleTypes.escaped(entry.getKey()).equals(field))
            .map(Map.Entry::getValue)
            .findFirst()
            .or(schema::additional)
            .orElse(null);
  }

  private CelKind kind(CelExpr expression) {
    return tree.getType(expression.id()).map(type -> type.kind()).orElse(CelKind.DYN);
  }

  /// Of a value that no schema describes.
  private long unknownSize(CelExpr expression) {
    return switch (kind(expression)) {
      case BOOL, INT, UINT, DOUBLE, NULL_TYPE, TIMESTAMP, DURATION -> 1;
      default -> REQUEST_BYTES;
    };
  }

  private Estimate call(CelExpr expression, CelExpr.CelCall call) {
    List<CelExpr> all =
        call.target().isPresent()
            ? java.util.stream.Stream.concat(
                    java.util.stream.Stream.of(call.target().get()), call.args().stream())
                .toList()
            : List.copyOf(call.args());
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
          Estimate.of(plus(sum, Math.max(1, part(Math.min(first, second), WALK))), 1);
      case "@in", "_in_" ->
          Estimate.of(plus(sum, kind(all.get(1)) == CelKind.MAP ? 1 : Math.max(1, second)), 1);
      case "_+_" ->
          texts && unknownSize(expression) > 1
              ? Estimate.of(plus(sum, part(plus(first, second), WALK)), plus(first, second))
              : Estimate.of(plus(sum, 1), texts ? 1 : plus(first, second));
      case "startsWith", "endsWith" -> Estimate.of(plus(sum, Math.max(1, part(second, WALK))), 1);
      case "contains" ->
          Estimate.of(plus(sum, times(part(first, WALK), Math.max(1, part(second, WALK)))), 1);
      case "matches", "find", "findAll" ->
          Estimate.of(
              plus(sum, times(part(first + 1, WALK), Math.max(1, part(second, PATTERN)))),
              call.function().equals("matches") ? 1 : first);
      case "_[_]", "_[?_]" -> inside(parts.getFirst(), plus(sum, 1), expression);
      case "lowerAscii", "upperAscii", "substring", "trim", "url", "ip", "cidr", "isIP", "isCIDR" ->
          Estimate.of(plus(sum, part(first, WALK)), first);
      case "replace", "split", "join" -> Estimate.of(plus(sum, part(first, 2 * WALK)), first);
      case "isSorted", "sum", "min", "max", "indexOf", "lastIndexOf" ->
          Estimate.of(plus(sum, texts ? part(first, WALK) : first), 1);
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

  private Estimate inside(Estimate holder, long cost, CelExpr expression) {
    Optional<StructuralSchema> inner =
        Optional.ofNullable(holder.schema()).flatMap(schema -> element(schema));
    return inner.isPresent()
        ? Estimate.of(cost, inner.get())
        : Estimate.of(cost, unknownSize(expression));
  }

  private static Optional<StructuralSchema> element(StructuralSchema schema) {
    return schema.items().or(schema::additional);
  }

  private Estimate loop(CelExpr expression, CelExpr.CelComprehension loop) {
    Estimate range = estimate(loop.iterRange());
    Estimate begin = estimate(loop.accuInit());
    Optional<StructuralSchema> element =
        Optional.ofNullable(range.schema()).flatMap(RuleCost::element);
    boolean keys = kind(loop.iterRange()) == CelKind.MAP;
    Map<String, Estimate> outside = new HashMap<>(variables);
    Estimate value = element.map(one -> Estimate.of(1, one)).orElse(Estimate.of(1, REQUEST_BYTES));
    boolean pairs = !loop.iterVar2().isEmpty();
    variables.put(
        loop.iterVar(), keys ? Estimate.of(1, REQUEST_BYTES) : pairs ? Estimate.of(1, 1) : value);
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
