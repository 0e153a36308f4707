package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.KubeconfigFiles;
import io.coxswain.kubectl.config.Section;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// What the last of some words may become, one a line: what [Completion]'s scripts ask for. Nothing
/// where it is not known, and then the shell offers files.
final class Candidates implements Command {

  private static final Set<String> OF_KINDS =
      Set.of(
          "get",
          "describe",
          "delete",
          "edit",
          "patch",
          "label",
          "annotate",
          "scale",
          "wait",
          "rollout",
          "expose",
          "autoscale");
  private static final Set<String> OF_PODS =
      Set.of("logs", "exec", "attach", "port-forward", "cp", "debug");
  private static final Set<String> OF_NODES = Set.of("drain", "cordon", "uncordon", "taint");
  private static final Set<String> OUTPUT = Set.of("-o", "--output");
  private static final Set<String> OF_CONTEXTS =
      Set.of(
          "config use-context",
          "config delete-context",
          "config rename-context",
          "config set-context",
          "config get-contexts");

  @Override
  public String name() {
    return "__complete";
  }

  @Override
  public String summary() {
    return "what the last word may become; for shells";
  }

  @Override
  public String examples() {
    return "kubectl-lite __complete -- get po";
  }

  @Override
  public Options declare(Options options) {
    return options;
  }

  @Override
  public int run(Session session) {
    List<String> words = new ArrayList<>(session.options().afterDashes());
    if (words.isEmpty()) {
      return 0;
    }
    String last = words.removeLast();
    try {
      candidates(session, words, last).stream()
          .filter(each -> each.startsWith(last))
          .distinct()
          .sorted()
          .forEach(session.out()::println);
    } catch (Failure | Api.Refusal e) {
      // nobody is told in the middle of a line
    }
    return 0;
  }

  private static List<String> candidates(Session session, List<String> before, String last) {
    List<String> words = new ArrayList<>(before);
    if (words.contains("--")) {
      return List.of();
    }
    int equals = last.indexOf('=');
    if (last.startsWith("-") && equals > 0) {
      String option = last.substring(0, equals);
      return values(session, option).stream().map(value -> option + "=" + value).toList();
    }
    int at = Commands.position(words);
    if (at < 0) {
      return last.startsWith("-") ? flags(null) : Commands.names();
    }
    Optional<Command> found = Commands.find(words.remove(at));
    if (found.isEmpty()) {
      return List.of();
    }
    Command command = found.get();
    for (int next = Commands.position(words); next >= 0; next = Commands.position(words)) {
      Optional<Command> part = command.part(words.get(next));
      if (part.isEmpty()) {
        break;
      }
      command = part.get();
      words.remove(next);
    }
    if (last.startsWith("-")) {
      return flags(command);
    }
    String option = words.isEmpty() ? "" : words.getLast();
    if (option.startsWith("-") && !option.contains("=")) {
      if (command.name().equals("image save") && OUTPUT.contains(option)) {
        return List.of(); // a file
      }
      List<String> values = values(session, option);
      if (!values.isEmpty()) {
        return values;
      }
    }
    return words(session, command, plain(command, words), last);
  }

  /// The words that are neither options nor their values.
  private static List<String> plain(Command command, List<String> words) {
    try {
      return Session.options(command).parse(words).words();
    } catch (Failure e) {
      return List.of(); // an option whose value is still to come
    }
  }

  private static List<String> flags(@org.jspecify.annotations.Nullable Command command) {
    return (command == null ? Session.options(null) : Session.options(command)).flags();
  }

  private static List<String> values(Session session, String option) {
    return switch (option) {
      case "-n", "--namespace" -> names(session, session.discovery().kind("v1", "Namespace"), "");
      case "--context" -> config(session, Section.CONTEXTS);
      case "--cluster" -> config(session, Section.CLUSTERS);
      case "--user" -> config(session, Section.USERS);
      case "-o", "--output" ->
          List.of("json", "yaml", "name", "wide", "jsonpath=", "custom-columns=", "go-template=");
      case "--dry-run" -> List.of("none", "client", "server");
      case "--node" -> names(session, session.discovery().kind("v1", "Node"), "");
      default -> List.of();
    };
  }

  private static List<String> config(Session session, Section section) {
    return KubeconfigFiles.load(session.places()).names(section);
  }

  private static List<String> words(
      Session session, Command command, List<String> words, String last) {
    String name = command.name();
    if (words.isEmpty() && !command.words().isEmpty()) {
      return command.words();
    }
    if (name.equals("completion")) {
      return List.of("bash", "zsh", "fish");
    }
    if (OF_CONTEXTS.contains(name)) {
      return config(session, Section.CONTEXTS);
    }
    int slash = last.indexOf('/');
    if (slash > 0 && (OF_KINDS.contains(name) || (OF_PODS.contains(name) && words.isEmpty()))) {
      return names(
          session,
          session.discovery().kind(last.substring(0, slash)),
          last.substring(0, slash + 1));
    }
    if (OF_PODS.contains(name) && words.isEmpty()) {
      List<String> pods = names(session, session.discovery().kind("v1", "Pod"), "");
      return name.equals("cp") ? pods.stream().map(pod -> pod + ":").toList() : pods;
    }
    if (OF_NODES.contains(name)) {
      return names(session, session.discovery().kind("v1", "Node"), "");
    }
    if (name.equals("image save")) {
      return images(session);
    }
    if (name.startsWith("certificate ")) {
      return names(
          session,
          session.discovery().kind("certificates.k8s.io/v1", "CertificateSigningRequest"),
          "");
    }
    if (name.equals("explain") && words.isEmpty()) {
      return kinds(session);
    }
    List<String> rest =
        name.equals("rollout") && !words.isEmpty() ? words.subList(1, words.size()) : words;
    if (name.equals("rollout") && words.isEmpty()) {
      return List.of("history", "pause", "restart", "resume", "status", "undo");
    }
    if (OF_KINDS.contains(name)) {
      return rest.isEmpty()
          ? kinds(session)
          : names(session, session.discovery().kind(rest.getFirst()), "");
    }
    return List.of();
  }

  private static List<String> kinds(Session session) {
    return session.discovery().kinds().stream()
        .filter(Kind::preferred)
        .map(Kind::qualifiedPlural)
        .toList();
  }

  /// Those that nodes tell of, by their tags.
  private static List<String> images(Session session) {
    Set<String> images = new TreeSet<>();
    Kind kind = session.discovery().kind("v1", "Node");
    for (JsonNode node : Json.at(session.api().get(kind.path("")), "items")) {
      for (JsonNode image : Json.at(node, "status", "images")) {
        for (JsonNode name : Json.at(image, "names")) {
          if (!name.asString("").contains("@")) {
            images.add(name.asString(""));
          }
        }
      }
    }
    return List.copyOf(images);
  }

  private static List<String> names(Session session, Kind kind, String prefix) {
    List<String> names = new ArrayList<>();
    Json.at(session.api().get(kind.path(session.namespace())), "items")
        .forEach(item -> names.add(prefix + Json.name(item)));
    return names;
  }
}
