package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// The data of a ConfigMap or Secret, as `--from-literal`, `--from-file` and `--from-env-file` or
/// the generators of a kustomization name it.
public final class KeysAndFiles {

  private final Path folder;
  private final Map<String, String> environment;
  private final Map<String, byte[]> data = new TreeMap<>();

  /// @param folder what relative names are looked up in
  /// @param environment for keys of env files that have no value
  public KeysAndFiles(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  static Options declare(Options options) {
    return options
        .repeated("from-literal", ' ', "KEY=VALUE")
        .repeated("from-file", ' ', "[KEY=]FILE, or a folder")
        .repeated("from-env-file", ' ', "file of KEY=VALUE lines");
  }

  static Map<String, byte[]> of(Session session) {
    Options options = session.options();
    if (!options.all("from-env-file").isEmpty()
        && !(options.all("from-file").isEmpty() && options.all("from-literal").isEmpty())) {
      throw new Failure("error: from-env-file cannot be combined with from-file or from-literal");
    }
    return new KeysAndFiles(session.world().folder(), session.world().environment())
        .literals(options.all("from-literal"))
        .files(options.list("from-file"))
        .environmentFiles(options.list("from-env-file"))
        .data();
  }

  public Map<String, byte[]> data() {
    return data;
  }

  public KeysAndFiles literals(List<String> literals) {
    for (String literal : literals) {
      int equals = literal.indexOf('=');
      if (equals <= 0) {
        throw new Failure("error: invalid literal source " + literal + ", expected key=value");
      }
      String value = literal.substring(equals + 1);
      boolean quoted =
          value.length() > 1
              && (value.charAt(0) == '"' || value.charAt(0) == '\'')
              && value.charAt(0) == value.charAt(value.length() - 1);
      put(
          literal.substring(0, equals),
          (quoted ? value.substring(1, value.length() - 1) : value)
              .getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  /// @throws Failure when one cannot be read
  public KeysAndFiles files(List<String> names) {
    for (String named : names) {
      int equals = named.indexOf('=');
      Path path = folder.resolve(named.substring(equals + 1));
      try {
        if (equals < 0 && Files.isDirectory(path)) {
          try (Stream<Path> files = Files.list(path)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
              put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
            }
          }
        } else {
          put(
              equals < 0 ? String.valueOf(path.getFileName()) : named.substring(0, equals),
              Files.readAllBytes(path));
        }
      } catch (IOException e) {
        throw unreadable(path, e);
      }
    }
    return this;
  }

  /// A key without a value has the environment's.
  ///
  /// @throws Failure when one cannot be read
  public KeysAndFiles environmentFiles(List<String> names) {
    for (String name : names) {
      Path path = folder.resolve(name);
      try {
        for (String line : Files.readAllLines(path)) {
          String text = line.stripLeading();
          if (text.isEmpty() || text.startsWith("#")) {
            continue;
          }
          int equals = text.indexOf('=');
          String key = equals < 0 ? text : text.substring(0, equals);
          String value =
              equals < 0 ? environment.getOrDefault(key, "") : text.substring(equals + 1);
          if (equals >= 0 || environment.containsKey(key)) {
            put(key, value.getBytes(StandardCharsets.UTF_8));
          }
        }
      } catch (IOException e) {
        throw unreadable(path, e);
      }
    }
    return this;
  }

  private static Failure unreadable(Path path, IOException e) {
    return new Failure(
        "error: cannot read "
            + path
            + ": "
            + (e instanceof java.nio.file.NoSuchFileException ? "no such file" : e.getMessage()));
  }

  private void put(String key, byte[] value) {
    if (data.putIfAbsent(key, value) != null) {
      throw new Failure(
          "error: cannot add key " + key + ", another key by that name already exists");
    }
  }

  /// Into `data`, and what is no text into `binaryData`.
  public static void intoConfigMap(Map<String, byte[]> data, ObjectNode object) {
    data.forEach((key, bytes) -> {
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        object.withObject("/data").put(key, text);
      } catch (CharacterCodingException e) {
        object.withObject("/binaryData").put(key, Base64.getEncoder().encodeToString(bytes));
      }
    });
  }

  public static void intoSecret(Map<String, byte[]> data, ObjectNode object) {
    data.forEach((key, bytes) ->
        object.withObject("/data").put(key, Base64.getEncoder().encodeToString(bytes)));
  }
}
