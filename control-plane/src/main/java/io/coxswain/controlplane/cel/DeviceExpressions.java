package io.coxswain.controlplane.cel;

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

  private DeviceExpressions() {}

  /// Why an expression chooses no devices; nothing when it does.
  public static Optional<String> problem(String expression) {
    CelValidationResult parsed = COMPILER.parse(expression);
    if (parsed.hasError()) {
      return Optional.of("compilation failed: " + parsed.getErrorString());
    }
    try {
      CelType type = COMPILER.check(parsed.getAst()).getAst().getResultType();
      return type.equals(SimpleType.BOOL) || type.equals(SimpleType.DYN)
          ? Optional.empty()
          : Optional.of("must evaluate to bool or the unknown type, not " + type.name());
    } catch (CelValidationException e) {
      return Optional.of("compilation failed: " + e.getMessage());
    }
  }
}
