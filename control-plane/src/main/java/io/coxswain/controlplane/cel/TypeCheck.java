package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import io.coxswain.api.admissionregistration.v1.Variable;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Looks at expressions about requests once more, knowing of which kind the objects are. What it
/// finds is advice: expressions are computed without.
public final class TypeCheck {

  private final ObjectTypes types;
  private final Set<Extra> extras;
  private final Map<String, CelType> variables = new LinkedHashMap<>();

  public TypeCheck(ObjectTypes types, Set<Extra> extras, List<Variable> variables) {
    this.types = types;
    this.extras = extras;
    for (Variable variable : variables) {
      CelType type;
      try {
        type = checked(variable.getExpression());
      } catch (CelValidationException e) {
        type = SimpleType.DYN;
      }
      this.variables.put(variable.getName(), type);
    }
  }

  /// What is doubtful about an expression; nothing where all types fit.
  public Optional<String> problem(String expression) {
    try {
      var _ = checked(expression);
      return Optional.empty();
    } catch (CelValidationException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private CelType checked(String expression) throws CelValidationException {
    CelCompiler compiler =
        AdmissionExpressions.builder(extras, variables, types.object())
            .setTypeProvider(
                new Both(
                    RequestTypes.provider(
                        variables.isEmpty()
                            ? List.of()
                            : List.of(RequestTypes.structure("kubernetes.variables", variables))),
                    types.provider()))
            .build();
    CelValidationResult parsed = compiler.parse(expression);
    return compiler.check(parsed.getAst()).getAst().getResultType();
  }

  @Immutable
  private static final class Both implements CelTypeProvider {
    private final CelTypeProvider first;
    private final CelTypeProvider second;

    Both(CelTypeProvider first, CelTypeProvider second) {
      this.first = first;
      this.second = second;
    }

    @Override
    public ImmutableCollection<CelType> types() {
      return ImmutableList.<CelType>builder().addAll(first.types()).addAll(second.types()).build();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return first.findType(name).or(() -> second.findType(name));
    }
  }
}
