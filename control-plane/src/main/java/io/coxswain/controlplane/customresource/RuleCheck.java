package io.coxswain.controlplane.customresource;

import com.google.common.math.LongMath;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime.Program;
import io.coxswain.client.ApiError.Cause;
import io.coxswain.controlplane.cel.CostBudget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The rules in CEL of one schema, asked of objects. Compiled when they are first asked; safe for
/// use by many threads.
public final class RuleCheck {

  private final StructuralSchema root;
  private final boolean any;
  private final Map<Place, List<Rule>> compiled = new ConcurrentHashMap<>();

  /// A schema by its identity: equal ones at other places are compiled again, which is harmless.
  private record Place(StructuralSchema schema, boolean whole) {
    @Override
    @SuppressWarnings("ReferenceEquality") // to compare schemas as values would walk all of them
    public boolean equals(Object other) {
      return other instanceof Place place && place.schema == schema && place.whole == whole;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(schema);
    }
  }

  public RuleCheck(StructuralSchema root) {
    this.root = root;
    this.any = hasRules(root);
  }

  static boolean hasRules(StructuralSchema schema) {
    return schema.props().getXKubernetesValidationsCount() > 0
        || schema.properties().values().stream().anyMatch(RuleCheck::hasRules)
        || schema.items().filter(RuleCheck::hasRules).isPresent()
        || schema.additional().filter(RuleCheck::hasRules).isPresent();
  }

  /// Which rules an object breaks.
  ///
  /// @param before the object that it takes the place of
  public List<Cause> check(Optional<JsonNode> before, JsonNode object) {
    if (!any) {
      return List.of();
    }
    Pass pass = new Pass();
    pass.walk(root, before, object, "", true);
    return pass.faults.causes();
  }

  private final class Pass {

    private final Faults faults = new Faults();
    private final CostBudget budget = CostBudget.ofObject();
    private boolean exhausted;

    private void walk(
        StructuralSchema schema,
        Optional<JsonNode> before,
        JsonNode value,
        String path,
        boolean whole) {
      if (exhausted || value.isNull()) {
        return;
      }
      rules(schema, before, value, path, whole);
      switch (value) {
        case ObjectNode object ->
            object.forEachEntry((name, inner) ->
                schema
                    .member(name)
                    .ifPresent(member ->
                        walk(
                            member,
                            before.map(old -> old.get(name)),
                            inner,
                            schema.pathOf(path, name),
                            member.embedded())));
        case ArrayNode list when schema.items().isPresent() -> {
          StructuralSchema items = schema.items().get();
          for (int i = 0; i < list.size(); i++) {
            int at = i;
            walk(
                items,
                before.flatMap(old -> ListTypes.counterpart(old, list, at, schema)),
                list.get(i),
                path + "[" + i + "]",
                items.embedded());
          }
        }
        default -> {
          // a scalar has nothing inside
        }
      }
    }

    private void rules(
        StructuralSchema schema,
        Optional<JsonNode> before,
        JsonNode value,
        String path,
        boolean whole) {
      if (schema.props().getXKubernetesValidationsCount() == 0) {
        return;
      }
      boolean unchanged = before.isPresent() && before.get().equals(value);
      Map<String, Object> variables = new HashMap<>();
      variables.put("self", RuleValues.of(value, schema, whole));
      Optional<Object> old =
          before.filter(there -> !there.isNull()).map(there -> RuleValues.of(there, schema, whole));
      List<Rule> here =
          compiled.computeIfAbsent(
              new Place(schema, whole), place -> RuleCompiler.compile(place.schema(), whole));
      for (Rule rule : here) {
        boolean due = rule.transition() ? old.isPresent() || rule.optionalOld() : !unchanged;
        if (exhausted || !due) {
          continue;
        }
        if (rule.optionalOld()) {
          variables.put("oldSelf", old);
        } else {
          variables.remove("oldSelf");
          old.ifPresent(there -> variables.put("oldSelf", there));
        }
        one(rule, variables, value, path);
      }
    }

    private void one(Rule rule, Map<String, Object> variables, JsonNode value, String path) {
      String type = Faults.quoted(SchemaValidation.typeOf(value));
      if (rule.program().isEmpty()) {
        faults.invalid(path, type, "rule compile error: " + rule.error());
        return;
      }
      try {
        if (!Boolean.TRUE.equals(budget.value(rule.program().get(), variables))) {
          broken(rule, variables, value, path);
        }
      } catch (StackOverflowError e) {
        String shown = rule.source().getRule().strip();
        faults.invalid(path, type, "nested too deeply evaluating rule: " + shown);
      } catch (CostBudget.SpentException e) {
        exhausted = true;
        faults.invalid(
            path,
            type,
            e.isOverall()
                ? String.valueOf(e.getMessage())
                : "'%s': no further validation rules will be run due to call cost exceeds limit for rule: %s"
                    .formatted(e.getMessage(), rule.source().getRule().strip()));
      } catch (CelEvaluationException | RuntimeException e) {
        String shown = rule.source().getRule().strip();
        faults.invalid(path, type, e.getMessage() + " evaluating rule: " + shown);
      }
    }

    private void broken(Rule rule, Map<String, Object> variables, JsonNode value, String path) {
      String at = path + rule.source().getFieldPath();
      at = at.startsWith(".") ? at.substring(1) : at;
      String detail = message(rule, variables);
      String shown =
          value.isContainer() ? Faults.quoted(SchemaValidation.typeOf(value)) : Faults.shown(value);
      switch (rule.source().getReason()) {
        case "FieldValueForbidden" -> faults.forbidden(at, detail);
        case "FieldValueRequired" -> faults.required(at, detail);
        case "FieldValueDuplicate" -> faults.duplicate(at, shown);
        default -> faults.invalid(at, shown, detail);
      }
    }

    private String message(Rule rule, Map<String, Object> variables) {
      Optional<String> made = rule.message().flatMap(program -> text(program, variables));
      if (made.isPresent()) {
        return made.get();
      }
      return rule.source().getMessage().isEmpty()
          ? "failed rule: " + rule.source().getRule().strip()
          : rule.source().getMessage().strip();
    }

    private Optional<String> text(Program program, Map<String, Object> variables) {
      try {
        String text = String.valueOf(budget.value(program, variables)).strip();
        boolean good = !text.isEmpty() && text.indexOf('\n') < 0 && text.length() <= 5 * 1024;
        return good ? Optional.of(text) : Optional.empty();
      } catch (CostBudget.SpentException e) {
        exhausted = true;
        return Optional.empty();
      } catch (CelEvaluationException | RuntimeException | StackOverflowError e) {
        return Optional.empty();
      }
    }
  }

  /// What is wrong with the rules themselves.
  ///
  /// @param path of the schema in its definition
  static void problems(StructuralSchema schema, String path, Faults faults) {
    if (hasRules(schema)) {
      TotalCost total = new TotalCost();
      problems(schema, path, true, 1, faults, total);
      total.problems(path, faults);
    }
  }

  private static void problems(
      StructuralSchema schema,
      String path,
      boolean whole,
      long times,
      Faults faults,
      TotalCost total) {
    List<Rule> rules = RuleCompiler.compile(schema, whole || schema.embedded());
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      String at = path + ".x-kubernetes-validations[" + i + "]";
      if (!rule.error().isEmpty()) {
        faults.invalidText(at + ".rule", rule.source().getRule(), rule.error());
      }
      if (!rule.messageError().isEmpty()) {
        faults.invalidText(
            at + ".messageExpression", rule.source().getMessageExpression(), rule.messageError());
      }
      if (rule.optionalOld() && !rule.transition()) {
        faults.invalid(
            at + ".optionalOldSelf", "true", "may not be set if oldSelf is not used in rule");
      }
      total.add(
          at + ".rule",
          "estimated rule cost",
          LongMath.saturatedMultiply(times, rule.cost()),
          faults);
      total.add(
          at + ".messageExpression",
          "estimated messageExpression cost",
          LongMath.saturatedMultiply(times, rule.messageCost()),
          faults);
    }
    schema
        .properties()
        .forEach((name, member) ->
            problems(member, path + ".properties[" + name + "]", false, times, faults, total));
    long inside = LongMath.saturatedMultiply(times, RuleCost.elements(schema));
    schema
        .items()
        .ifPresent(items -> problems(items, path + ".items", false, inside, faults, total));
    schema
        .additional()
        .ifPresent(
            inner -> problems(inner, path + ".additionalProperties", false, inside, faults, total));
  }
}
