package io.coxswain.kubectl.template;

import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.template.Lexer.Sort;
import io.coxswain.kubectl.template.Lexer.Token;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Makes the tree of a template.
final class Parser {

  private static final Set<String> ENDS = Set.of("end", "else");

  private final List<Token> tokens;
  private final Map<String, List<Node>> defined = new HashMap<>();
  private int at;

  private Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  /// The template's own parts by an empty name, and those of its `define`s by theirs.
  ///
  /// @throws TemplateFailure saying where it is no template
  static Map<String, List<Node>> parse(String source) {
    Parser parser = new Parser(Lexer.tokens(source));
    List<Node> nodes = parser.nodes();
    if (parser.at < parser.tokens.size()) {
      throw parser.wrong("unexpected {{" + parser.tokens.get(parser.at).text() + "}}");
    }
    parser.defined.put("", nodes);
    return parser.defined;
  }

  /// Up to the `end` or `else` that is not theirs, which stays.
  private List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    while (at < tokens.size()) {
      Token token = tokens.get(at);
      if (token.sort() == Sort.TEXT) {
        nodes.add(new Node.Text(token.text()));
        at++;
      } else if (token.sort() == Sort.WORD && ENDS.contains(token.text())) {
        return nodes;
      } else {
        node(token, nodes);
      }
    }
    return nodes;
  }

  private void node(Token token, List<Node> nodes) {
    String word = token.sort() == Sort.WORD ? token.text() : "";
    switch (word) {
      case "if" -> nodes.add(choice(true));
      case "with" -> nodes.add(choice(false));
      case "range" -> nodes.add(range());
      case "break" -> nodes.add(alone(new Node.Break()));
      case "continue" -> nodes.add(alone(new Node.Continue()));
      case "define" -> {
        String name = definition();
        close();
        defined.put(name, body());
        end();
      }
      case "block" -> {
        String name = definition();
        Node.Pipeline argument = pipeline();
        close();
        defined.putIfAbsent(name, body());
        end();
        nodes.add(new Node.Template(name, List.of(argument)));
      }
      case "template" -> {
        String name = definition();
        List<Node.Pipeline> argument = isClose() ? List.of() : List.of(pipeline());
        close();
        nodes.add(new Node.Template(name, argument));
      }
      default -> {
        Node.Pipeline pipeline = pipeline();
        close();
        nodes.add(new Node.Action(pipeline));
      }
    }
  }

  private Node alone(Node node) {
    at++;
    close();
    return node;
  }

  private String definition() {
    at++;
    Token name = next("a quoted name");
    if (name.sort() != Sort.STRING) {
      throw wrong("a quoted name is expected");
    }
    return name.text();
  }

  private List<Node> body() {
    return nodes();
  }

  private void end() {
    Token token = next("{{end}}");
    if (!token.text().equals("end")) {
      throw wrong("unexpected {{" + token.text() + "}}");
    }
    close();
  }

  private Node choice(boolean isIf) {
    at++;
    Node.Pipeline condition = pipeline();
    close();
    List<Node> then = body();
    List<Node> otherwise = otherwise(isIf ? "if" : "with");
    return isIf
        ? new Node.If(condition, then, otherwise)
        : new Node.With(condition, then, otherwise);
  }

  /// After the first body: `{{end}}`, `{{else}}…{{end}}` or `{{else if …}}…{{end}}`.
  private List<Node> otherwise(String chained) {
    Token token = next("{{end}}");
    if (token.text().equals("end")) {
      close();
      return List.of();
    }
    if (!isClose() && tokens.get(at).text().equals(chained)) {
      return List.of(choice(chained.equals("if")));
    }
    close();
    List<Node> nodes = body();
    end();
    return nodes;
  }

  private Node range() {
    at++;
    List<String> variables = new ArrayList<>();
    int begin = at;
    while (at < tokens.size() && tokens.get(at).sort() == Sort.VARIABLE) {
      variables.add(tokens.get(at++).text());
      if (isSign(",")) {
        at++;
      } else if (isSign(":=") || isSign("=")) {
        break;
      }
    }
    if (!variables.isEmpty() && (isSign(":=") || isSign("="))) {
      at++;
    } else {
      variables.clear();
      at = begin;
    }
    Node.Pipeline over = pipeline();
    close();
    List<Node> body = body();
    return new Node.Range(variables, over, body, otherwise("range"));
  }

  private Node.Pipeline pipeline() {
    String variable = "";
    boolean declares = false;
    if (at + 1 < tokens.size() && tokens.get(at).sort() == Sort.VARIABLE) {
      Token sign = tokens.get(at + 1);
      if (sign.sort() == Sort.SIGN && (sign.text().equals(":=") || sign.text().equals("="))) {
        variable = tokens.get(at).text();
        declares = sign.text().equals(":=");
        at += 2;
      }
    }
    List<Node.Command> commands = new ArrayList<>();
    while (true) {
      commands.add(command());
      if (!isSign("|")) {
        return new Node.Pipeline(variable, declares, commands);
      }
      at++;
    }
  }

  private Node.Command command() {
    List<Node.Operand> operands = new ArrayList<>();
    while (!isClose() && !isSign("|") && !isSign(")")) {
      operands.add(operand());
    }
    if (operands.isEmpty()) {
      throw wrong("missing value for command");
    }
    return new Node.Command(operands);
  }

  private Node.Operand operand() {
    Token token = next("a value");
    return switch (token.sort()) {
      case STRING -> new Node.Constant(Json.object().stringNode(token.text()));
      case NUMBER -> new Node.Constant(number(token.text()));
      case FIELD -> {
        List<String> fields = new ArrayList<>();
        if (!token.text().isEmpty()) {
          fields.add(token.text());
        }
        yield new Node.Path(new Node.Dot(), fields(fields));
      }
      case VARIABLE -> new Node.Path(new Node.Variable(token.text()), fields(new ArrayList<>()));
      case WORD ->
          switch (token.text()) {
            case "true", "false" ->
                new Node.Constant(Json.object().booleanNode(token.text().equals("true")));
            case "nil" -> new Node.Constant(Json.object().nullNode());
            default -> new Node.Function(token.text());
          };
      case SIGN -> {
        if (!token.text().equals("(")) {
          throw wrong("unexpected " + token.text());
        }
        Node.Pipeline inner = pipeline();
        if (!isSign(")")) {
          throw wrong("unclosed left paren");
        }
        at++;
        yield new Node.Path(new Node.Inner(inner), fields(new ArrayList<>()));
      }
      case TEXT, CLOSE -> throw wrong("a value is expected");
    };
  }

  private List<String> fields(List<String> fields) {
    while (at < tokens.size()
        && tokens.get(at).sort() == Sort.FIELD
        && !tokens.get(at).spaced()
        && !tokens.get(at).text().isEmpty()) {
      fields.add(tokens.get(at++).text());
    }
    return fields;
  }

  private JsonNode number(String text) {
    try {
      BigDecimal value =
          text.startsWith("0x") || text.startsWith("0X")
              ? new BigDecimal(Long.parseLong(text.substring(2), 16))
              : new BigDecimal(text.replace("_", ""));
      return Json.object().numberNode(value);
    } catch (NumberFormatException e) {
      throw wrong("bad number syntax: " + text);
    }
  }

  private boolean isSign(String sign) {
    return at < tokens.size()
        && tokens.get(at).sort() == Sort.SIGN
        && tokens.get(at).text().equals(sign);
  }

  private boolean isClose() {
    return at >= tokens.size() || tokens.get(at).sort() == Sort.CLOSE;
  }

  private void close() {
    if (next("}}").sort() != Sort.CLOSE) {
      at--;
      throw wrong("unexpected " + tokens.get(at).text());
    }
  }

  private Token next(String expected) {
    if (at >= tokens.size()) {
      throw new TemplateFailure("unexpected end of the template: " + expected + " is missing");
    }
    return tokens.get(at++);
  }

  private TemplateFailure wrong(String what) {
    int position = tokens.get(Math.min(at, tokens.size() - 1)).at();
    return new TemplateFailure(what + " at character " + (position + 1) + " of the template");
  }
}
