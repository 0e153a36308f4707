package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.resource.Labels;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// `set selector`.
final class SetSelector extends SetCommand {

  @Override
  public String name() {
    return "set selector";
  }

  @Override
  public String summary() {
    return "set which pods a service stands for";
  }

  @Override
  public String examples() {
    return "kubectl-lite set selector service web app=web,track=stable";
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.isEmpty() || !words.getLast().contains("=")) {
      throw new Failure("error: one selector is required, as: KEY=VALUE,KEY=VALUE");
    }
    ObjectNode selector = Labels.plain(words.getLast());
    return Targets.change(
        session,
        words.subList(0, words.size() - 1),
        "selector updated",
        object -> {
          if (!Json.text(object, "kind").equals("Service")) {
            throw new Failure(
                "error: selector for "
                    + Json.text(object, "kind")
                    + " is not supported: only a Service's can be set");
          }
          object.withObjectProperty("spec").set("selector", selector);
        });
  }
}
