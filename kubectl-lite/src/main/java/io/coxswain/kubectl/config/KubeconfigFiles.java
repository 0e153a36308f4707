package io.coxswain.kubectl.config;

import io.coxswain.client.codec.YamlCodec;
import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The kubeconfig files as `config` shows and changes them: also those that are not there yet. An
/// entry is changed in the file that has it; a new one goes to the first file that exists.
public final class KubeconfigFiles {

  private static final String CURRENT = "current-context";
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Map<Path, ObjectNode> files = new LinkedHashMap<>();
  private final KubeconfigPlaces places;

  private KubeconfigFiles(KubeconfigPlaces places) {
    this.places = places;
    for (Path path : places.all()) {
      files.put(path, Files.exists(path) ? (ObjectNode) Kubeconfig.read(path) : Json.object());
    }
  }

  /// @throws Failure when one of them is no kubeconfig, or the one named on the command line is not
  ///   there
  public static KubeconfigFiles load(KubeconfigPlaces places) {
    return new KubeconfigFiles(places);
  }

  /// Changes the files while nobody else does. What throws changes nothing.
  ///
  /// @return what it was before
  public static KubeconfigFiles change(KubeconfigPlaces places, Consumer<KubeconfigFiles> change) {
    try (FileLock _ = FileLock.of(places.all())) {
      KubeconfigFiles before = load(places);
      KubeconfigFiles after = load(places);
      change.accept(after);
      for (Map.Entry<Path, ObjectNode> file : after.files.entrySet()) {
        if (!file.getValue().equals(before.files.get(file.getKey()))) {
          write(file.getKey(), file.getValue());
        }
      }
      return before;
    }
  }

  /// Where new entries go.
  public Path defaultFile() {
    return places.forNew();
  }

  public String currentContext() {
    return files.values().stream()
        .map(file -> Json.text(file, CURRENT))
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse("");
  }

  /// Empty for none.
  public void currentContext(String name) {
    ObjectNode holder =
        files.values().stream()
            .filter(file -> !Json.text(file, CURRENT).isEmpty())
            .findFirst()
            .orElseGet(() -> file(places.forNew()));
    holder.put(CURRENT, name);
    if (name.isEmpty()) {
      // or the next file's would come up
      files.values().forEach(file -> file.put(CURRENT, ""));
    }
  }

  /// The names in a section, sorted.
  public List<String> names(Section section) {
    return List.copyOf(entries(section).keySet());
  }

  /// A copy of what an entry holds.
  public Optional<ObjectNode> find(Section section, String name) {
    return Optional.ofNullable(entries(section).get(name)).map(ObjectNode::deepCopy);
  }

  /// Of several files with the same name the first wins.
  private Map<String, ObjectNode> entries(Section section) {
    Map<String, ObjectNode> found = new TreeMap<>();
    files.forEach((path, file) -> {
      for (JsonNode entry : Json.at(file, section.list())) {
        ObjectNode held =
            Json.at(entry, section.field()) instanceof ObjectNode object ? object : Json.object();
        found.putIfAbsent(Json.text(entry, "name"), LocalPaths.absolute(section, held, path));
      }
    });
    return found;
  }

  /// Adds an entry, or replaces it where it is.
  public void put(Section section, String name, ObjectNode held) {
    for (Map.Entry<Path, ObjectNode> file : files.entrySet()) {
      for (JsonNode entry : Json.at(file.getValue(), section.list())) {
        if (Json.text(entry, "name").equals(name) && entry instanceof ObjectNode object) {
          object.set(section.field(), LocalPaths.relative(section, held, file.getKey()));
          return;
        }
      }
    }
    ObjectNode file = file(places.forNew());
    ArrayNode list =
        Json.at(file, section.list()) instanceof ArrayNode existing
            ? existing
            : file.putArray(section.list());
    ObjectNode entry = list.addObject();
    entry.set(section.field(), LocalPaths.relative(section, held, places.forNew()));
    entry.put("name", name);
  }

  /// From every file.
  ///
  /// @return whether it was there
  public boolean remove(Section section, String name) {
    boolean found = false;
    for (ObjectNode file : files.values()) {
      if (Json.at(file, section.list()) instanceof ArrayNode list) {
        ArrayNode kept = Json.object().putArray("kept");
        for (JsonNode entry : list) {
          if (!Json.text(entry, "name").equals(name)) {
            kept.add(entry);
          }
        }
        found |= kept.size() < list.size();
        file.set(section.list(), kept);
      }
    }
    return found;
  }

  /// `preferences` of the first file that has any.
  public ObjectNode preferences() {
    return files.values().stream()
        .map(file -> Json.at(file, "preferences"))
        .filter(node -> node instanceof ObjectNode object && !object.isEmpty())
        .map(node -> (ObjectNode) node.deepCopy())
        .findFirst()
        .orElseGet(Json::object);
  }

  public void preferences(ObjectNode preferences) {
    files.values().stream()
        .filter(file -> !Json.at(file, "preferences").isEmpty())
        .findFirst()
        .orElseGet(() -> file(places.forNew()))
        .set("preferences", preferences);
  }

  private ObjectNode file(Path path) {
    return files.computeIfAbsent(path, _ -> Json.object());
  }

  /// All of them as one, with absolute paths.
  public ObjectNode merged() {
    ObjectNode merged = Json.object().put("apiVersion", "v1").put("kind", "Config");
    for (Section section : Section.values()) {
      List<ObjectNode> list = new ArrayList<>();
      entries(section)
          .forEach((name, held) -> {
            ObjectNode entry = Json.object().put("name", name);
            entry.set(section.field(), held.deepCopy());
            list.add(entry);
          });
      if (list.isEmpty()) {
        merged.putNull(section.list()); // as kubectl has it
      } else {
        merged.putArray(section.list()).addAll(list);
      }
    }
    merged.put(CURRENT, currentContext());
    merged.set("preferences", preferences());
    return merged;
  }

  /// With sorted keys and names, as kubectl writes one, keeping what nobody here knows.
  private static String text(ObjectNode file) {
    ObjectNode whole = file.deepCopy();
    whole.put("apiVersion", "v1").put("kind", "Config");
    whole.put(CURRENT, Json.text(file, CURRENT));
    if (!(Json.at(file, "preferences") instanceof ObjectNode)) {
      whole.putObject("preferences");
    }
    for (Section section : Section.values()) {
      Map<String, JsonNode> sorted = new TreeMap<>();
      Json.at(file, section.list()).forEach(each -> sorted.put(Json.text(each, "name"), each));
      if (sorted.isEmpty()) {
        whole.putNull(section.list());
      } else {
        whole.putArray(section.list()).addAll(sorted.values());
      }
    }
    return YamlCodec.write(Json.ordered(whole));
  }

  /// Replaces the file whole, with the rights and owner it had; a new one is its owner's alone. A
  /// link stays one.
  private static void write(Path path, ObjectNode file) {
    try {
      Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
      Path folder = target.getParent();
      if (folder == null) {
        throw new IOException("it is in no folder");
      }
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder, ".config", ".new", OWNER_ONLY);
      try {
        Files.write(fresh, text(file).getBytes(StandardCharsets.UTF_8));
        if (Files.exists(target)) {
          likeBefore(target, fresh);
        }
        Files.move(
            fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw new Failure("error: cannot write the kubeconfig " + path + ": " + e.getMessage());
    }
  }

  private static void likeBefore(Path before, Path now) throws IOException {
    PosixFileAttributeView from =
        Files.getFileAttributeView(before, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributeView to = Files.getFileAttributeView(now, PosixFileAttributeView.class);
    var wanted = from.readAttributes();
    var has = to.readAttributes();
    if (!wanted.owner().equals(has.owner())) {
      to.setOwner(wanted.owner());
    }
    if (!wanted.group().equals(has.group())) {
      to.setGroup(wanted.group());
    }
    to.setPermissions(wanted.permissions());
  }
}
