package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.Spelling;
import java.util.List;
import java.util.Optional;

/// Every command, in the order in which the help lists them.
public final class Commands {

  private static final List<Command> ALL =
      List.of(
          new Get(),
          new Describe(),
          new Apply(),
          new Create(),
          new Delete(),
          new Patch(),
          new Scale(),
          new Rollout(),
          new Wait(),
          new Logs(),
          new Exec(),
          new Events(),
          new Top(),
          Metadata.label(),
          Metadata.annotate(),
          Cordon.cordon(),
          Cordon.uncordon(),
          new Drain(),
          new Explain(),
          new ApiResources(),
          new Version());

  private Commands() {}

  public static Optional<Command> find(String name) {
    return ALL.stream().filter(command -> command.name().equals(name)).findFirst();
  }

  /// Where the verb stands: options may come before it.
  public static int position(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-")) {
        return i;
      }
      boolean takesNext =
          !word.contains("=")
              && (word.equals("-n")
                  || word.equals("-s")
                  || List.of(
                          "--kubeconfig",
                          "--context",
                          "--namespace",
                          "--server",
                          "--token",
                          "--request-timeout")
                      .contains(word));
      if (takesNext) {
        i++;
      }
    }
    return -1;
  }

  /// A hint when the word is close to a command.
  public static String near(String word) {
    return Spelling.nearest(word, ALL.stream().map(Command::name).toList())
        .map(name -> "\n\nDid you mean this?\n\t" + name + "\n")
        .orElse("");
  }

  public static String help() {
    StringBuilder text =
        new StringBuilder(
            "kubectl-lite controls a Kubernetes-compatible cluster.\n\nUsage: kubectl-lite COMMAND [WORDS] [OPTIONS]\n\nCommands:\n");
    for (Command command : ALL) {
      text.append(String.format("  %-14s %s%n", command.name(), command.summary()));
    }
    return text.append("\nkubectl-lite COMMAND --help tells more of one of them.\n").toString();
  }

  /// The options of commands that choose objects by label and field.
  static Options selectors(Options options) {
    return options
        .value("selector", 'l', "", "only objects with these labels, as app=web,tier!=db")
        .value("field-selector", ' ', "", "only objects with these fields, as status.phase=Running")
        .toggle("all-namespaces", 'A', "in every namespace");
  }

  static String namespace(Session session) {
    return session.options().isSet("all-namespaces") ? "" : session.namespace();
  }
}
