package io.coxswain.kubectl.apply;

import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import tools.jackson.databind.JsonNode;

/// The server's description of its kinds (OpenAPI v3), a document for each group and version.
public final class OpenApi {

  private OpenApi() {}

  /// An empty object when the server describes nothing.
  public static JsonNode document(Session session, Kind kind) {
    String group = kind.group().isEmpty() ? "api/" + kind.version() : "apis/" + kind.apiVersion();
    try {
      JsonNode paths = Json.at(session.api().get("/openapi/v3"), "paths");
      String url = Json.text(paths, group, "serverRelativeURL");
      return session.api().get(url.isEmpty() ? "/openapi/v3/" + group : url);
    } catch (Api.Refusal e) {
      return Json.object();
    }
  }
}
