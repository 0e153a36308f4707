package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Columns;
import io.coxswain.kubectl.output.Printer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `auth`: who one is, and what one may do.
final class AuthCommand {

  private AuthCommand() {}

  static Command all() {
    return new Group("auth", "tell who you are and what you may do")
        .with("can-i", CanI::new)
        .with("reconcile", AuthReconcile::new)
        .with("whoami", AuthCommand::whoami);
  }

  private static Command whoami() {
    return new PlainCommand(
        "auth whoami",
        "show as whom the server knows you",
        "kubectl-lite auth whoami\nkubectl-lite auth whoami -o yaml",
        Printer::declare,
        AuthCommand::whoami);
  }

  private static int whoami(Session session) {
    ObjectNode review =
        Json.object()
            .put("apiVersion", "authentication.k8s.io/v1")
            .put("kind", "SelfSubjectReview");
    JsonNode answer;
    try {
      answer = session.api().post("/apis/authentication.k8s.io/v1/selfsubjectreviews", review);
    } catch (Api.Refusal e) {
      throw e.isNotFound()
          ? new Failure("error: the selfsubjectreviews API is not enabled in the cluster")
          : e;
    }
    if (session.options().find("output").isPresent()) {
      session.out().print(Printer.of(session.options()).print(answer, true));
      return 0;
    }
    JsonNode user = Json.at(answer, "status", "userInfo");
    Columns columns = new Columns().add("ATTRIBUTE", "VALUE");
    row(columns, "Username", Json.text(user, "username"));
    row(columns, "UID", Json.text(user, "uid"));
    row(columns, "Groups", bracketed(Json.at(user, "groups")));
    Map<String, JsonNode> extra = new TreeMap<>();
    Json.at(user, "extra").properties().forEach(each -> extra.put(each.getKey(), each.getValue()));
    extra.forEach((key, values) -> row(columns, "Extra: " + key, bracketed(values)));
    session.out().print(columns);
    return 0;
  }

  private static void row(Columns columns, String name, String value) {
    if (!value.isEmpty()) {
      columns.add(name, value);
    }
  }

  private static String bracketed(JsonNode list) {
    List<String> values = new java.util.ArrayList<>();
    list.forEach(each -> values.add(each.asString()));
    return values.isEmpty() ? "" : "[" + String.join(" ", values) + "]";
  }
}
