package io.coxswain.kubectl.resource;

import io.coxswain.kubectl.Failure;
import java.util.ArrayList;
import java.util.List;

/// What the words of a command name: kinds, and perhaps names.
///
/// @param names empty for all objects of the kind
public record Selection(Kind kind, List<String> names) {

  /// Reads `pods`, `pod a b`, `pods,services`, `pods,services a b`, `pod/a svc/b`, `all`.
  ///
  /// @throws Failure when a kind is unknown, or the two forms are mixed
  public static List<Selection> of(Discovery discovery, List<String> words) {
    if (words.isEmpty()) {
      throw new Failure(
          "error: you must name a resource, as: pods, deployment/web, or -f FILE\nSee kubectl-lite api-resources for the kinds that the server has.");
    }
    if (words.stream().anyMatch(word -> word.contains("/"))) {
      return slashed(discovery, words);
    }
    List<String> names = List.copyOf(words.subList(1, words.size()));
    List<Selection> selections = new ArrayList<>();
    for (String word : words.getFirst().split(",", -1)) {
      if (word.isEmpty()) {
        continue;
      }
      List<Kind> category = discovery.category(word);
      if (category.isEmpty()) {
        selections.add(new Selection(discovery.kind(word), names));
      } else {
        category.forEach(kind -> selections.add(new Selection(kind, names)));
      }
    }
    return selections;
  }

  private static List<Selection> slashed(Discovery discovery, List<String> words) {
    List<Selection> selections = new ArrayList<>();
    for (String word : words) {
      int slash = word.indexOf('/');
      if (slash <= 0 || slash == word.length() - 1 || word.indexOf('/', slash + 1) > 0) {
        throw new Failure(
            "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form: each word must be KIND/NAME, not \""
                + word
                + "\"");
      }
      selections.add(
          new Selection(
              discovery.kind(word.substring(0, slash)), List.of(word.substring(slash + 1))));
    }
    return selections;
  }

  /// The only object that the words name.
  ///
  /// @throws Failure when they name none or several
  public static Selection single(Discovery discovery, List<String> words) {
    List<Selection> selections = of(discovery, words);
    if (selections.size() != 1 || selections.getFirst().names().size() != 1) {
      throw new Failure("error: name one object, as: KIND/NAME");
    }
    return selections.getFirst();
  }

  public String name() {
    return names.getFirst();
  }
}
