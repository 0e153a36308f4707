package io.coxswain.controlplane.admission;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What holds for configuration and secrets.
final class ConfigRules {

  private static final long MOST_BYTES = 1024 * 1024;
  private static final JsonMapper MAPPER = new JsonMapper();

  private ConfigRules() {}

  static void check(ConfigMap config, Problems problems) {
    long bytes = 0;
    for (Map.Entry<String, String> entry : config.getDataMap().entrySet()) {
      key(entry.getKey(), "data", problems);
      if (config.containsBinaryData(entry.getKey())) {
        problems.invalid(
            "data[" + entry.getKey() + "]",
            entry.getKey(),
            "duplicate of key present in binaryData");
      }
      bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    for (Map.Entry<String, ByteString> entry : config.getBinaryDataMap().entrySet()) {
      key(entry.getKey(), "binaryData", problems);
      bytes += entry.getValue().size();
    }
    if (bytes > MOST_BYTES) {
      problems.tooLong("", MOST_BYTES);
    }
  }

  private static void key(String key, String map, Problems problems) {
    Names.configKey(key).ifPresent(detail -> problems.invalid(map + "[" + key + "]", key, detail));
  }

  static void check(ConfigMap before, ConfigMap after, Problems problems) {
    if (!before.getImmutable()) {
      return;
    }
    if (!after.getImmutable()) {
      problems.forbidden("immutable", "field is immutable when `immutable` is set");
    }
    if (!before.getDataMap().equals(after.getDataMap())) {
      problems.forbidden("data", "field is immutable when `immutable` is set");
    }
    if (!before.getBinaryDataMap().equals(after.getBinaryDataMap())) {
      problems.forbidden("binaryData", "field is immutable when `immutable` is set");
    }
  }

  static void check(Secret secret, Problems problems) {
    long bytes = 0;
    for (Map.Entry<String, ByteString> entry : secret.getDataMap().entrySet()) {
      key(entry.getKey(), "data", problems);
      bytes += entry.getValue().size();
    }
    if (bytes > MOST_BYTES) {
      problems.tooLong("data", MOST_BYTES);
    }
    switch (secret.getType()) {
      case "kubernetes.io/dockerconfigjson" -> json(secret, ".dockerconfigjson", problems);
      case "kubernetes.io/dockercfg" -> json(secret, ".dockercfg", problems);
      case "kubernetes.io/tls" -> {
        for (String key : List.of("tls.crt", "tls.key")) {
          if (!secret.containsData(key)) {
            problems.required("data[" + key + "]");
          }
        }
      }
      case "kubernetes.io/basic-auth" -> {
        if (!secret.containsData("username") && !secret.containsData("password")) {
          problems.required("data[username]");
          problems.required("data[password]");
        }
      }
      case "kubernetes.io/ssh-auth" -> {
        if (!secret.containsData("ssh-privatekey")) {
          problems.required("data[ssh-privatekey]");
        }
      }
      case "kubernetes.io/service-account-token" -> {
        String account = "kubernetes.io/service-account.name";
        if (secret.getMetadata().getAnnotationsOrDefault(account, "").isEmpty()) {
          problems.required("metadata.annotations[" + account + "]");
        }
      }
      default -> {
        // any other type may hold anything
      }
    }
  }

  private static void json(Secret secret, String key, Problems problems) {
    ByteString content = secret.getDataMap().get(key);
    String at = "data[" + key + "]";
    if (content == null) {
      problems.required(at);
      return;
    }
    try {
      MAPPER.readTree(content.toByteArray());
    } catch (JacksonException e) {
      problems.invalid(at, "<secret contents redacted>", "it is not JSON");
    }
  }

  static void check(Secret before, Secret after, Problems problems) {
    if (!before.getImmutable()) {
      return;
    }
    if (!after.getImmutable()) {
      problems.forbidden("immutable", "field is immutable when `immutable` is set");
    }
    if (!before.getDataMap().equals(after.getDataMap())) {
      problems.forbidden("data", "field is immutable when `immutable` is set");
    }
  }
}
