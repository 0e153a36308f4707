package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.KubeconfigFiles;
import java.util.List;
import java.util.function.Consumer;

/// `config`: shows and changes kubeconfig files.
final class ConfigCommand {

  private ConfigCommand() {}

  static Command all() {
    return new Group("config", "show and change kubeconfig files")
        .with("current-context", ConfigLists::currentContext)
        .with("delete-cluster", ConfigRemovals::cluster)
        .with("delete-context", ConfigRemovals::context)
        .with("delete-user", ConfigRemovals::user)
        .with("get-clusters", ConfigLists::clusters)
        .with("get-contexts", ConfigLists::contexts)
        .with("get-users", ConfigLists::users)
        .with("rename-context", ConfigRemovals::rename)
        .with("set", ConfigProperty::set)
        .with("set-cluster", ConfigEntries::cluster)
        .with("set-context", ConfigEntries::context)
        .with("set-credentials", ConfigUser::command)
        .with("unset", ConfigProperty::unset)
        .with("use-context", ConfigRemovals::use)
        .with("view", ConfigView::new);
  }

  /// The words, when there are as many as there have to be.
  static List<String> words(Session session, int count) {
    List<String> words = session.options().words();
    if (words.size() != count) {
      throw new Failure("error: Unexpected args: [" + String.join(" ", words) + "]");
    }
    return words;
  }

  /// @return what the files were before
  static KubeconfigFiles change(Session session, Consumer<KubeconfigFiles> change) {
    KubeconfigFiles before = KubeconfigFiles.change(session.places(), change);
    if (session.places().own()) {
      session
          .err()
          .println(
              "note: "
                  + before.defaultFile()
                  + " is written anew when the server starts: copy it to ~/.kube/config to keep"
                  + " changes");
    }
    return before;
  }
}
