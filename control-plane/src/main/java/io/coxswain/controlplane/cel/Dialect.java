package io.coxswain.controlplane.cel;

import dev.cel.common.CelOptions;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeFactory;

/// CEL as all expressions here speak it: how long and deep they may be, the macros, the libraries,
/// and the functions of Kubernetes. Variables and types are each use's own.
public final class Dialect {

  private static final CelOptions OPTIONS =
      CelOptions.current()
          // more than what an expression may cost allows
          .comprehensionMaxIterations(1_000_000)
          .maxParseRecursionDepth(100)
          .maxExpressionCodePointSize(64 * 1024)
          .build();

  private static final Functions FUNCTIONS = new Functions();

  private Dialect() {}

  /// @param types that expressions know by name
  public static CelCompilerBuilder compiler(CelTypeProvider types) {
    return CelCompilerFactory.standardCelCompilerBuilder()
        .setOptions(OPTIONS)
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .setTypeProvider(types)
        .addLibraries(
            CelExtensions.strings(), CelExtensions.sets(OPTIONS), CelExtensions.optional())
        .addFunctionDeclarations(FUNCTIONS.declarations());
  }

  /// Computes what [#compiler] compiled.
  public static CelRuntimeBuilder runtime() {
    return CelRuntimeFactory.legacyCelRuntimeBuilder()
        .setOptions(OPTIONS)
        .setStandardEnvironmentEnabled(false)
        .setStandardFunctions(Functions.standard())
        .addLibraries(
            CelExtensions.strings(), CelExtensions.sets(OPTIONS), CelExtensions.optional())
        .addFunctionBindings(FUNCTIONS.bindings());
  }
}
