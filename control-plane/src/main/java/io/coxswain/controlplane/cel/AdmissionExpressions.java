package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Authorizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Compiles expressions about requests: conditions of webhooks, and what policies are made of.
public final class AdmissionExpressions {

  /// What an expression may use beside `object`, `oldObject`, `request` and `namespaceObject`.
  public enum Extra {
    PARAMS,
    AUTHORIZER,
    /// What patches are made of: `Object{}` and `JSONPatch{}`.
    PATCHES
  }

  /// What stands for an object that is not there.
  public static final Object NOTHING = NullValue.NULL_VALUE;

  /// What conditions are.
  public static final CelType BOOL = SimpleType.BOOL;

  public static final CelType STRING = SimpleType.STRING;
  public static final CelType NULL = SimpleType.NULL_TYPE;
  public static final CelType ANY = SimpleType.DYN;

  /// What is laid over an object.
  public static final CelType OBJECT = RequestTypes.structure("Object", Map.of());

  /// Operations of a JSON patch.
  public static final CelType OPERATIONS = ListType.create(PatchTypes.OPERATION);

  private static final AuthorizerFunctions AUTHORIZATION = new AuthorizerFunctions();
  private static final PatchTypes PATCHES = new PatchTypes();

  private static final CelRuntime RUNTIME =
      Dialect.runtime()
          .addFunctionBindings(AUTHORIZATION.bindings())
          .addFunctionBindings(PATCHES.bindings())
          .build();

  private static final Map<Set<Extra>, CelCompiler> PLAIN = new ConcurrentHashMap<>();

  private AdmissionExpressions() {}

  /// Compiles one expression.
  ///
  /// @param variables types of what `variables` has; without any it is not known
  /// @param results types that it may have; without any it may have all
  public static Compiled compile(
      String expression, Set<Extra> extras, Map<String, CelType> variables, List<CelType> results) {
    CelCompiler parser = PLAIN.computeIfAbsent(extras, known -> builder(known, Map.of()).build());
    CelValidationResult parsed = parser.parse(expression);
    if (parsed.hasError()) {
      return failed(expression, "compilation failed: " + parsed.getErrorString());
    }
    try {
      CelCompiler checker = parser;
      if (extras.contains(Extra.PATCHES) || !variables.isEmpty()) {
        CelCompilerBuilder own = builder(extras, variables);
        own.setTypeProvider(RequestTypes.provider(types(extras, variables, parsed.getAst())));
        checker = own.build();
      }
      CelAbstractSyntaxTree tree = checker.check(parsed.getAst()).getAst();
      CelType type = tree.getResultType();
      if (!results.isEmpty() && results.stream().noneMatch(result -> isSame(result, type))) {
        return failed(expression, mismatch(results, type));
      }
      if (extras.contains(Extra.PATCHES)) {
        tree = checker.check(PatchTypes.asMaps(parsed.getAst())).getAst();
      }
      return new Compiled(expression, "", Optional.of(RUNTIME.createProgram(tree)), type);
    } catch (CelValidationException | CelEvaluationException e) {
      return failed(expression, "compilation failed: " + e.getMessage());
    }
  }

  /// Structures go by their names.
  private static boolean isSame(CelType left, CelType right) {
    if (left instanceof ListType one && right instanceof ListType other) {
      return isSame(one.elemType(), other.elemType());
    }
    return left.kind() == CelKind.STRUCT
        ? right.kind() == CelKind.STRUCT && left.name().equals(right.name())
        : left.equals(right);
  }

  private static String mismatch(List<CelType> results, CelType type) {
    return results.size() == 1
        ? "must evaluate to " + results.getFirst().name() + " but got " + type.name()
        : "must evaluate to one of "
            + results.stream().map(CelType::name).collect(Collectors.joining(" ", "[", "]"))
            + " but got "
            + type.name();
  }

  private static Compiled failed(String expression, String error) {
    return new Compiled(expression, error, Optional.empty(), SimpleType.ERROR);
  }

  private static List<CelType> types(
      Set<Extra> extras, Map<String, CelType> variables, CelAbstractSyntaxTree tree)
      throws CelValidationException {
    java.util.ArrayList<CelType> types = new java.util.ArrayList<>();
    if (!variables.isEmpty()) {
      types.add(RequestTypes.structure("kubernetes.variables", variables));
    }
    if (extras.contains(Extra.PATCHES)) {
      types.addAll(PatchTypes.of(tree.getExpr()));
    }
    return types;
  }

  private static CelCompilerBuilder builder(Set<Extra> extras, Map<String, CelType> variables) {
    return builder(extras, variables, SimpleType.DYN);
  }

  /// @param object the type of `object` and `oldObject`
  static CelCompilerBuilder builder(
      Set<Extra> extras, Map<String, CelType> variables, CelType object) {
    CelCompilerBuilder builder =
        Dialect.compiler(RequestTypes.provider(List.of()))
            .addVar("object", object)
            .addVar("oldObject", object)
            .addVar("request", RequestTypes.REQUEST)
            .addVar("namespaceObject", RequestTypes.NAMESPACE);
    if (extras.contains(Extra.PARAMS)) {
      builder.addVar("params", SimpleType.DYN);
    }
    if (extras.contains(Extra.AUTHORIZER)) {
      builder
          .addVar("authorizer", AuthorizerFunctions.AUTHORIZER)
          .addVar("authorizer.requestResource", AuthorizerFunctions.RESOURCE_CHECK)
          .addFunctionDeclarations(AUTHORIZATION.declarations());
    }
    if (extras.contains(Extra.PATCHES)) {
      builder.addFunctionDeclarations(PATCHES.declarations());
    }
    if (!variables.isEmpty()) {
      builder.addVar(
          "variables",
          RequestTypes.structure("kubernetes.variables", ImmutableMap.copyOf(variables)));
    }
    return builder;
  }

  /// The variables by which an expression asks what a user may do.
  ///
  /// @param resource that the request is about, as in its path
  public static Map<String, Object> authorizer(
      Authorizer authorizer,
      User user,
      String group,
      String version,
      String resource,
      String subresource,
      String namespace,
      String name) {
    AuthorizerFunctions.Asker asker = new AuthorizerFunctions.Asker(authorizer, user);
    return Map.of(
        "authorizer",
        asker,
        "authorizer.requestResource",
        new AuthorizerFunctions.ResourceCheck(
            asker, group, version, resource, subresource, namespace, name, ""));
  }
}
