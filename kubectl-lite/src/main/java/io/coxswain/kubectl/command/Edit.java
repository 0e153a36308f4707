package io.coxswain.kubectl.command;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Refusals;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.apply.Descriptions;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.Yaml;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `edit`: opens objects in an editor and sends what was changed. What the server refuses is opened
/// again with the reasons on top, until it is accepted or left as it is.
final class Edit implements Command {

  private static final String EXPLAINED =
      """
      # Please edit the object below. Lines beginning with a '#' will be ignored,
      # and an empty file will abort the edit. If an error occurs while saving this file will be
      # reopened with the relevant failures.
      #
      """;

  @Override
  public String name() {
    return "edit";
  }

  @Override
  public String summary() {
    return "change objects in an editor";
  }

  @Override
  public String examples() {
    return "kubectl-lite edit deployment/web\n"
        + "EDITOR=nano kubectl-lite edit configmap app -n team-a";
  }

  @Override
  public Options declare(Options options) {
    return Changes.declare(Targets.declare(options), "kubectl-edit")
        .value("subresource", ' ', "", "status, scale or resize instead of the object itself")
        .toggle("output-patch", ' ', "show the patch that was sent")
        .toggle("save-config", ' ', "remember the object for a later apply");
  }

  @Override
  public int run(Session session) {
    Descriptions descriptions = new Descriptions(session);
    List<Targets.Target> targets = Targets.of(session, session.options().words());
    if (targets.isEmpty()) {
      throw new Failure("error: edit cancelled, no objects found");
    }
    for (Targets.Target target : targets) {
      one(session, descriptions, target);
    }
    return 0;
  }

  private static void one(Session session, Descriptions descriptions, Targets.Target target) {
    boolean json = session.options().text("output").equals("json");
    JsonNode before = subresource(session, target);
    String text = text(before, json, session.options().isSet("show-managed-fields"));
    List<String> reasons = List.of();
    String last = text;
    try (EditedFile file = EditedFile.make(session.world().environment(), json)) {
      while (true) {
        String edited = file.edit(header(reasons, json) + last);
        String bare = withoutComments(edited);
        if (bare.isBlank()) {
          session.err().println("Edit cancelled, saved file was empty.");
          return;
        }
        if (bare.equals(withoutComments(last))) {
          if (reasons.isEmpty()) {
            session.err().println("Edit cancelled, no changes made.");
            return;
          }
          Path kept = file.keep();
          throw new Failure(
              String.join("\n", reasons)
                  + "\nYour changes are kept in \""
                  + kept
                  + "\"\nerror: Edit cancelled, no valid changes were saved.");
        }
        last = bare;
        reasons = send(session, descriptions, target, before, bare);
        if (reasons.isEmpty()) {
          return;
        }
        session.err().println("error: " + Changes.reference(before) + " is invalid");
      }
    } catch (IOException e) {
      throw new Failure("error: cannot edit a file: " + e.getMessage());
    }
  }

  private static JsonNode subresource(Session session, Targets.Target target) {
    JsonNode object = target.object();
    String subresource = session.options().text("subresource");
    return subresource.isEmpty()
        ? object
        : session
            .api()
            .get(target.kind().path(Json.namespace(object), Json.name(object)) + "/" + subresource);
  }

  /// @return why it was refused; nothing when it was not
  private static List<String> send(
      Session session,
      Descriptions descriptions,
      Targets.Target target,
      JsonNode before,
      String edited) {
    JsonNode wanted;
    try {
      wanted = Yaml.one(edited.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return List.of("The edited file had a syntax error: " + e.getMessage());
    }
    if (!(wanted instanceof ObjectNode object)) {
      return List.of("The edited file holds no object");
    }
    for (String field : List.of("apiVersion", "kind")) {
      if (!Json.text(object, field).equals(Json.text(before, field))) {
        return List.of("At least one of apiVersion, kind and name was changed");
      }
    }
    if (!Json.name(object).equals(Json.name(before))) {
      return List.of("At least one of apiVersion, kind and name was changed");
    }
    if (session.options().isSet("save-config")) {
      LastApplied.remember(object);
    }
    JsonNode managed = Json.at(before, "metadata", "managedFields");
    if (!managed.isMissingNode() && Json.at(object, "metadata", "managedFields").isMissingNode()) {
      object.withObjectProperty("metadata").set("managedFields", managed);
    }
    try {
      JsonNode result =
          Changes.patch(
              session,
              descriptions,
              target.kind(),
              session.options().text("subresource"),
              before,
              object);
      session
          .out()
          .println(
              Changes.reference(result) + " edited" + DryRun.suffix(DryRun.of(session.options())));
      session.out().flush();
      return List.of();
    } catch (Api.Refusal e) {
      if (e.isNotFound()) {
        throw e;
      }
      return Refusals.text(e).lines().toList();
    }
  }

  private static String text(JsonNode object, boolean json, boolean managedFields) {
    JsonNode shown = object.deepCopy();
    if (!managedFields && Json.at(shown, "metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    return json ? Printer.pretty(shown) : YamlCodec.write(shown);
  }

  private static String header(List<String> reasons, boolean json) {
    if (json && reasons.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder(EXPLAINED);
    List<String> lines = new ArrayList<>(reasons);
    lines.forEach(line -> text.append("# ").append(line).append('\n'));
    return text.append(lines.isEmpty() ? "" : "#\n").toString();
  }

  private static String withoutComments(String text) {
    StringBuilder bare = new StringBuilder();
    boolean top = true;
    for (String line : text.lines().toList()) {
      if (top && (line.startsWith("#") || line.isBlank())) {
        continue;
      }
      top = false;
      bare.append(line).append('\n');
    }
    return bare.toString();
  }
}
