package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/// `image save`: fetches an archive of images from a node that has all of them. A file has its name
/// only when it is whole.
final class ImageSave {

  private static final int MOST_TOLD = 10;

  private ImageSave() {}

  static Options declare(Options options) {
    return options
        .value("output", 'o', "", "the file to write; standard output if none")
        .value("node", ' ', "", "the node to fetch from; the first ready one that has all if none");
  }

  static int run(Session session) {
    List<String> names = session.options().words();
    if (names.isEmpty()) {
      throw new Failure(
          "error: image save needs the name of an image, as image save shop:1.0 -o shop.tar");
    }
    for (String name : names) {
      if (name.startsWith("host://")) {
        throw new Failure(
            "error: " + name + " is a node's own files and no image that could be saved");
      }
    }
    Optional<Path> file = file(session);
    if (file.isEmpty() && session.world().terminal().getAsBoolean()) {
      throw new Failure(
          "error: an archive is not for a terminal: name a file by -o, or send it on by > or |");
    }
    Kind kind = session.discovery().kind("v1", "Node");
    String asked = session.options().text("node");
    if (asked.isEmpty()) {
      saveFromAny(session, kind, names, file);
    } else {
      saveFrom(session, kind, asked, names, file);
    }
    return 0;
  }

  private static Optional<Path> file(Session session) {
    String output = session.options().text("output");
    if (output.isEmpty()) {
      return Optional.empty();
    }
    Path file = session.world().folder().resolve(output).toAbsolutePath();
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new Failure(
          "error: \"%s\" is no file: leave -o out to send the archive on by > or |"
              .formatted(output));
    }
    try {
      file = Files.exists(file) ? file.toRealPath() : file;
    } catch (IOException e) {
      throw new Failure("error: \"%s\": %s".formatted(output, e.getMessage()));
    }
    if (Files.isSymbolicLink(file)) {
      throw new Failure("error: \"%s\" is a link to a file that is not there".formatted(output));
    }
    if (!Files.isDirectory(parent(file))) {
      throw new Failure("error: the folder of \"%s\" does not exist".formatted(output));
    }
    return Optional.of(file);
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    return parent == null ? file : parent;
  }

  private static void saveFrom(
      Session session, Kind kind, String node, List<String> names, Optional<Path> file) {
    try {
      save(session, kind, node, names, file);
    } catch (Api.Refusal e) {
      String list =
          e.isNotFound()
              ? "\nkubectl-lite get node %s -o jsonpath='{.status.images[*].names}' tells of its images"
                  .formatted(node)
              : "";
      throw new Failure("error: node " + node + ": " + e.told() + list);
    }
  }

  /// Each is asked, those first that say they have them: they do not tell of all.
  private static void saveFromAny(
      Session session, Kind kind, List<String> names, Optional<Path> file) {
    List<String> first = new ArrayList<>();
    List<String> others = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (JsonNode node : Json.at(session.api().get(kind.path("")), "items")) {
      if (!ImageCommand.isReady(node)) {
        told.add("node " + Json.name(node) + " is not ready");
      } else if (names.stream().allMatch(name -> tellsOf(node, name))) {
        first.add(Json.name(node));
      } else {
        others.add(Json.name(node));
      }
    }
    first.addAll(others);
    for (String node : first) {
      try {
        save(session, kind, node, names, file);
        return;
      } catch (Api.Refusal e) {
        if (e.status() == 403) {
          throw e; // no node is asked then
        }
        told.add("node " + node + ": " + e.told());
      }
    }
    StringBuilder message = new StringBuilder("error: ");
    message.append(
        first.isEmpty() ? "no node is ready" : "no node has " + String.join(" and ", names));
    told.stream().limit(MOST_TOLD).forEach(one -> message.append('\n').append(one));
    if (told.size() > MOST_TOLD) {
      message.append("\nand ").append(told.size() - MOST_TOLD).append(" more nodes");
    }
    throw new Failure(message.toString());
  }

  /// A guess by its end: the node knows what a short name is short for.
  private static boolean tellsOf(JsonNode node, String name) {
    String end = name.indexOf(':', name.lastIndexOf('/') + 1) < 0 ? name + ":latest" : name;
    for (JsonNode image : Json.at(node, "status", "images")) {
      for (JsonNode one : Json.at(image, "names")) {
        String known = one.asString("");
        if (known.equals(end) || known.endsWith("/" + end)) {
          return true;
        }
      }
    }
    return false;
  }

  private static void save(
      Session session, Kind kind, String node, List<String> names, Optional<Path> file) {
    StringJoiner query = new StringJoiner("&", "?", "");
    for (String name : names) {
      query.add("name=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
    }
    String path = kind.path("", node) + "/proxy/images/save" + query;
    try (InputStream archive = session.api().stream(path)) {
      if (file.isPresent()) {
        write(archive, file.get());
      } else {
        archive.transferTo(session.out());
        if (session.out().checkError()) { // flushes, too
          throw new IOException("whoever was to read it went away");
        }
      }
    } catch (IOException e) {
      throw new Failure(
          "error: the archive from node %s was not saved as a whole: %s".formatted(node, why(e)));
    }
    session.err().println("saved from node " + node);
  }

  /// Some say no more than a path.
  private static String why(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "no permission to write " + denied.getFile();
      case FileSystemException failed -> failed.getFile() + ": " + failed.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  /// Beside its place first: whatever happens, there is no part of an archive under its name.
  private static void write(InputStream archive, Path file) throws IOException {
    Path part = Files.createTempFile(parent(file), "." + file.getFileName() + ".", ".part");
    part.toFile().deleteOnExit();
    try {
      try (OutputStream out = Files.newOutputStream(part, LinkOption.NOFOLLOW_LINKS)) {
        archive.transferTo(out);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
