package io.coxswain.controlplane.customresource;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import java.util.Optional;

/// How many steps a rule may take at most, by how large the schema allows things to be. An estimate
/// by the shape of the expression: each operation counts one, a loop counts its body for each
/// element.
final class RuleCost {

  /// A rule that may cost more is refused, as in Kubernetes.
  static final long MOST = 10_000_000;

  /// What fits in a request.
  private static final long REQUEST_BYTES = 3L * 1024 * 1024;

  private final StructuralSchema self;

  private RuleCost(StructuralSchema self) {
    this.self = self;
  }

  static long of(CelAbstractSyntaxTree tree, StructuralSchema self) {
    return new RuleCost(self).cost(tree.getExpr());
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

  private static long plus(long left, long right) {
    return left > Long.MAX_VALUE - right ? Long.MAX_VALUE : left + right;
  }

  private long cost(CelExpr expression) {
    return switch (expression.getKind()) {
      case SELECT -> plus(1, cost(expression.select().operand()));
      case CALL -> {
        long sum = 1;
        if (expression.call().target().isPresent()) {
          sum = plus(sum, cost(expression.call().target().get()));
        }
        for (CelExpr argument : expression.call().args()) {
          sum = plus(sum, cost(argument));
        }
        yield sum;
      }
      case LIST -> {
        long sum = 1;
        for (CelExpr element : expression.list().elements()) {
          sum = plus(sum, cost(element));
        }
        yield sum;
      }
      case MAP -> {
        long sum = 1;
        for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
          sum = plus(sum, plus(cost(entry.key()), cost(entry.value())));
        }
        yield sum;
      }
      case STRUCT, CONSTANT, IDENT, NOT_SET -> 1;
      case COMPREHENSION -> {
        CelExpr.CelComprehension loop = expression.comprehension();
        long body = plus(cost(loop.loopStep()), cost(loop.loopCondition()));
        yield plus(
            plus(cost(loop.iterRange()), cost(loop.result())), times(size(loop.iterRange()), body));
      }
    };
  }

  private long size(CelExpr range) {
    if (range.getKind() == CelExpr.ExprKind.Kind.LIST) {
      return range.list().elements().size();
    }
    return schemaOf(range).map(RuleCost::elements).orElse(REQUEST_BYTES / 2);
  }

  private Optional<StructuralSchema> schemaOf(CelExpr expression) {
    return switch (expression.getKind()) {
      case IDENT ->
          expression.ident().name().equals("self") || expression.ident().name().equals("oldSelf")
              ? Optional.of(self)
              : Optional.empty();
      case SELECT ->
          schemaOf(expression.select().operand())
              .flatMap(schema ->
                  schema.properties().entrySet().stream()
                      .filter(entry ->
                          RuleTypes.escaped(entry.getKey()).equals(expression.select().field()))
                      .map(java.util.Map.Entry::getValue)
                      .findFirst());
      default -> Optional.empty();
    };
  }
}
