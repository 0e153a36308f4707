package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import io.coxswain.api.admissionregistration.v1.Variable;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The variables of a policy, which its expressions refer to as `variables.name`, and which may
/// refer to those before them. Each is computed when it is first asked for, once for a request.
public final class Composition {

  private final Map<String, Compiled> variables = new LinkedHashMap<>();
  private final Map<String, CelType> types = new LinkedHashMap<>();

  /// @param extras what the variables may use
  public Composition(List<Variable> variables, Set<Extra> extras) {
    for (Variable variable : variables) {
      var _ = add(variable, extras);
    }
  }

  private Compiled add(Variable variable, Set<Extra> extras) {
    Compiled compiled =
        AdmissionExpressions.compile(variable.getExpression(), extras, types, List.of());
    variables.put(variable.getName(), compiled);
    types.put(variable.getName(), compiled.isGood() ? compiled.type() : AdmissionExpressions.ANY);
    return compiled;
  }

  /// What is wrong with a variable; empty for nothing.
  public String error(String name) {
    Compiled compiled = variables.get(name);
    return compiled == null ? "" : compiled.error();
  }

  /// Compiles an expression that may refer to the variables.
  public Compiled compile(String expression, Set<Extra> extras, List<CelType> results) {
    return AdmissionExpressions.compile(expression, extras, types, results);
  }

  /// What expressions know of one request.
  ///
  /// @param base without the variables of the policy
  /// @param budget which pays for the variables
  public Map<String, Object> over(Map<String, Object> base, CostBudget budget) {
    if (variables.isEmpty()) {
      return base;
    }
    Map<String, Object> all = new HashMap<>(base);
    all.put("variables", new Lazy(all, budget));
    return all;
  }

  /// A variable that has no value makes what refers to it have none.
  private static final class UncomputableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UncomputableException(String name, Compiled.FailedException cause) {
      super("composited variable \"" + name + "\" fails to evaluate: " + cause.getMessage(), cause);
    }
  }

  private final class Lazy extends AbstractMap<String, Object> {

    private final Map<String, Object> all;
    private final CostBudget budget;
    private final Map<String, Object> computed = new HashMap<>();

    Lazy(Map<String, Object> all, CostBudget budget) {
      this.all = all;
      this.budget = budget;
    }

    @Override
    public boolean containsKey(Object name) {
      return variables.containsKey(name);
    }

    @Override
    @SuppressWarnings("NullAway") // nothing is asked for that is not there
    public Object get(Object name) {
      Object known = computed.get(name);
      Compiled variable = variables.get(name);
      if (known != null || variable == null) {
        return known;
      }
      try {
        Object value = variable.value(all, budget);
        computed.put((String) name, value);
        return value;
      } catch (Compiled.FailedException e) {
        throw new UncomputableException((String) name, e);
      }
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      Map<String, Object> values = new LinkedHashMap<>();
      variables.keySet().forEach(name -> values.put(name, get(name)));
      return values.entrySet();
    }
  }
}
