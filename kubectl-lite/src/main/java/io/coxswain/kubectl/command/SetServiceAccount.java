package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import java.util.List;

/// `set serviceaccount`.
final class SetServiceAccount extends SetCommand {

  @Override
  public String name() {
    return "set serviceaccount";
  }

  @Override
  public String summary() {
    return "set who an object's pods are";
  }

  @Override
  public String examples() {
    return "kubectl-lite set serviceaccount deployment web robot";
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.isEmpty()) {
      throw new Failure("error: serviceaccount is required");
    }
    String account = words.getLast();
    return Targets.change(
        session,
        words.subList(0, words.size() - 1),
        "serviceaccount updated",
        object ->
            Targets.podSpec(object)
                .put("serviceAccount", account)
                .put("serviceAccountName", account));
  }
}
