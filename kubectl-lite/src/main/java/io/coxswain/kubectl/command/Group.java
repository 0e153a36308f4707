package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.Spelling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// A verb that does nothing by itself, as `auth`: the next word says what.
final class Group implements Command {

  private final String name;
  private final String summary;
  private final Map<String, Supplier<Command>> parts = new LinkedHashMap<>();

  Group(String name, String summary) {
    this.name = name;
    this.summary = summary;
  }

  Group with(String word, Supplier<Command> part) {
    parts.put(word, part);
    return this;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String summary() {
    StringBuilder text = new StringBuilder(summary).append("\n\nCommands:");
    parts.forEach(
        (word, part) -> text.append(String.format("%n  %-18s %s", word, part.get().summary())));
    return text.toString();
  }

  @Override
  public String examples() {
    StringBuilder text = new StringBuilder();
    parts.forEach((word, part) -> {
      text.append(text.isEmpty() ? "" : "\n").append(part.get().examples());
    });
    return text.toString();
  }

  @Override
  public Options declare(Options options) {
    return options;
  }

  @Override
  public List<String> words() {
    return List.copyOf(parts.keySet());
  }

  @Override
  public Optional<Command> part(String word) {
    return Optional.ofNullable(parts.get(word)).map(Supplier::get);
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    String which = String.join(", ", parts.keySet());
    if (words.isEmpty()) {
      throw new Failure("error: " + name + " needs one of: " + which);
    }
    throw new Failure(
        "error: unknown command \""
            + words.getFirst()
            + "\" for \""
            + name
            + "\": it is one of "
            + which
            + Spelling.nearest(words.getFirst(), parts.keySet())
                .map(near -> "\n\nDid you mean this?\n\t" + near)
                .orElse(""));
  }
}
