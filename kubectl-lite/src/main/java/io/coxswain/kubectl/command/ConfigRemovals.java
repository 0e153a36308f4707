package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.KubeconfigFiles;
import io.coxswain.kubectl.config.Section;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/// The parts of `config` that choose, rename and remove entries.
final class ConfigRemovals {

  private ConfigRemovals() {}

  static Command use() {
    return new PlainCommand(
        "config use-context",
        "choose the context that is in force from now on",
        "kubectl-lite config use-context test",
        session -> {
          String name = ConfigCommand.words(session, 1).getFirst();
          ConfigCommand.change(
              session,
              files -> {
                if (!files.names(Section.CONTEXTS).contains(name)) {
                  throw new Failure("error: no context exists with the name: \"" + name + "\"");
                }
                files.currentContext(name);
              });
          session.out().println("Switched to context \"" + name + "\".");
          return 0;
        });
  }

  static Command rename() {
    return new PlainCommand(
        "config rename-context",
        "give a context another name",
        "kubectl-lite config rename-context old new",
        session -> {
          List<String> names = ConfigCommand.words(session, 2);
          ConfigCommand.change(session, files -> rename(files, names.get(0), names.get(1)));
          session
              .out()
              .println("Context \"" + names.get(0) + "\" renamed to \"" + names.get(1) + "\".");
          return 0;
        });
  }

  private static void rename(KubeconfigFiles files, String from, String to) {
    ObjectNode context =
        files
            .find(Section.CONTEXTS, from)
            .orElseThrow(() ->
                new Failure(
                    "error: cannot rename the context \""
                        + from
                        + "\", it's not in "
                        + files.defaultFile()));
    if (files.names(Section.CONTEXTS).contains(to)) {
      throw new Failure(
          "error: cannot rename the context \""
              + from
              + "\", the context \""
              + to
              + "\" already exists in "
              + files.defaultFile());
    }
    boolean current = files.currentContext().equals(from);
    files.remove(Section.CONTEXTS, from);
    files.put(Section.CONTEXTS, to, context);
    if (current) {
      files.currentContext(to);
    }
  }

  static Command cluster() {
    return removal(Section.CLUSTERS);
  }

  static Command context() {
    return removal(Section.CONTEXTS);
  }

  static Command user() {
    return removal(Section.USERS);
  }

  private static Command removal(Section section) {
    String kind = section.field().toLowerCase(Locale.ROOT);
    return new PlainCommand(
        "config delete-" + kind,
        "remove a " + kind,
        "kubectl-lite config delete-" + kind + " test",
        session -> remove(session, section));
  }

  private static int remove(Session session, Section section) {
    String kind = section.field();
    if (session.options().words().size() != 1) {
      throw new Failure(
          "error: "
              + kind
              + " to delete is required\nSee 'kubectl-lite config delete-"
              + kind
              + " -h' for help and examples");
    }
    String name = session.options().words().getFirst();
    KubeconfigFiles before =
        ConfigCommand.change(
            session,
            files -> {
              if (!files.remove(section, name)) {
                throw new Failure(
                    "error: cannot delete "
                        + kind
                        + " "
                        + name
                        + ", not in "
                        + files.defaultFile());
              }
            });
    if (section == Section.CONTEXTS && before.currentContext().equals(name)) {
      session
          .err()
          .println(
              "warning: this removed your active context, use \"kubectl-lite config use-context\""
                  + " to select a different one");
    }
    session.out().println("deleted " + kind + " " + name + " from " + before.defaultFile());
    return 0;
  }
}
