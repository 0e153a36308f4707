package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// `image`: brings image archives to nodes and fetches them from there, for who has no registry.
/// Only nodes of Coxswain take and give them.
final class ImageCommand {

  private static final String TAR = "application/x-tar";

  private ImageCommand() {}

  static Command all() {
    return new Group("image", "work with the images of nodes")
        .with(
            "load",
            () ->
                new PlainCommand(
                    "image load",
                    "bring image archives to nodes: what docker save writes, or an OCI layout in"
                        + " a tar, also compressed by gzip or zstd",
                    "docker save shop:1.0 -o shop.tar && kubectl-lite image load shop.tar\n"
                        + "kubectl-lite image load layout.tar.gz --node=node-1 --name=shop:1.1",
                    ImageCommand::declare,
                    ImageCommand::load))
        .with(
            "save",
            () ->
                new PlainCommand(
                    "image save",
                    "fetch an archive of images from a node that has them, for image load, docker"
                        + " load and tools of OCI layouts; layers are packed anew, so the copies"
                        + " have other ids and digests",
                    "kubectl-lite image save shop:1.0 -o shop.tar\n"
                        + "kubectl-lite image save shop:1.0 web:2 --node=node-1 | gzip >"
                        + " shop.tar.gz",
                    ImageSave::declare,
                    ImageSave::run));
  }

  private static Options declare(Options options) {
    return options
        .repeated("node", ' ', "a node that is to have it, or several; all that are ready if none")
        .value("name", ' ', "", "the image's name, where the archive does not say it, or another");
  }

  private static int load(Session session) {
    List<String> words = session.options().words();
    if (words.isEmpty()) {
      throw new Failure("error: image load needs the file of an archive, as image load shop.tar");
    }
    List<Path> files = new ArrayList<>();
    for (String word : words) {
      Path file = session.world().folder().resolve(word);
      if (!Files.isRegularFile(file)) {
        throw new Failure("error: the file \"" + word + "\" does not exist");
      }
      files.add(file);
    }
    Kind kind = session.discovery().kind("v1", "Node");
    int failed = 0;
    for (String node : nodes(session, kind)) {
      String path =
          kind.path("", node)
              + "/proxy/images/load"
              + Api.query(Map.of("name", session.options().text("name")));
      for (Path file : files) {
        failed += load(session, node, path, file) ? 0 : 1;
      }
    }
    return failed == 0 ? 0 : 1;
  }

  /// One node's refusal is no reason to leave out the others.
  private static boolean load(Session session, String node, String path, Path file) {
    try {
      JsonNode answer = session.api().upload(path, file, TAR);
      for (JsonNode image : Json.at(answer, "images")) {
        session.out().println(Json.text(image, "name") + " loaded on node " + node);
      }
      return true;
    } catch (Api.Refusal e) {
      session.err().println("error: " + file.getFileName() + " on node " + node + ": " + e.told());
      return false;
    }
  }

  private static List<String> nodes(Session session, Kind kind) {
    List<String> asked = session.options().all("node");
    if (!asked.isEmpty()) {
      return asked;
    }
    List<String> ready = new ArrayList<>();
    for (JsonNode node : Json.at(session.api().get(kind.path("")), "items")) {
      if (isReady(node)) {
        ready.add(Json.name(node));
      } else {
        session.err().println("warning: node " + Json.name(node) + " is not ready: left out");
      }
    }
    if (ready.isEmpty()) {
      throw new Failure("error: no node is ready");
    }
    return ready;
  }

  static boolean isReady(JsonNode node) {
    for (JsonNode condition : Json.at(node, "status", "conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }
}
