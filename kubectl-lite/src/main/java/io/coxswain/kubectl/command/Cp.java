package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.archive.Packing;
import io.coxswain.kubectl.archive.TarReader;
import io.coxswain.kubectl.archive.TarWriter;
import io.coxswain.kubectl.archive.Unpacking;
import io.coxswain.kubectl.document.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `cp`: files to and from a container, by the `tar` in it. What comes from a container is not
/// trusted: see [Unpacking].
final class Cp implements Command {

  /// @param pod empty for a path on this machine
  private record Place(String namespace, String pod, String path) {

    static Place of(String word) {
      int colon = word.indexOf(':');
      if (colon < 0) {
        return new Place("", "", withoutSlash(word));
      }
      String[] pod = word.substring(0, colon).split("/", -1);
      if (colon == 0 || pod.length > 2) {
        throw new Failure(
            "error: filespec must match the canonical format: [[namespace/]pod:]file/path");
      }
      String path = withoutSlash(word.substring(colon + 1)).replace('\\', '/');
      return pod.length == 1 ? new Place("", pod[0], path) : new Place(pod[0], pod[1], path);
    }

    private static String withoutSlash(String path) {
      return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
  }

  @Override
  public String name() {
    return "cp";
  }

  @Override
  public String summary() {
    return "copy files to and from containers; the container needs tar";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite cp /tmp/foo web-1:/tmp/bar -c main
    kubectl-lite cp ./folder shop/web-1:/tmp/folder
    kubectl-lite cp shop/web-1:/tmp/foo /tmp/bar --retries=3\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("container", 'c', "", "the container")
        .toggle("no-preserve", ' ', "do not keep owners and rights in the container")
        .value(
            "retries",
            ' ',
            "0",
            "how often to go on after a break when copying from a"
                + " container; less than 0 for ever");
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.size() != 2) {
      throw new Failure("error: source and destination are required");
    }
    Place source = Place.of(words.get(0));
    Place target = Place.of(words.get(1));
    if (!source.pod().isEmpty() && !target.pod().isEmpty()) {
      throw new Failure("error: one of src or dest must be a local file specification");
    }
    if (source.path().isEmpty() || target.path().isEmpty()) {
      throw new Failure("error: filepath can not be empty");
    }
    if (source.pod().isEmpty() && target.pod().isEmpty()) {
      throw new Failure("error: one of src or dest must be a remote file specification");
    }
    return source.pod().isEmpty() ? up(session, source, target) : down(session, source, target);
  }

  private static JsonNode pod(Session session, Place place) {
    String namespace = place.namespace().isEmpty() ? session.namespace() : place.namespace();
    JsonNode pod =
        session.api().get(session.discovery().kind("v1", "Pod").path(namespace, place.pod()));
    String phase = Json.text(pod, "status", "phase");
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      throw new Failure(
          "error: cannot exec into a container in a completed pod; current phase is " + phase);
    }
    return pod;
  }

  private static String container(Session session, JsonNode pod) {
    String asked = session.options().text("container");
    String container = Pods.container(pod, asked);
    if (asked.isEmpty() && Json.at(pod, "spec", "containers").size() > 1) {
      session
          .err()
          .println(
              "Defaulted container \""
                  + container
                  + "\" out of: "
                  + String.join(", ", Logs.names(pod)));
    }
    return container;
  }

  private static int up(Session session, Place source, Place target) {
    Path from = session.world().folder().resolve(source.path());
    if (!Files.exists(from)) {
      throw new Failure("error: " + source.path() + " doesn't exist in local filesystem");
    }
    JsonNode pod = pod(session, target);
    String container = container(session, pod);
    boolean into =
        ContainerStreams.code(
                session,
                new ContainerStreams.Asked(
                    "exec", pod, container, List.of("test", "-d", target.path()), false, false))
            == 0;
    String path = into ? target.path() + "/" + lastName(from) : target.path();
    int slash = path.lastIndexOf('/');
    List<String> tar = new ArrayList<>(List.of("tar"));
    if (session.options().isSet("no-preserve")) {
      tar.addAll(List.of("--no-same-permissions", "--no-same-owner"));
    }
    tar.addAll(List.of("-xmf", "-"));
    if (slash >= 0) {
      tar.addAll(List.of("-C", slash == 0 ? "/" : path.substring(0, slash)));
    }
    ContainerStreams.feed(
        session,
        new ContainerStreams.Asked("exec", pod, container, tar, true, false),
        input -> {
          try (TarWriter writer =
              new TarWriter(new java.io.BufferedOutputStream(input, 32 * 1024))) {
            new Packing(writer).add(from, path.substring(slash + 1));
          }
        });
    return 0;
  }

  /// Also of `.` and `..`.
  private static String lastName(Path path) {
    try {
      Path name =
          (Files.isSymbolicLink(path)
                  ? path.toAbsolutePath().normalize()
                  : path.toRealPath(LinkOption.NOFOLLOW_LINKS))
              .getFileName();
      return name == null ? "" : name.toString();
    } catch (IOException e) {
      throw new Failure("error: " + e.getMessage());
    }
  }

  private static int down(Session session, Place source, Place target) {
    JsonNode pod = pod(session, source);
    String container = container(session, pod);
    Unpacking unpacking =
        new Unpacking(
            session.world().folder().resolve(target.path()),
            target.path(),
            source.path(),
            warning -> session.err().println("warning: " + warning));
    try (RemoteArchive archive =
        new RemoteArchive(
            session, pod, container, source.path(), session.options().number("retries"))) {
      unpacking.unpack(new TarReader(archive));
      archive.drain();
      return 0;
    } catch (IOException e) {
      throw new Failure("error: " + e.getMessage());
    }
  }
}
