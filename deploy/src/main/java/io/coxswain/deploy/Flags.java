package io.coxswain.deploy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The command line's flags: declared first, so that `--help` and a misspelt one are answered with
/// the list.
final class Flags {

  /// @param value what stands for the value in the help; empty for a switch
  record Flag(String name, String value, String fallback, String meaning) {}

  /// What people typed was wrong; the message says what to do.
  static final class UsageException extends RuntimeException {
    UsageException(String message) {
      super(message);
    }
  }

  private final Map<String, Flag> declared = new LinkedHashMap<>();
  private final Map<String, String> given = new LinkedHashMap<>();

  Flags value(String name, String placeholder, String fallback, String meaning) {
    declared.put(name, new Flag(name, placeholder, fallback, meaning));
    return this;
  }

  Flags toggle(String name, String meaning) {
    declared.put(name, new Flag(name, "", "", meaning));
    return this;
  }

  /// @throws UsageException naming the first argument that is not understood
  Flags parse(List<String> arguments) {
    List<String> rest = new ArrayList<>(arguments);
    while (!rest.isEmpty()) {
      String argument = rest.removeFirst();
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      Flag flag = name.startsWith("--") ? declared.get(name.substring(2)) : null;
      if (flag == null) {
        throw new UsageException("unknown argument: " + argument + "\n" + help());
      }
      if (flag.value().isEmpty()) {
        given.put(flag.name(), "true");
      } else if (equals >= 0) {
        given.put(flag.name(), argument.substring(equals + 1));
      } else if (rest.isEmpty()) {
        throw new UsageException("--" + flag.name() + " needs a value: " + flag.meaning());
      } else {
        given.put(flag.name(), rest.removeFirst());
      }
    }
    return this;
  }

  String text(String name) {
    Flag flag = declared.get(name);
    if (flag == null) {
      throw new IllegalStateException("no such flag is declared: " + name);
    }
    return given.getOrDefault(name, flag.fallback());
  }

  /// Nothing when it was neither given nor has a fallback.
  Optional<String> find(String name) {
    return Optional.of(text(name)).filter(text -> !text.isEmpty());
  }

  /// @throws UsageException when it is missing
  String required(String name) {
    return find(name)
        .orElseThrow(() -> new UsageException("--" + name + " is required\n" + help()));
  }

  boolean isSet(String name) {
    return text(name).equals("true");
  }

  /// @throws UsageException when it is no whole number from `least` to `most`
  int number(String name, int least, int most) {
    String text = text(name);
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, as any other wrong value
    }
    throw new UsageException(
        "--" + name + " takes a whole number from " + least + " to " + most + ", not: " + text);
  }

  String help() {
    return declared.values().stream()
        .map(flag ->
            "  --%-28s %s%s"
                .formatted(
                    flag.name() + (flag.value().isEmpty() ? "" : " " + flag.value()),
                    flag.meaning(),
                    flag.fallback().isEmpty() ? "" : " (" + flag.fallback() + ")"))
        .collect(Collectors.joining("\n"));
  }
}
