package io.coxswain.node.image;

import io.coxswain.node.image.ImageException.Reason;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// Where an image comes from, as the pod's author wrote it in `image`.
sealed interface ImageName {

  String HOST = "host://";

  /// `host:///`: the node's own operating system.
  record HostSystem() implements ImageName {
    @Override
    public String toString() {
      return HOST + "/";
    }
  }

  /// `host:///srv/app`: one folder of the node.
  record HostFolder(Path folder) implements ImageName {
    @Override
    public String toString() {
      return HOST + folder;
    }
  }

  /// An image of a registry, with Docker's defaults filled in.
  ///
  /// @param registry host with port if given, as `docker.io` or `127.0.0.1:5000`
  /// @param repository as `library/nginx`
  /// @param tag empty only when there is a digest
  /// @param digest empty, or `sha256:…`, which then counts and not the tag
  record Remote(String registry, String repository, String tag, String digest)
      implements ImageName {

    /// What to ask the registry for.
    String version() {
      return digest.isEmpty() ? tag : digest;
    }

    String name() {
      return registry + "/" + repository;
    }

    Remote at(Digest found) {
      return new Remote(registry, repository, "", found.toString());
    }

    @Override
    public String toString() {
      return name() + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }
  }

  Pattern REGISTRY =
      Pattern.compile(
          "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
              + "(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]{1,5})?"
              + "|\\[[0-9a-fA-F:]+](?::[0-9]{1,5})?");
  Pattern PART = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
  Pattern TAG = Pattern.compile("[\\w][\\w.-]{0,127}");

  /// Reads a name as Docker does: `nginx` is `docker.io/library/nginx:latest`.
  ///
  /// @throws ImageException InvalidImageName, saying which part is wrong
  static ImageName parse(String text) throws ImageException {
    if (text.startsWith(HOST)) {
      return host(text);
    }
    if (text.isEmpty()) {
      throw invalid(text, "it is empty");
    }
    if (text.contains("://")) {
      throw invalid(text, "leave the scheme out, as in registry.example.org/team/app:1.0");
    }
    String rest = text;
    String digest = "";
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = digest(text, rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String tag = "";
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
      if (!TAG.matcher(tag).matches()) {
        throw invalid(
            text, "the tag \"%s\" must be 1 to 128 letters, digits, _ . or -".formatted(tag));
      }
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = "latest";
    }
    return remote(text, rest, tag, digest);
  }

  private static Remote remote(String text, String path, String tag, String digest)
      throws ImageException {
    int slash = path.indexOf('/');
    String first = slash < 0 ? "" : path.substring(0, slash);
    boolean named =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(lower(first));
    String registry = named ? first : "docker.io";
    String repository = named ? path.substring(slash + 1) : path;
    if (registry.equals("index.docker.io")) {
      registry = "docker.io";
    }
    if (registry.equals("docker.io") && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    if (!REGISTRY.matcher(registry).matches()) {
      throw invalid(text, "\"%s\" is no host name".formatted(registry));
    }
    if (repository.length() > 255) {
      throw invalid(text, "the repository is longer than 255 characters");
    }
    for (String part : repository.split("/", -1)) {
      if (!PART.matcher(part).matches()) {
        throw invalid(
            text,
            "\"%s\" must be lower-case letters and digits, parted by one of . _ __ -"
                .formatted(part));
      }
    }
    return new Remote(registry, repository, tag, digest);
  }

  private static ImageName host(String text) throws ImageException {
    String path = text.substring(HOST.length());
    if (!path.startsWith("/")) {
      throw invalid(text, "write three slashes: host:/// or host:///srv/app");
    }
    if (path.indexOf('\0') >= 0 || path.length() > 4095) {
      throw invalid(text, "no folder has such a name");
    }
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        throw invalid(text, "a folder is named without \"..\"");
      }
    }
    Path folder = Path.of(path).normalize();
    return folder.getNameCount() == 0 ? new HostSystem() : new HostFolder(folder);
  }

  private static String digest(String text, String digest) throws ImageException {
    try {
      return Digest.parse(digest).toString();
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          Reason.INVALID_NAME, "image \"%s\": %s".formatted(text, e.getMessage()), e);
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  private static ImageException invalid(String text, String why) {
    return new ImageException(
        Reason.INVALID_NAME, "image \"%s\" has no valid name: %s".formatted(text, why));
  }
}
