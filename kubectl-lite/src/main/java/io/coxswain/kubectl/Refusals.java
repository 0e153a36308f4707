package io.coxswain.kubectl;

import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import tools.jackson.databind.JsonNode;

/// How the server's refusals read.
public final class Refusals {

  private Refusals() {}

  /// With every cause on a line of its own when there are several.
  public static String text(Api.Refusal refusal) {
    String reason = refusal.reason();
    JsonNode causes = Json.at(refusal.body(), "details", "causes");
    if (reason.equals("Invalid") && causes.size() > 1) {
      StringBuilder text = new StringBuilder(subject(refusal));
      for (JsonNode cause : causes) {
        text.append("\n  * ")
            .append(Json.text(cause, "field"))
            .append(": ")
            .append(Json.text(cause, "message"));
      }
      return text.toString();
    }
    if (reason.equals("Invalid")) {
      return refusal.told();
    }
    if (refusal.status() == 401) {
      return "error: You must be logged in to the server (" + refusal.told() + ")";
    }
    return "Error from server"
        + (reason.isEmpty() ? "" : " (" + reason + ")")
        + ": "
        + refusal.told();
  }

  private static String subject(Api.Refusal refusal) {
    JsonNode details = Json.at(refusal.body(), "details");
    return "The "
        + Json.text(details, "kind")
        + " \""
        + Json.text(details, "name")
        + "\" is invalid:";
  }
}
