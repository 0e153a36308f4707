package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.Spelling;
import java.util.List;
import java.util.Optional;

/// Every command, in the order in which the help lists them.
public final class Commands {

  private static final List<String> NAMES =
      List.of(
          "get",
          "describe",
          "apply",
          "diff",
          "kustomize",
          "create",
          "delete",
          "run",
          "edit",
          "patch",
          "replace",
          "set",
          "expose",
          "scale",
          "autoscale",
          "rollout",
          "wait",
          "logs",
          "exec",
          "attach",
          "cp",
          "port-forward",
          "debug",
          "proxy",
          "events",
          "top",
          "label",
          "annotate",
          "taint",
          "cordon",
          "uncordon",
          "drain",
          "explain",
          "api-resources",
          "api-versions",
          "auth",
          "certificate",
          "image",
          "cluster-info",
          "config",
          "completion",
          "options",
          "version");

  private Commands() {}

  /// Only the one that is meant is made: the classes of the others would cost time at each start.
  public static Optional<Command> find(String name) {
    return switch (name) {
      case "get" -> Optional.of(new Get());
      case "describe" -> Optional.of(new Describe());
      case "apply" -> Optional.of(new Apply());
      case "diff" -> Optional.of(new Diff());
      case "kustomize" -> Optional.of(new KustomizeCommand());
      case "create" -> Optional.of(new Create());
      case "delete" -> Optional.of(new Delete());
      case "run" -> Optional.of(new Run());
      case "edit" -> Optional.of(new Edit());
      case "patch" -> Optional.of(new Patch());
      case "replace" -> Optional.of(new Replace());
      case "set" -> Optional.of(SetCommand.all());
      case "expose" -> Optional.of(new Expose());
      case "scale" -> Optional.of(new Scale());
      case "autoscale" -> Optional.of(new Autoscale());
      case "rollout" -> Optional.of(new Rollout());
      case "wait" -> Optional.of(new Wait());
      case "logs" -> Optional.of(new Logs());
      case "exec" -> Optional.of(new Exec());
      case "attach" -> Optional.of(new Attach());
      case "cp" -> Optional.of(new Cp());
      case "port-forward" -> Optional.of(new PortForward());
      case "events" -> Optional.of(new Events());
      case "top" -> Optional.of(new Top());
      case "label" -> Optional.of(Metadata.label());
      case "annotate" -> Optional.of(Metadata.annotate());
      case "taint" -> Optional.of(new Taint());
      case "cordon" -> Optional.of(Cordon.cordon());
      case "uncordon" -> Optional.of(Cordon.uncordon());
      case "drain" -> Optional.of(new Drain());
      case "explain" -> Optional.of(new Explain());
      case "api-resources" -> Optional.of(new ApiResources());
      case "debug" -> Optional.of(new Debug());
      case "proxy" -> Optional.of(new Proxy());
      case "api-versions" -> Optional.of(ApiVersions.command());
      case "auth" -> Optional.of(AuthCommand.all());
      case "certificate" -> Optional.of(CertificateCommand.all());
      case "image" -> Optional.of(ImageCommand.all());
      case "cluster-info" -> Optional.of(new ClusterInfo());
      case "completion" -> Optional.of(new Completion());
      case "__complete" -> Optional.of(new Candidates());
      case "options" -> Optional.of(globalOptions());
      case "config" -> Optional.of(ConfigCommand.all());
      case "version" -> Optional.of(new Version());
      default -> Optional.empty();
    };
  }

  private static Command globalOptions() {
    return new PlainCommand(
        "options",
        "list the options that every command knows",
        "kubectl-lite options",
        session -> {
          session
              .out()
              .print(
                  "The following options can be passed to any command:\n\n"
                      + Session.options(null).help());
          return 0;
        });
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
              && (List.of("-n", "-s", "-o", "-f", "-l", "-c").contains(word)
                  || List.of(
                          "--kubeconfig",
                          "--context",
                          "--cluster",
                          "--user",
                          "--as",
                          "--as-group",
                          "--as-uid",
                          "--tls-server-name",
                          "--certificate-authority",
                          "--client-certificate",
                          "--client-key",
                          "--namespace",
                          "--output",
                          "--filename",
                          "--selector",
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
    return Spelling.nearest(word, NAMES)
        .map(name -> "\n\nDid you mean this?\n\t" + name + "\n")
        .orElse("");
  }

  /// What there is, in the order of the help.
  public static List<String> names() {
    return NAMES;
  }

  public static String help() {
    StringBuilder text =
        new StringBuilder(
            "kubectl-lite controls a Kubernetes-compatible cluster.\n\nUsage: kubectl-lite COMMAND [WORDS] [OPTIONS]\n\nCommands:\n");
    for (String name : NAMES) {
      String summary = find(name).map(Command::summary).orElse("");
      text.append(String.format("  %-14s %s%n", name, summary.lines().findFirst().orElse("")));
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
