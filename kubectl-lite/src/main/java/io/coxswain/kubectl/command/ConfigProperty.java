package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.config.KubeconfigFiles;
import io.coxswain.kubectl.config.Section;
import io.coxswain.kubectl.document.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// `config set` and `config unset`: one value by its path, as `contexts.test.namespace`.
final class ConfigProperty {

  private enum Form {
    TEXT,
    BYTES,
    BOOLEAN
  }

  private static final Map<Section, Map<String, Form>> FIELDS =
      Map.of(
          Section.CLUSTERS,
          Map.of(
              "server", Form.TEXT,
              "tls-server-name", Form.TEXT,
              "insecure-skip-tls-verify", Form.BOOLEAN,
              "certificate-authority", Form.TEXT,
              "certificate-authority-data", Form.BYTES,
              "proxy-url", Form.TEXT,
              "disable-compression", Form.BOOLEAN),
          Section.CONTEXTS,
          Map.of("cluster", Form.TEXT, "user", Form.TEXT, "namespace", Form.TEXT),
          Section.USERS,
          Map.of(
              "client-certificate", Form.TEXT,
              "client-certificate-data", Form.BYTES,
              "client-key", Form.TEXT,
              "client-key-data", Form.BYTES,
              "token", Form.TEXT,
              "tokenFile", Form.TEXT,
              "username", Form.TEXT,
              "password", Form.TEXT,
              "as", Form.TEXT,
              "as-uid", Form.TEXT));

  /// @param field empty for the whole entry
  private record Place(Section section, String entry, String field) {}

  private ConfigProperty() {}

  static Command set() {
    return new PlainCommand(
        "config set",
        "change one value",
        """
        kubectl-lite config set clusters.test.server https://192.0.2.1:6443
        kubectl-lite config set contexts.test.namespace shop
        kubectl-lite config set users.admin.client-key-data key --set-raw-bytes=true\
        """,
        options -> options.toggle("set-raw-bytes", ' ', "the value of binary data is no base64"),
        ConfigProperty::set);
  }

  static Command unset() {
    return new PlainCommand(
        "config unset",
        "remove one value",
        "kubectl-lite config unset current-context\nkubectl-lite config unset users.admin",
        ConfigProperty::unset);
  }

  private static int set(Session session) {
    List<String> words = ConfigCommand.words(session, 2);
    String path = words.get(0);
    String value = words.get(1);
    if (value.isEmpty()) {
      throw new Failure("error: you cannot use set to unset a property");
    }
    ConfigCommand.change(
        session,
        files -> {
          if (path.equals("current-context")) {
            files.currentContext(value);
          } else if (path.equals("preferences.colors")) {
            ObjectNode preferences = files.preferences();
            preferences.put("colors", bool(value));
            files.preferences(preferences);
          } else {
            set(files, place(path), value, session.options().isSet("set-raw-bytes"));
          }
        });
    session.out().println("Property \"" + path + "\" set.");
    return 0;
  }

  private static void set(KubeconfigFiles files, Place place, String value, boolean raw) {
    if (place.field().isEmpty()) {
      throw new Failure(
          "error: can't set a map to a value: name a field of "
              + place.section().list()
              + "."
              + place.entry());
    }
    ObjectNode entry =
        files.find(place.section(), place.entry()).orElseGet(() -> empty(place.section()));
    switch (form(place)) {
      case TEXT -> entry.put(place.field(), value);
      case BYTES -> entry.put(place.field(), raw ? encoded(value) : checked(value));
      case BOOLEAN -> entry.put(place.field(), bool(value));
    }
    files.put(place.section(), place.entry(), entry);
  }

  private static ObjectNode empty(Section section) {
    return switch (section) {
      case CLUSTERS -> Json.object().put("server", "");
      case CONTEXTS -> Json.object().put("cluster", "").put("user", "");
      case USERS -> Json.object();
    };
  }

  private static Form form(Place place) {
    return Optional.ofNullable(fields(place.section()).get(place.field())).orElseThrow();
  }

  private static Map<String, Form> fields(Section section) {
    return FIELDS.getOrDefault(section, Map.of());
  }

  private static String encoded(String value) {
    return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
  }

  private static String checked(String value) {
    try {
      if (value.length() % 4 != 0) {
        throw new IllegalArgumentException("illegal base64 data: its length is no multiple of 4");
      }
      return Base64.getEncoder().encodeToString(Base64.getDecoder().decode(value));
    } catch (IllegalArgumentException e) {
      throw new Failure("error: error decoding input value: " + e.getMessage());
    }
  }

  private static boolean bool(String value) {
    return switch (value) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default -> throw new Failure("error: \"" + value + "\" is neither true nor false");
    };
  }

  private static int unset(Session session) {
    String path = ConfigCommand.words(session, 1).getFirst();
    ConfigCommand.change(session, files -> unset(files, path));
    session.out().println("Property \"" + path + "\" unset.");
    return 0;
  }

  private static void unset(KubeconfigFiles files, String path) {
    if (path.equals("current-context")) {
      files.currentContext("");
      return;
    }
    if (path.equals("preferences")) {
      files.preferences(Json.object());
      return;
    }
    for (Section section : Section.values()) {
      if (path.equals(section.list())) {
        files.names(section).forEach(name -> files.remove(section, name));
        return;
      }
    }
    Place place = place(path);
    if (place.field().isEmpty()) {
      files.remove(place.section(), place.entry());
      return;
    }
    ObjectNode entry =
        files
            .find(place.section(), place.entry())
            .orElseThrow(
                () -> new Failure("error: current map key `" + place.entry() + "` is invalid"));
    entry.remove(place.field());
    entry.setAll(missing(place.section(), entry));
    files.put(place.section(), place.entry(), entry);
  }

  /// The fields that every entry has, if only empty.
  private static ObjectNode missing(Section section, ObjectNode entry) {
    ObjectNode missing = empty(section);
    entry.propertyNames().forEach(missing::remove);
    return missing;
  }

  /// A name may have dots in it: it ends where a field's name begins.
  private static Place place(String path) {
    for (Section section : Section.values()) {
      if (path.startsWith(section.list() + ".")) {
        String rest = path.substring(section.list().length() + 1);
        int dot = rest.lastIndexOf('.');
        String last = dot < 0 ? "" : rest.substring(dot + 1);
        last = last.startsWith("act-as") ? last.substring("act-".length()) : last;
        if (dot > 0 && fields(section).containsKey(last)) {
          return new Place(section, rest.substring(0, dot), last);
        }
        return new Place(section, rest, "");
      }
    }
    throw new Failure(
        "error: unable to parse "
            + path
            + ": it begins with clusters, contexts, users, preferences or current-context");
  }
}
