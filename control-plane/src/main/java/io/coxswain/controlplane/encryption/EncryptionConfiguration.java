package io.coxswain.controlplane.encryption;

import io.coxswain.client.ApiException;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.registry.StoragePlaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Which kinds lie encrypted in the store, and with which keys: a file of Kubernetes'
/// `apiserver.config.k8s.io/v1`. Of its providers `aesgcm` and `identity` are known.
///
/// Of several entries that name a kind the first counts; of an entry's providers and their keys the
/// first writes and all read.
public final class EncryptionConfiguration {

  private static final String API_VERSION = "apiserver.config.k8s.io/v1";
  private static final String KIND = "EncryptionConfiguration";
  private static final int KEY_BYTES = 32;

  private final List<KeyRing> rings;

  EncryptionConfiguration(List<KeyRing> rings) {
    this.rings = List.copyOf(rings);
  }

  List<KeyRing> rings() {
    return rings;
  }

  /// Reads a file that somebody wrote.
  ///
  /// @throws IOException when it cannot be read or means nothing; the message is for the person who
  ///   wrote it
  public static EncryptionConfiguration read(Path file) throws IOException {
    byte[] text;
    try {
      text = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("The encryption configuration " + file + " does not exist", e);
    }
    try {
      return new Reading(new SecureRandom()).of(YamlCodec.parseOne(text).content());
    } catch (IllegalArgumentException | ApiException e) {
      throw new IOException("The encryption configuration " + file + ": " + e.getMessage(), e);
    }
  }

  /// Reads the server's own file, which is made with a new key where there is none. Secrets that
  /// were stored before it was made stay readable, and are encrypted when they are next written.
  ///
  /// @throws IOException as [#read]
  public static EncryptionConfiguration openOrMake(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] key = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(key);
      Pem.write(file, own(Base64.getEncoder().encodeToString(key)));
    }
    return read(file);
  }

  private static String own(String key) {
    return """
    # Encrypts Secrets in etcd. Whoever has this file and etcd's data can read them; without this
    # file nobody can: keep it with your backups of etcd, but not beside them.
    # A new key: put it first in the list, restart, and write all Secrets again. See operations.md.
    apiVersion: apiserver.config.k8s.io/v1
    kind: EncryptionConfiguration
    resources:
    - resources: [secrets]
      providers:
      - aesgcm:
          keys:
          - name: key1
            secret: %s
      - identity: {}
    """
        .formatted(key);
  }

  /// From the file's tree to rings.
  private record Reading(SecureRandom random) {

    EncryptionConfiguration of(JsonNode file) {
      require(
          file.path("kind").asString("").equals(KIND)
              && file.path("apiVersion").asString("").equals(API_VERSION),
          "it must say apiVersion: " + API_VERSION + " and kind: " + KIND);
      List<KeyRing> rings = new ArrayList<>();
      int at = 0;
      for (JsonNode entry : listed(file, "resources", "resources")) {
        String where = "resources[" + at++ + "]";
        List<ValueCipher> ciphers = ciphers(entry, where);
        for (JsonNode resource : listed(entry, "resources", where + ".resources")) {
          String name = resource.asString("");
          require(!name.isEmpty(), where + ".resources: a resource is a name, as secrets");
          for (String prefix : StoragePlaces.prefixes(name)) {
            rings.add(new KeyRing(prefix, ciphers));
          }
        }
      }
      return new EncryptionConfiguration(rings);
    }

    private List<ValueCipher> ciphers(JsonNode entry, String where) {
      List<ValueCipher> ciphers = new ArrayList<>();
      int at = 0;
      for (JsonNode provider : listed(entry, "providers", where + ".providers")) {
        String place = where + ".providers[" + at++ + "]";
        String kind =
            provider.isObject() && provider.size() == 1
                ? provider.propertyNames().iterator().next()
                : "";
        switch (kind) {
          case "identity" -> ciphers.add(new Plain());
          case "aesgcm" -> keys(provider.path(kind), place + ".aesgcm", ciphers);
          case "" ->
              throw new IllegalArgumentException(
                  place + ": a provider is one of aesgcm and identity");
          default ->
              throw new IllegalArgumentException(
                  place + ": the provider " + kind + " is not known here: use aesgcm or identity");
        }
      }
      return ciphers;
    }

    private void keys(JsonNode provider, String where, List<ValueCipher> ciphers) {
      Set<String> names = new HashSet<>();
      int at = 0;
      for (JsonNode key : listed(provider, "keys", where + ".keys")) {
        String place = where + ".keys[" + at++ + "]";
        String name = key.path("name").asString("");
        require(!name.isEmpty() && name.indexOf(':') < 0, place + ".name: a name without colons");
        require(names.add(name), place + ".name: " + name + " is there twice");
        byte[] secret;
        try {
          secret = Base64.getDecoder().decode(key.path("secret").asString(""));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(place + ".secret: must be base64", e);
        }
        try {
          ciphers.add(new AesGcm(name, secret, random));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(place + ".secret: " + e.getMessage(), e);
        }
      }
    }

    private static List<JsonNode> listed(JsonNode node, String field, String where) {
      JsonNode list = node.path(field);
      require(list.isArray() && !list.isEmpty(), where + ": must be a list with an entry");
      return list.valueStream().collect(Collectors.toList());
    }

    private static void require(boolean is, String otherwise) {
      if (!is) {
        throw new IllegalArgumentException(otherwise);
      }
    }
  }
}
