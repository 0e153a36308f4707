package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.apply.MergeKeys;
import io.coxswain.kubectl.apply.ThreeWayMerge;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Kind;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What all commands that change objects have in common: `--dry-run`, `--field-manager`, and what
/// is said of each object.
final class Changes {

  private Changes() {}

  /// @param manager who the changes are said to be by, when nobody is named
  static Options declare(Options options, String manager) {
    return DryRun.declare(Printer.declare(options))
        .value("field-manager", ' ', manager, "who owns the fields that change");
  }

  /// The query of a request that changes something; with a blank at its beginning when it is empty.
  static String query(Session session) {
    return Api.query(parameters(session));
  }

  static Map<String, String> parameters(Session session) {
    Map<String, String> query = new TreeMap<>();
    query.put("dryRun", DryRun.query(DryRun.of(session.options())));
    query.put("fieldManager", session.options().text("field-manager"));
    return query;
  }

  /// Makes of the object that is there the one that is wanted, by a patch of what differs, and so
  /// leaves alone what others change at the same time.
  ///
  /// @return the object as it is then; the wanted one in a client's dry run
  static JsonNode patch(
      Session session,
      Descriptions descriptions,
      Kind kind,
      String subresource,
      JsonNode before,
      JsonNode wanted) {
    return DryRun.of(session.options()).equals("client")
        ? wanted
        : patch(session, descriptions, kind, subresource, before, wanted, query(session));
  }

  /// The same for commands that know no dry run.
  static JsonNode patchAlways(
      Session session,
      Descriptions descriptions,
      Kind kind,
      String subresource,
      JsonNode before,
      JsonNode wanted) {
    return patch(session, descriptions, kind, subresource, before, wanted, "");
  }

  private static JsonNode patch(
      Session session,
      Descriptions descriptions,
      Kind kind,
      String subresource,
      JsonNode before,
      JsonNode wanted,
      String query) {
    MergeKeys keys = descriptions.mergeKeys(kind);
    ObjectNode patch = new ThreeWayMerge(keys).patch(before, wanted, before);
    if (patch.isEmpty()) {
      return before;
    }
    return session
        .api()
        .patch(
            kind.path(Json.namespace(before), Json.name(before))
                + (subresource.isEmpty() ? "" : "/" + subresource)
                + query,
            Json.bytes(patch),
            keys.isKnown()
                ? "application/strategic-merge-patch+json"
                : "application/merge-patch+json");
  }

  /// Prints the object where `-o` asks for it, else `deployment.apps/web DONE`.
  static void told(Session session, JsonNode object, String done) {
    Options options = session.options();
    if (options.find("output").isPresent()) {
      session.out().print(Printer.of(options).print(object, true));
    } else {
      session
          .out()
          .println(reference(object) + " " + done + DryRun.suffix(DryRun.of(session.options())));
    }
    session.out().flush();
  }

  /// `deployment.apps/web`, of the object alone.
  static String reference(JsonNode object) {
    String apiVersion = Json.text(object, "apiVersion");
    int slash = apiVersion.indexOf('/');
    return Json.text(object, "kind").toLowerCase(Locale.ROOT)
        + (slash < 0 ? "" : "." + apiVersion.substring(0, slash))
        + "/"
        + Json.name(object);
  }
}
