package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import java.util.Set;
import java.util.TreeSet;

/// `api-versions`: groups and versions that the server has.
final class ApiVersions {

  private ApiVersions() {}

  static Command command() {
    return new PlainCommand(
        "api-versions",
        "list the API's groups and versions that the server has",
        "kubectl-lite api-versions",
        ApiVersions::run);
  }

  private static int run(Session session) {
    if (!session.options().words().isEmpty()) {
      throw new Failure(
          "error: unexpected arguments: ["
              + String.join(" ", session.options().words())
              + "]\nSee 'kubectl-lite api-versions -h' for help and examples");
    }
    Set<String> found = new TreeSet<>();
    Json.at(session.api().get("/api"), "versions").forEach(each -> found.add(each.asString()));
    Json.at(session.api().get("/apis"), "groups")
        .forEach(group ->
            Json.at(group, "versions")
                .forEach(version -> found.add(Json.text(version, "groupVersion"))));
    found.forEach(session.out()::println);
    return 0;
  }
}
