package io.coxswain.kubectl.template;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// A part of a template.
sealed interface Node {

  record Text(String text) implements Node {}

  record Action(Pipeline pipeline) implements Node {}

  record If(Pipeline condition, List<Node> then, List<Node> otherwise) implements Node {}

  record With(Pipeline value, List<Node> then, List<Node> otherwise) implements Node {}

  /// @param variables none, that of the element, or those of the key and the element
  record Range(List<String> variables, Pipeline over, List<Node> body, List<Node> otherwise)
      implements Node {}

  record Template(String name, List<Pipeline> argument) implements Node {}

  record Break() implements Node {}

  record Continue() implements Node {}

  /// @param variable what the value is given to; empty for none
  /// @param declares whether the variable is a new one
  record Pipeline(String variable, boolean declares, List<Command> commands) {}

  /// A function with its arguments, or one value.
  record Command(List<Operand> operands) {}

  /// A value.
  sealed interface Operand {}

  record Constant(JsonNode value) implements Operand {}

  /// `.a.b`, `$x.a` or `(…).a`; only fields means that they are the dot's.
  record Path(Start start, List<String> fields) implements Operand {}

  record Function(String name) implements Operand {}

  /// Where a path begins.
  sealed interface Start {}

  record Dot() implements Start {}

  record Variable(String name) implements Start {}

  record Inner(Pipeline pipeline) implements Start {}
}
