package io.coxswain.controlplane.customresource;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntime.Program;
import io.coxswain.api.apiextensions.v1.ValidationRule;
import io.coxswain.controlplane.cel.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Compiles the rules of a schema. Nothing of CEL is loaded before the first schema that has any.
final class RuleCompiler {

  private static final Pattern OLD = Pattern.compile("\\boldSelf\\b");

  private static final CelRuntime RUNTIME = Dialect.runtime().build();

  /// An expression that is none.
  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String errors) {
      super("Syntax error: " + errors);
    }
  }

  private RuleCompiler() {}

  /// The rules that stand at a schema itself.
  ///
  /// @param whole whether it is of a whole object
  static List<Rule> compile(StructuralSchema schema, boolean whole) {
    if (schema.props().getXKubernetesValidationsCount() == 0) {
      return List.of();
    }
    RuleTypes types = new RuleTypes();
    CelType self = types.of(schema, whole);
    CelCompiler plain = compiler(types, self, self);
    CelCompiler optional = compiler(types, self, OptionalType.create(self));
    List<Rule> rules = new ArrayList<>();
    for (ValidationRule rule : schema.props().getXKubernetesValidationsList()) {
      rules.add(compile(rule, rule.getOptionalOldSelf() ? optional : plain, schema));
    }
    return List.copyOf(rules);
  }

  private static CelCompiler compiler(RuleTypes types, CelType self, CelType oldSelf) {
    return Dialect.compiler(types.provider())
        .addVar("self", self)
        .addVar("oldSelf", oldSelf)
        .build();
  }

  private static Rule compile(ValidationRule rule, CelCompiler compiler, StructuralSchema schema) {
    boolean transition =
        OLD.matcher(rule.getRule()).find() || OLD.matcher(rule.getMessageExpression()).find();
    String error = "";
    String messageError = "";
    Optional<Program> program = Optional.empty();
    Optional<Program> message = Optional.empty();
    long cost = 0;
    long messageCost = 0;
    try {
      CelAbstractSyntaxTree tree = checked(compiler, rule.getRule());
      if (tree.getResultType().equals(SimpleType.BOOL)) {
        cost = RuleCost.of(tree, schema);
        program = Optional.of(RUNTIME.createProgram(tree));
      } else {
        error = "cel expression must evaluate to a bool";
      }
    } catch (CelValidationException | CelEvaluationException | MalformedException e) {
      error = "compilation failed: " + e.getMessage();
    }
    if (!rule.getMessageExpression().isEmpty()) {
      try {
        CelAbstractSyntaxTree tree = checked(compiler, rule.getMessageExpression());
        if (tree.getResultType().equals(SimpleType.STRING)) {
          messageCost = RuleCost.of(tree, schema);
          message = Optional.of(RUNTIME.createProgram(tree));
        } else {
          messageError = "messageExpression must evaluate to a string";
        }
      } catch (CelValidationException | CelEvaluationException | MalformedException e) {
        messageError = "messageExpression compilation failed: " + e.getMessage();
      }
    }
    return new Rule(rule, error, messageError, transition, program, message, cost, messageCost);
  }

  private static CelAbstractSyntaxTree checked(CelCompiler compiler, String expression)
      throws CelValidationException, MalformedException {
    CelValidationResult parsed = compiler.parse(expression);
    if (parsed.hasError()) {
      throw new MalformedException(parsed.getErrorString());
    }
    return compiler.check(parsed.getAst()).getAst();
  }
}
