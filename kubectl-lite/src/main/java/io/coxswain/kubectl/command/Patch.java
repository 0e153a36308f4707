package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.Yaml;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.output.Printer;
import io.coxswain.kubectl.resource.Selection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// `patch`: changes part of one object.
final class Patch implements Command {

  @Override
  public String name() {
    return "patch";
  }

  @Override
  public String summary() {
    return "change part of an object";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite patch deployment web -p '{"spec":{"replicas":3}}'
    kubectl-lite patch pod web-1 --type=json -p '[{"op":"remove","path":"/metadata/labels/tier"}]'\
    """;
  }

  @Override
  public Options declare(Options options) {
    return DryRun.declare(Printer.declare(options))
        .value("patch", 'p', "", "the patch, as JSON or YAML")
        .value("patch-file", ' ', "", "file with the patch")
        .value("type", ' ', "strategic", "strategic, merge or json")
        .value("subresource", ' ', "", "status, scale or resize instead of the object itself");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    String contentType =
        switch (options.text("type")) {
          case "strategic" -> "application/strategic-merge-patch+json";
          case "merge" -> "application/merge-patch+json";
          case "json" -> "application/json-patch+json";
          default ->
              throw new Failure(
                  "error: --type must be one of [json merge strategic], not \""
                      + options.text("type")
                      + "\"");
        };
    byte[] patch = patch(session);
    Selection selection = Selection.single(session.discovery(), options.words());
    String dryRun = DryRun.of(options);
    Map<String, String> query = new TreeMap<>();
    query.put("dryRun", dryRun.equals("none") ? "" : "All");
    query.put("fieldManager", "kubectl-patch");
    String path = selection.kind().path(session.namespace(), selection.name());
    String before = Json.text(session.api().get(path), "metadata", "resourceVersion");
    JsonNode patched =
        session
            .api()
            .patch(
                path
                    + options.find("subresource").map(sub -> "/" + sub).orElse("")
                    + Api.query(query),
                patch,
                contentType);
    if (options.find("output").isPresent()) {
      session.out().print(Printer.of(options).print(patched, true));
    } else {
      boolean changed = !before.equals(Json.text(patched, "metadata", "resourceVersion"));
      session
          .out()
          .println(
              Printer.reference(selection.kind(), selection.name())
                  + " patched"
                  + (changed ? "" : " (no change)")
                  + DryRun.suffix(dryRun));
    }
    return 0;
  }

  private static byte[] patch(Session session) {
    String text = session.options().text("patch");
    String file = session.options().text("patch-file");
    if (text.isEmpty() == file.isEmpty()) {
      throw new Failure("error: must specify --patch or --patch-file, and not both");
    }
    try {
      byte[] bytes =
          file.isEmpty()
              ? text.getBytes(StandardCharsets.UTF_8)
              : Files.readAllBytes(session.world().folder().resolve(file));
      return Json.bytes(Yaml.one(bytes));
    } catch (IOException e) {
      throw new Failure("error: unable to read the patch: " + e.getMessage());
    }
  }
}
