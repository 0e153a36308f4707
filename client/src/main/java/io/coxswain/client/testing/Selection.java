package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.ObjectMetas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which objects a list or watch is about.
record Selection(String namespace, List<Predicate<Message>> terms) implements Predicate<Message> {

  private static final Pattern SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)");

  static Selection of(String namespace, Map<String, String> options) {
    List<Predicate<Message>> terms = new ArrayList<>();
    for (String term : split(options.getOrDefault("labelSelector", ""))) {
      terms.add(label(term));
    }
    for (String term : split(options.getOrDefault("fieldSelector", ""))) {
      terms.add(field(term));
    }
    return new Selection(namespace, List.copyOf(terms));
  }

  @Override
  public boolean test(Message object) {
    return (namespace.isEmpty() || ObjectMetas.read(object).getNamespace().equals(namespace))
        && terms.stream().allMatch(term -> term.test(object));
  }

  // At commas outside parentheses.
  private static List<String> split(String selector) {
    return Arrays.stream(selector.split(",(?![^(]*\\))", -1))
        .map(String::strip)
        .filter(term -> !term.isEmpty())
        .toList();
  }

  private static Predicate<Message> label(String term) {
    Matcher set = SET.matcher(term);
    if (set.matches()) {
      List<String> values = Arrays.stream(set.group(3).split(",", -1)).map(String::strip).toList();
      boolean in = set.group(2).equals("in");
      String key = set.group(1);
      return object -> {
        String value = labels(object).get(key);
        return in
            ? value != null && values.contains(value)
            : value == null || !values.contains(value);
      };
    }
    if (term.startsWith("!")) {
      String key = term.substring(1).strip();
      return object -> !labels(object).containsKey(key);
    }
    Comparison comparison = Comparison.parse(term);
    if (comparison.operator.isEmpty()) {
      return object -> labels(object).containsKey(term);
    }
    return object -> comparison.holds(labels(object).get(comparison.key));
  }

  private static Predicate<Message> field(String term) {
    Comparison comparison = Comparison.parse(term);
    if (comparison.operator.isEmpty()) {
      throw new ApiException(
          new ApiError.BadRequest("invalid field selector '" + term + "': use path=value"));
    }
    return object -> comparison.holds(FieldPaths.text(object, comparison.key));
  }

  private static Map<String, String> labels(Message object) {
    return ObjectMetas.read(object).getLabelsMap();
  }

  private record Comparison(String key, String operator, String value) {

    static Comparison parse(String term) {
      for (String operator : List.of("!=", "==", "=")) {
        int at = term.indexOf(operator);
        if (at >= 0) {
          return new Comparison(
              term.substring(0, at).strip(),
              operator,
              term.substring(at + operator.length()).strip());
        }
      }
      return new Comparison(term, "", "");
    }

    boolean holds(@org.jspecify.annotations.Nullable String actual) {
      return operator.equals("!=") != value.equals(actual);
    }
  }
}
