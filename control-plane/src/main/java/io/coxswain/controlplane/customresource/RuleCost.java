package io.coxswain.controlplane.customresource;

import com.google.common.math.LongMath;
import dev.cel.common.CelAbstractSyntaxTree;
import io.coxswain.api.apiextensions.v1.JSON;
import io.coxswain.controlplane.cel.EstimatedCost;
import io.coxswain.controlplane.cel.Extent;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How much a rule may cost at most, by how large the schema allows things to be.
final class RuleCost {

  /// A rule that may cost more is refused, as in Kubernetes.
  static final long MOST = 10_000_000;

  /// All rules of a schema together.
  static final long MOST_TOGETHER = 100_000_000;

  private static final int BYTES_OF_CHARACTER = 4;

  /// What a schema allows.
  private record Allowed(StructuralSchema schema) implements Extent {

    @Override
    public long size() {
      return sizeOf(schema);
    }

    @Override
    public Optional<Extent> member(String name) {
      return schema.properties().entrySet().stream()
          .filter(entry -> RuleTypes.escaped(entry.getKey()).equals(name))
          .map(Map.Entry::getValue)
          .findFirst()
          .or(schema::additional)
          .map(Allowed::new);
    }

    @Override
    public Optional<Extent> element() {
      return schema.items().or(schema::additional).map(Allowed::new);
    }
  }

  private RuleCost() {}

  static long of(CelAbstractSyntaxTree tree, StructuralSchema self) {
    Extent allowed = new Allowed(self);
    return EstimatedCost.of(tree, Map.of("self", allowed, "oldSelf", allowed));
  }

  private static long sizeOf(StructuralSchema schema) {
    return switch (schema.type()) {
      case "string" -> text(schema);
      case "array" -> elements(schema);
      case "object" -> schema.additional().isPresent() ? elements(schema) : 1;
      case "boolean", "integer", "number" -> 1;
      default -> Extent.REQUEST_BYTES;
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
              ? Math.max(
                  1, LongMath.saturatedMultiply(schema.props().getMaxLength(), BYTES_OF_CHARACTER))
              : Extent.REQUEST_BYTES;
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
    return Extent.REQUEST_BYTES
        / (schema.additional().isPresent() ? least(inner) + 5 : least(inner) + 1);
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
}
