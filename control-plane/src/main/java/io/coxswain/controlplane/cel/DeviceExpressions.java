package io.coxswain.controlplane.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.extensions.CelExtensions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Expressions that choose devices (KEP-4381). They are judged here; nothing computes them yet.
public final class DeviceExpressions {

  /// Attributes are of several types, and which is known when a device is there.
  private static final CelType ATTRIBUTES =
      MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, SimpleType.DYN));

  private static final CelType CAPACITY =
      MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, Functions.QUANTITY));

  private static final CelType DEVICE =
      RequestTypes.structure(
          "kubernetes.DRADevice",
          Map.of(
              "driver",
              SimpleType.STRING,
              "attributes",
              ATTRIBUTES,
              "capacity",
              CAPACITY,
              "allowMultipleAllocations",
              SimpleType.BOOL));

  private static final CelCompiler COMPILER =
      Dialect.compiler(RequestTypes.provider(List.of(DEVICE)))
          .addVar("device", DEVICE)
          .addLibraries(CelExtensions.bindings())
          .build();

  /// What the expression of a device may cost, as in Kubernetes.
  private static final long MOST = 1_000_000;

  /// Attributes and capacities of a device are as many at most, so there are no more domains.
  private static final long MOST_PROPERTIES = 32;

  private static final long LONGEST_DOMAIN = 63;
  private static final long LONGEST_NAME = 32;

  /// Of an attribute that is a text; one that is a list has fewer elements.
  private static final long LONGEST_VALUE = 64;

  private static final Extent EXTENT =
      new Structure(
          Map.of(
              "driver",
              new Value(LONGEST_DOMAIN),
              "attributes",
              byDomain(new Value(LONGEST_VALUE)),
              "capacity",
              byDomain(new Value(1)),
              "allowMultipleAllocations",
              new Value(1)));

  /// Why an expression chooses no devices.
  ///
  /// @param costly whether it could, but may cost more than it is allowed
  public record Problem(String detail, boolean costly) {}

  private record Value(long size) implements Extent {}

  private record Structure(Map<String, Extent> members) implements Extent {
    @Override
    public long size() {
      return 1;
    }

    @Override
    public Optional<Extent> member(String name) {
      return Optional.ofNullable(members.get(name));
    }
  }

  private record Properties(long keySize, Extent each) implements Extent {
    @Override
    public long size() {
      return MOST_PROPERTIES;
    }

    @Override
    public Optional<Extent> element() {
      return Optional.of(each);
    }
  }

  private DeviceExpressions() {}

  private static Extent byDomain(Extent value) {
    return new Properties(LONGEST_DOMAIN, new Properties(LONGEST_NAME, value));
  }

  /// Why an expression chooses no devices; nothing when it does.
  public static Optional<Problem> problem(String expression) {
    CelValidationResult parsed = COMPILER.parse(expression);
    if (parsed.hasError()) {
      return invalid("compilation failed: " + parsed.getErrorString());
    }
    try {
      CelAbstractSyntaxTree tree = COMPILER.check(parsed.getAst()).getAst();
      CelType type = tree.getResultType();
      if (!type.equals(SimpleType.BOOL) && !type.equals(SimpleType.DYN)) {
        return invalid("must evaluate to bool or the unknown type, not " + type.name());
      }
      return cost(tree) > MOST
          ? Optional.of(new Problem("too complex, exceeds cost limit", true))
          : Optional.empty();
    } catch (CelValidationException e) {
      return invalid("compilation failed: " + e.getMessage());
    }
  }

  private static Optional<Problem> invalid(String detail) {
    return Optional.of(new Problem(detail, false));
  }

  private static long cost(CelAbstractSyntaxTree tree) {
    return EstimatedCost.of(tree, Map.of("device", EXTENT));
  }

  /// The most that an expression without problems costs.
  ///
  /// @throws CelValidationException when it is none
  static long cost(String expression) throws CelValidationException {
    return cost(COMPILER.compile(expression).getAst());
  }
}
