package io.coxswain.kubectl.resource;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Label selectors as people write them: `app=web,tier!=db,env in (a,b),!old`.
public final class Labels {

  /// One condition.
  ///
  /// @param operator In, NotIn, Exists or DoesNotExist
  public record Term(String key, String operator, List<String> values) {}

  private static final Pattern SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)");

  private Labels() {}

  /// @throws Failure naming the part that is none
  public static List<Term> parse(String text) {
    List<Term> terms = new ArrayList<>();
    for (String part : text.split(",(?![^(]*\\))", -1)) {
      String term = part.strip();
      Matcher set = SET.matcher(term);
      int equals = term.indexOf('=');
      if (term.isEmpty()) {
        continue;
      }
      if (set.matches()) {
        terms.add(
            new Term(
                set.group(1),
                set.group(2).equals("in") ? "In" : "NotIn",
                List.of(set.group(3).strip().split("\\s*,\\s*", -1))));
      } else if (equals > 0) {
        boolean not = term.charAt(equals - 1) == '!';
        String key = term.substring(0, not ? equals - 1 : equals).strip();
        String value = term.substring(term.startsWith("==", equals) ? equals + 2 : equals + 1);
        terms.add(new Term(key, not ? "NotIn" : "In", List.of(value.strip())));
      } else if (term.startsWith("!")) {
        terms.add(new Term(term.substring(1).strip(), "DoesNotExist", List.of()));
      } else if (term.chars().noneMatch(Character::isWhitespace)) {
        terms.add(new Term(term, "Exists", List.of()));
      } else {
        throw new Failure(
            "error: unable to parse the selector \""
                + text
                + "\": \""
                + term
                + "\" is none of key=value, key!=value, key in (a,b), key notin (a,b), key, !key");
      }
    }
    return terms;
  }

  /// As `spec.selector` of most kinds has it.
  public static ObjectNode selector(String text) {
    ObjectNode selector = Json.object();
    for (Term term : parse(text)) {
      if (term.operator().equals("In") && term.values().size() == 1) {
        selector.withObjectProperty("matchLabels").put(term.key(), term.values().getFirst());
      } else {
        ObjectNode expression =
            selector
                .withArrayProperty("matchExpressions")
                .addObject()
                .put("key", term.key())
                .put("operator", term.operator());
        if (!term.values().isEmpty()) {
          ArrayNode values = expression.putArray("values");
          term.values().forEach(values::add);
        }
      }
    }
    return selector;
  }

  /// Plain `key=value` pairs, as labels and the selectors of Services are.
  ///
  /// @throws Failure when it holds anything else
  public static ObjectNode plain(String text) {
    ObjectNode labels = Json.object();
    for (Term term : parse(text)) {
      if (!term.operator().equals("In") || term.values().size() != 1) {
        throw new Failure("error: \"" + text + "\" is no list of key=value");
      }
      labels.put(term.key(), term.values().getFirst());
    }
    return labels;
  }

  /// Whether an object has labels that fit.
  public static boolean match(List<Term> terms, JsonNode object) {
    JsonNode labels = Json.at(object, "metadata", "labels");
    for (Term term : terms) {
      boolean there = labels.has(term.key());
      boolean among = there && term.values().contains(Json.text(labels, term.key()));
      boolean fits =
          switch (term.operator()) {
            case "In" -> among;
            case "NotIn" -> !among;
            case "Exists" -> there;
            default -> !there;
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }
}
