package io.coxswain.kubectl.template;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// A template that prints objects.
public final class GoTemplate {

  private static final int DEEPEST = 1_000;

  private final String source;
  private final Map<String, List<Node>> templates;

  private GoTemplate(String source, Map<String, List<Node>> templates) {
    this.source = source;
    this.templates = templates;
  }

  /// @throws Failure saying where it is no template
  public static GoTemplate parse(String source) {
    try {
      return new GoTemplate(source, Parser.parse(source));
    } catch (TemplateFailure e) {
      throw new Failure("error: error parsing template " + source + ", " + e.getMessage());
    }
  }

  /// A value as Go prints it, an object as `map[a:1]`.
  public static String plain(JsonNode value) {
    return GoFormat.plain(value);
  }

  /// @throws Failure when it does not fit the object
  public String print(JsonNode object) {
    try {
      StringBuilder out = new StringBuilder();
      new Run(out, object, 0).nodes(templates.getOrDefault("", List.of()), object);
      return out.toString();
    } catch (TemplateFailure e) {
      throw new Failure("error: error executing template \"" + source + "\": " + e.getMessage());
    }
  }

  private enum Leave {
    NOT,
    BREAK,
    CONTINUE
  }

  /// One template at work. Variables live in scopes, the innermost first.
  private final class Run {

    private final StringBuilder out;
    private final int depth;
    private final Deque<Map<String, JsonNode>> scopes = new ArrayDeque<>();

    Run(StringBuilder out, JsonNode root, int depth) {
      if (depth > DEEPEST) {
        throw new TemplateFailure("exceeded maximum template depth (" + DEEPEST + ")");
      }
      this.out = out;
      this.depth = depth;
      scopes.push(new HashMap<>(Map.of("", root)));
    }

    Leave nodes(List<Node> nodes, JsonNode dot) {
      for (Node node : nodes) {
        Leave leave = node(node, dot);
        if (leave != Leave.NOT) {
          return leave;
        }
      }
      return Leave.NOT;
    }

    private Leave inner(List<Node> nodes, JsonNode dot, Map<String, JsonNode> variables) {
      scopes.push(new HashMap<>(variables));
      try {
        return nodes(nodes, dot);
      } finally {
        scopes.pop();
      }
    }

    private Leave node(Node node, JsonNode dot) {
      switch (node) {
        case Node.Text text -> out.append(text.text());
        case Node.Action action -> {
          JsonNode value = pipeline(action.pipeline(), dot);
          if (action.pipeline().variable().isEmpty()) {
            out.append(value.isNull() ? "<no value>" : GoFormat.plain(value));
          }
        }
        case Node.If choice -> {
          scopes.push(new HashMap<>());
          try {
            boolean holds = Functions.isTrue(pipeline(choice.condition(), dot));
            return nodes(holds ? choice.then() : choice.otherwise(), dot);
          } finally {
            scopes.pop();
          }
        }
        case Node.With with -> {
          scopes.push(new HashMap<>());
          try {
            JsonNode value = pipeline(with.value(), dot);
            return Functions.isTrue(value)
                ? nodes(with.then(), value)
                : nodes(with.otherwise(), dot);
          } finally {
            scopes.pop();
          }
        }
        case Node.Range range -> {
          return range(range, dot);
        }
        case Node.Template template -> {
          List<Node> named = templates.get(template.name());
          if (named == null || template.name().isEmpty()) {
            throw new TemplateFailure("template \"" + template.name() + "\" not defined");
          }
          JsonNode argument =
              template.argument().isEmpty()
                  ? MissingNode.getInstance()
                  : pipeline(template.argument().getFirst(), dot);
          new Run(out, argument, depth + 1).nodes(named, argument);
        }
        case Node.Break _ -> {
          return Leave.BREAK;
        }
        case Node.Continue _ -> {
          return Leave.CONTINUE;
        }
      }
      return Leave.NOT;
    }

    private Leave range(Node.Range range, JsonNode dot) {
      JsonNode over = pipeline(range.over(), dot);
      List<JsonNode> keys = new ArrayList<>();
      List<JsonNode> items = new ArrayList<>();
      if (over.isArray()) {
        over.forEach(items::add);
      } else if (over.isObject()) {
        GoFormat.sorted(over)
            .forEach((key, value) -> {
              keys.add(Json.object().stringNode(key));
              items.add(value);
            });
      } else if (over.isNumber()) {
        for (int i = 0; i < over.intValue(); i++) {
          items.add(Json.object().numberNode(i));
        }
      } else if (!over.isMissingNode() && !over.isNull()) {
        throw new TemplateFailure("range can't iterate over " + GoFormat.plain(over));
      }
      if (items.isEmpty()) {
        return inner(range.otherwise(), dot, Map.of());
      }
      for (int i = 0; i < items.size(); i++) {
        Map<String, JsonNode> variables = new HashMap<>();
        List<String> names = range.variables();
        if (!names.isEmpty()) {
          variables.put(names.getLast(), items.get(i));
        }
        if (names.size() > 1) {
          variables.put(
              names.getFirst(), keys.isEmpty() ? Json.object().numberNode(i) : keys.get(i));
        }
        if (inner(range.body(), items.get(i), variables) == Leave.BREAK) {
          break;
        }
      }
      return Leave.NOT;
    }

    private JsonNode pipeline(Node.Pipeline pipeline, JsonNode dot) {
      List<JsonNode> piped = List.of();
      for (Node.Command command : pipeline.commands()) {
        piped = List.of(command(command, dot, piped));
      }
      JsonNode value = piped.getFirst();
      if (pipeline.declares()) {
        scopes.getFirst().put(pipeline.variable(), value);
      } else if (!pipeline.variable().isEmpty()) {
        scope(pipeline.variable()).put(pipeline.variable(), value);
      }
      return value;
    }

    private Map<String, JsonNode> scope(String variable) {
      for (Map<String, JsonNode> scope : scopes) {
        if (scope.containsKey(variable)) {
          return scope;
        }
      }
      throw new TemplateFailure("undefined variable \"$" + variable + "\"");
    }

    private JsonNode command(Node.Command command, JsonNode dot, List<JsonNode> piped) {
      Node.Operand first = command.operands().getFirst();
      List<Node.Operand> rest = command.operands().subList(1, command.operands().size());
      if (!(first instanceof Node.Function function)) {
        if (!rest.isEmpty() || !piped.isEmpty()) {
          throw new TemplateFailure("can't give argument to non-function");
        }
        return value(first, dot);
      }
      String name = function.name();
      if (name.equals("and") || name.equals("or")) {
        return shortcut(name.equals("or"), rest, piped, dot);
      }
      List<JsonNode> arguments = new ArrayList<>();
      rest.forEach(operand -> arguments.add(value(operand, dot)));
      arguments.addAll(piped);
      return Functions.call(name, arguments);
    }

    /// The first that decides, or the last.
    private JsonNode shortcut(
        boolean decisive, List<Node.Operand> operands, List<JsonNode> piped, JsonNode dot) {
      JsonNode last = MissingNode.getInstance();
      for (Node.Operand operand : operands) {
        last = value(operand, dot);
        if (Functions.isTrue(last) == decisive) {
          return last;
        }
      }
      return piped.isEmpty() ? last : piped.getFirst();
    }

    private JsonNode value(Node.Operand operand, JsonNode dot) {
      return switch (operand) {
        case Node.Constant constant -> constant.value();
        case Node.Function function -> Functions.call(function.name(), List.of());
        case Node.Path path -> {
          JsonNode at =
              switch (path.start()) {
                case Node.Dot _ -> dot;
                case Node.Variable variable ->
                    scope(variable.name()).getOrDefault(variable.name(), MissingNode.getInstance());
                case Node.Inner inner -> pipeline(inner.pipeline(), dot);
              };
          for (String field : path.fields()) {
            if (!at.isObject() && !at.isMissingNode() && !at.isNull()) {
              throw new TemplateFailure(
                  "can't evaluate field " + field + " in " + GoFormat.plain(at));
            }
            at = Json.at(at, field);
          }
          yield at;
        }
      };
    }
  }
}
