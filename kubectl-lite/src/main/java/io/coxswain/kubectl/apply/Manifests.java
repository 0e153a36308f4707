package io.coxswain.kubectl.apply;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.document.Json;
import io.coxswain.kubectl.document.Yaml;
import io.coxswain.kubectl.kustomize.Kustomize;
import io.coxswain.kubectl.resource.Labels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The objects that `-f` names: files, folders, `-` for standard input. All of them are read before
/// anything is sent, and every error is told at once.
public final class Manifests {

  private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");

  private final List<Manifest> found = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  private Manifests() {}

  public static Options declare(Options options) {
    return options
        .repeated("filename", 'f', "file, folder or - (standard input) with the objects")
        .toggle("recursive", 'R', "folders within folders too")
        .repeated("kustomize", 'k', "folder with a kustomization");
  }

  /// @throws Failure with all that is wrong in the files
  public static List<Manifest> read(Session session) {
    List<String> names = session.options().list("filename");
    List<String> kustomizations = session.options().all("kustomize");
    if (names.isEmpty() && kustomizations.isEmpty()) {
      throw new Failure(
          "error: must specify one of -f and -k: a file, a folder, or - for standard input");
    }
    if (!names.isEmpty() && !kustomizations.isEmpty()) {
      throw new Failure("error: only one of -f or -k can be specified");
    }
    Manifests manifests = new Manifests();
    for (String folder : kustomizations) {
      Kustomize.build(session.world().folder().resolve(folder), session.world().environment())
          .forEach(object -> manifests.found.add(new Manifest(object, folder)));
    }
    for (String name : names) {
      manifests.add(name, session);
    }
    if (!manifests.problems.isEmpty()) {
      throw new Failure(String.join("\n", manifests.problems));
    }
    if (manifests.found.isEmpty()) {
      throw new Failure(
          "error: no objects passed: "
              + String.join(", ", names.isEmpty() ? kustomizations : names)
              + " holds none");
    }
    return selected(session, manifests.found);
  }

  private static List<Manifest> selected(Session session, List<Manifest> found) {
    if (!session.options().isGiven("selector")) {
      return found;
    }
    List<Labels.Term> terms = Labels.parse(session.options().text("selector"));
    return found.stream().filter(each -> Labels.match(terms, each.object())).toList();
  }

  private void add(String name, Session session) {
    try {
      if (name.equals("-")) {
        text(readAll(session.world().in()), "standard input");
        return;
      }
      if (name.startsWith("http://") || name.startsWith("https://")) {
        problems.add(
            "error: "
                + name
                + ": URLs are not read; fetch it and pass the file, as: curl -sL URL | kubectl-lite apply -f -");
        return;
      }
      Path path = session.world().folder().resolve(name);
      if (!Files.exists(path)) {
        problems.add("error: the path \"" + name + "\" does not exist");
      } else if (Files.isDirectory(path)) {
        folder(path, name, session.options().isSet("recursive"));
      } else {
        file(path, name);
      }
    } catch (IOException e) {
      problems.add("error: cannot read " + name + ": " + e.getMessage());
    }
  }

  private void folder(Path folder, String name, boolean recursive) throws IOException {
    try (Stream<Path> paths = Files.walk(folder, recursive ? 64 : 1)) {
      List<Path> files =
          paths
              .filter(Files::isRegularFile)
              .filter(path ->
                  ENDINGS.stream().anyMatch(path.toString().toLowerCase(Locale.ROOT)::endsWith))
              .sorted()
              .toList();
      if (files.isEmpty()) {
        problems.add("error: the folder " + name + " holds no .yaml, .yml or .json file");
      }
      for (Path file : files) {
        file(file, name + "/" + folder.relativize(file));
      }
    }
  }

  private void file(Path path, String name) throws IOException {
    text(Files.readAllBytes(path), name);
  }

  private static byte[] readAll(InputStream in) throws IOException {
    return in.readAllBytes();
  }

  private void text(byte[] bytes, String origin) {
    List<JsonNode> documents;
    try {
      documents = Yaml.all(bytes);
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      message
          .lines()
          .forEach(line ->
              problems.add("error: " + origin + ": error converting YAML to JSON: " + line));
      return;
    }
    int number = 0;
    for (JsonNode document : documents) {
      number++;
      document(document, documents.size() == 1 ? origin : origin + ", document " + number);
    }
  }

  private void document(JsonNode document, String origin) {
    if (!(document instanceof ObjectNode object)) {
      problems.add(
          "error: " + origin + ": an object is expected, with apiVersion, kind and metadata");
      return;
    }
    List<String> missing = new ArrayList<>();
    for (String field : List.of("apiVersion", "kind")) {
      if (Json.text(object, field).isEmpty()) {
        missing.add(field);
      }
    }
    if (!missing.isEmpty()) {
      missing.forEach(field -> problems.add("error: " + origin + ": " + field + " not set"));
      return;
    }
    if (Manifest.isList(object)) {
      int number = 0;
      for (JsonNode item : Json.at(object, "items")) {
        document(item, origin + ", items[" + number++ + "]");
      }
      return;
    }
    Manifest manifest = new Manifest(object, origin);
    if (manifest.name().isEmpty() && Json.text(object, "metadata", "generateName").isEmpty()) {
      problems.add(manifest.told("metadata.name: Required value: every object needs a name"));
      return;
    }
    found.add(manifest);
  }
}
