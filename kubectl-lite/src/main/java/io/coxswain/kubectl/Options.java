package io.coxswain.kubectl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A command's options, read the way kubectl reads them: `--name value`, `--name=value`, `-n
/// value`, `-nvalue`, bundled switches, options between and after the words, and `--` before words
/// that are nobody's options.
///
/// Options are declared before they are parsed, so a misspelt one is an error and `--help` lists
/// them all.
public final class Options {

  private enum Arity {
    SWITCH,
    VALUE,
    OPTIONAL,
    REPEATED
  }

  /// @param bare what it means without a value
  private record Option(
      String name, char letter, Arity arity, String fallback, String bare, String meaning) {}

  private final Map<String, Option> declared = new LinkedHashMap<>();
  private final Map<String, List<String>> given = new LinkedHashMap<>();
  private final List<String> words = new ArrayList<>();
  private final List<String> afterDashes = new ArrayList<>();
  private boolean dashes;

  /// @param letter the short form, or a blank when there is none
  public Options toggle(String name, char letter, String meaning) {
    return declare(new Option(name, letter, Arity.SWITCH, "false", "true", meaning));
  }

  public Options value(String name, char letter, String fallback, String meaning) {
    return declare(new Option(name, letter, Arity.VALUE, fallback, "", meaning));
  }

  /// Takes a value after `=` only: the word after it is no part of it.
  ///
  /// @param bare what it means without a value
  public Options optional(String name, char letter, String fallback, String bare, String meaning) {
    return declare(new Option(name, letter, Arity.OPTIONAL, fallback, bare, meaning));
  }

  /// May be given several times; a comma does not separate.
  public Options repeated(String name, char letter, String meaning) {
    return declare(new Option(name, letter, Arity.REPEATED, "", "", meaning));
  }

  private Options declare(Option option) {
    declared.put(option.name(), option);
    return this;
  }

  /// @throws Failure naming the first argument that is not understood
  public Options parse(List<String> arguments) {
    int next = 0;
    while (next < arguments.size()) {
      String argument = arguments.get(next++);
      if (dashes) {
        afterDashes.add(argument);
      } else if (argument.equals("--")) {
        dashes = true;
      } else if (argument.startsWith("--")) {
        next = parseLong(argument, arguments, next);
      } else if (argument.length() > 1 && argument.charAt(0) == '-' && !isNumber(argument)) {
        next = parseLetters(argument, arguments, next);
      } else {
        words.add(argument);
      }
    }
    return this;
  }

  private static boolean isNumber(String argument) {
    return argument.substring(1).chars().allMatch(Character::isDigit);
  }

  private int parseLong(String argument, List<String> arguments, int next) {
    int equals = argument.indexOf('=');
    String name = argument.substring(2, equals < 0 ? argument.length() : equals);
    Option option = declared.get(name);
    if (option == null) {
      throw new Failure(
          "error: unknown flag: --"
              + name
              + Spelling.nearest(name, declared.keySet())
                  .map(meant -> "\nDid you mean --" + meant + "?")
                  .orElse("")
              + "\nSee '--help' for the flags of this command.");
    }
    if (equals >= 0) {
      add(option, argument.substring(equals + 1));
      return next;
    }
    if (takesNone(option)) {
      add(option, option.bare());
      return next;
    }
    if (next == arguments.size()) {
      throw new Failure("error: flag needs an argument: --" + name);
    }
    add(option, arguments.get(next));
    return next + 1;
  }

  private int parseLetters(String argument, List<String> arguments, int next) {
    for (int i = 1; i < argument.length(); i++) {
      char letter = argument.charAt(i);
      Option option =
          declared.values().stream()
              .filter(candidate -> candidate.letter() == letter)
              .findFirst()
              .orElseThrow(() ->
                  new Failure(
                      "error: unknown shorthand flag: '"
                          + letter
                          + "' in "
                          + argument
                          + "\nSee '--help' for the flags of this command."));
      if (takesNone(option) && !argument.startsWith("=", i + 1)) {
        add(option, option.bare());
        continue;
      }
      String rest = argument.substring(i + 1);
      if (!rest.isEmpty()) {
        add(option, rest.startsWith("=") ? rest.substring(1) : rest);
        return next;
      }
      if (next == arguments.size()) {
        throw new Failure("error: flag needs an argument: '" + letter + "' in " + argument);
      }
      add(option, arguments.get(next));
      return next + 1;
    }
    return next;
  }

  private static boolean takesNone(Option option) {
    return option.arity() == Arity.SWITCH || option.arity() == Arity.OPTIONAL;
  }

  private void add(Option option, String value) {
    List<String> values = given.computeIfAbsent(option.name(), name -> new ArrayList<>());
    if (option.arity() != Arity.REPEATED) {
      values.clear();
    }
    if (option.arity() == Arity.SWITCH && !value.equals("true") && !value.equals("false")) {
      throw new Failure(
          "error: invalid argument \""
              + value
              + "\" for --"
              + option.name()
              + ": it takes true or false");
    }
    values.add(value);
  }

  /// The arguments that are no options, without those after `--`.
  public List<String> words() {
    return List.copyOf(words);
  }

  /// What follows `--`, untouched.
  public List<String> afterDashes() {
    return List.copyOf(afterDashes);
  }

  public boolean hasDashes() {
    return dashes;
  }

  /// Whether the command knows it.
  public boolean isDeclared(String name) {
    return declared.containsKey(name);
  }

  public boolean isGiven(String name) {
    return given.containsKey(name);
  }

  public String text(String name) {
    Option option = declared.get(name);
    if (option == null) {
      throw new IllegalStateException("undeclared option: " + name);
    }
    List<String> values = given.get(name);
    return values == null ? option.fallback() : values.getLast();
  }

  /// Nothing when it is empty.
  public Optional<String> find(String name) {
    return Optional.of(text(name)).filter(text -> !text.isEmpty());
  }

  public boolean isSet(String name) {
    return text(name).equals("true");
  }

  public List<String> all(String name) {
    return List.copyOf(given.getOrDefault(name, List.of()));
  }

  /// All values, where a comma separates, too.
  public List<String> list(String name) {
    List<String> values = new ArrayList<>();
    for (String given : all(name)) {
      for (String value : given.split(",", -1)) {
        if (!value.isBlank()) {
          values.add(value.strip());
        }
      }
    }
    return values;
  }

  /// @throws Failure when it is no whole number
  public long number(String name) {
    try {
      return Long.parseLong(text(name));
    } catch (NumberFormatException e) {
      throw new Failure(
          "error: invalid argument \""
              + text(name)
              + "\" for --"
              + name
              + ": it takes a whole number");
    }
  }

  /// As they are written: `--namespace=` where a value has to follow.
  public List<String> flags() {
    return declared.values().stream()
        .map(option -> "--" + option.name() + (takesNone(option) ? "" : "="))
        .toList();
  }

  /// One line an option, for `--help`.
  public String help() {
    StringBuilder text = new StringBuilder();
    for (Option option : declared.values()) {
      String letter = option.letter() == ' ' ? "    " : "-" + option.letter() + ", ";
      String name = option.name() + (option.arity() == Arity.SWITCH ? "" : "=" + option.fallback());
      text.append("  ")
          .append(letter)
          .append("--")
          .append(name)
          .append(":  ")
          .append(option.meaning())
          .append('\n');
    }
    return text.toString();
  }
}
