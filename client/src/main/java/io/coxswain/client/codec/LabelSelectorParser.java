package io.coxswain.client.codec;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.LabelRequirement.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Reads `key`, `!key`, `key=value`, `key!=value`, `key in (a,b)`, `key notin (a)`, `key>5`,
/// `key<5`, joined by commas.
final class LabelSelectorParser {

  private final String text;
  private int at;

  LabelSelectorParser(String text) {
    this.text = text;
  }

  LabelMatcher parse() {
    List<LabelRequirement> requirements = new ArrayList<>();
    skipSpace();
    while (at < text.length()) {
      requirements.add(requirement());
      skipSpace();
      if (at < text.length() && text.charAt(at) != ',') {
        throw refused("found '" + text.charAt(at) + "', expected: ',' or the end");
      }
      boolean comma = at < text.length();
      at++;
      skipSpace();
      if (comma && at >= text.length()) {
        throw refused("found the end, expected: a key after ','");
      }
    }
    return new LabelMatcher(requirements);
  }

  private LabelRequirement requirement() {
    if (take("!")) {
      return new LabelRequirement(key(), Operator.DOES_NOT_EXIST, Set.of());
    }
    String key = key();
    skipSpace();
    if (at >= text.length() || text.charAt(at) == ',') {
      return new LabelRequirement(key, Operator.EXISTS, Set.of());
    }
    if (take("!=")) {
      return new LabelRequirement(key, Operator.NOT_IN, Set.of(value()));
    }
    if (take("==") || take("=")) {
      return new LabelRequirement(key, Operator.IN, Set.of(value()));
    }
    if (take(">")) {
      return new LabelRequirement(key, Operator.GREATER, Set.of(number()));
    }
    if (take("<")) {
      return new LabelRequirement(key, Operator.LESS, Set.of(number()));
    }
    return switch (word()) {
      case "in" -> new LabelRequirement(key, Operator.IN, values());
      case "notin" -> new LabelRequirement(key, Operator.NOT_IN, values());
      case String other ->
          throw refused(
              "found '" + other + "', expected: in, notin, =, ==, !=, >, <, ',' or the end");
    };
  }

  private String key() {
    skipSpace();
    String key = word();
    Optional<String> problem = LabelSyntax.keyProblem(key);
    if (problem.isPresent()) {
      throw refused("invalid label key \"" + key + "\": " + problem.get());
    }
    return key;
  }

  private String value() {
    skipSpace();
    return checkedValue(word());
  }

  private String checkedValue(String value) {
    Optional<String> problem = LabelSyntax.valueProblem(value);
    if (problem.isPresent()) {
      throw refused("invalid label value \"" + value + "\": " + problem.get());
    }
    return value;
  }

  private String number() {
    skipSpace();
    String number = word();
    try {
      Long.parseLong(number);
      return number;
    } catch (NumberFormatException e) {
      throw refused("for '>' and '<' the value must be an integer, found '" + number + "'");
    }
  }

  private Set<String> values() {
    skipSpace();
    if (!take("(")) {
      throw refused("expected: '(' before the values");
    }
    Set<String> values = new TreeSet<>();
    do {
      values.add(value());
      skipSpace();
    } while (take(","));
    if (!take(")")) {
      throw refused("expected: ')' after the values");
    }
    return values;
  }

  private String word() {
    int start = at;
    while (at < text.length() && " \t\r\n!=<>(),".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private boolean take(String token) {
    if (text.startsWith(token, at)) {
      at += token.length();
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private ApiException refused(String what) {
    return new ApiException(
        new ApiError.BadRequest("unable to parse the label selector \"" + text + "\": " + what));
  }
}
