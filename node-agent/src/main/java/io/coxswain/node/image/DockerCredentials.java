package io.coxswain.node.image;

import io.coxswain.client.codec.JsonTrees;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Registry credentials from pull secrets, both forms: `.dockerconfigjson` (`{"auths": {…}}`) and
/// the older `.dockercfg` (only what is inside `auths`). Damaged ones are logged and left out: the
/// registry may allow the pull without them.
record DockerCredentials(List<Entry> entries) {

  private static final Logger log = LoggerFactory.getLogger(DockerCredentials.class);

  /// How to log in at one registry.
  ///
  /// @param registry host, with port if any
  /// @param path start of the repositories these are for, or empty
  /// @param identityToken an OAuth2 refresh token, used instead of the password, or empty
  record Entry(String registry, String path, String user, String password, String identityToken) {

    @Override
    public String toString() {
      return "credentials for " + registry + "/" + path;
    }
  }

  static final DockerCredentials NONE = new DockerCredentials(List.of());

  DockerCredentials {
    entries = List.copyOf(entries);
  }

  static DockerCredentials parse(List<String> configs) {
    List<Entry> entries = new ArrayList<>();
    for (String config : configs) {
      try {
        JsonNode root = JsonTrees.read(config);
        JsonNode auths = root.path("auths").isObject() ? root.path("auths") : root;
        auths.properties().forEach(auth -> add(auth.getKey(), auth.getValue(), entries));
      } catch (JacksonException e) {
        // not the parser's message, which quotes the secret
        log.warn("a pull secret is not JSON and is left out");
      }
    }
    return new DockerCredentials(entries);
  }

  /// Those for a repository, the most particular first.
  List<Entry> matching(String registry, String repository) {
    String host = canonical(registry);
    return entries.stream()
        .filter(entry -> hostMatches(entry.registry(), host) && pathMatches(entry, repository))
        .sorted((a, b) -> Integer.compare(b.path().length(), a.path().length()))
        .toList();
  }

  private static void add(String key, JsonNode auth, List<Entry> into) {
    String bare = key.replaceFirst("^https?://", "");
    int slash = bare.indexOf('/');
    String host = slash < 0 ? bare : bare.substring(0, slash);
    String path = slash < 0 ? "" : bare.substring(slash + 1).replaceFirst("/+$", "");
    if (path.equals("v1") || path.equals("v2")) {
      path = "";
    }
    String user = auth.path("username").asString("");
    String password = auth.path("password").asString("");
    String both = auth.path("auth").asString("");
    if (!both.isEmpty()) {
      String decoded = decoded(both, host);
      int colon = decoded.indexOf(':');
      if (colon >= 0) {
        user = decoded.substring(0, colon);
        password = decoded.substring(colon + 1);
      }
    }
    String token = auth.path("identitytoken").asString("");
    if (!user.isEmpty() || !token.isEmpty()) {
      into.add(new Entry(canonical(host), path, user, password, token));
    }
  }

  private static String decoded(String text, String host) {
    try {
      String padded = text.strip();
      return new String(Base64.getDecoder().decode(padded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      log.warn("the credentials for {} in a pull secret are not base64 and are left out", host);
      return "";
    }
  }

  private static String canonical(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com" -> "docker.io";
      default -> lower;
    };
  }

  /// `*.example.org` stands for one more part, as Kubernetes has it.
  private static boolean hostMatches(String pattern, String host) {
    if (!pattern.contains("*")) {
      return pattern.equals(host);
    }
    String[] wanted = pattern.split("\\.", -1);
    String[] parts = host.split("\\.", -1);
    if (wanted.length != parts.length) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      String regex = java.util.regex.Pattern.quote(wanted[i]).replace("*", "\\E[^.:]*\\Q");
      if (!parts[i].matches(regex)) {
        return false;
      }
    }
    return true;
  }

  private static boolean pathMatches(Entry entry, String repository) {
    return entry.path().isEmpty()
        || repository.equals(entry.path())
        || repository.startsWith(entry.path() + "/");
  }
}
