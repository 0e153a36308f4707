package io.coxswain.node.image;

import java.util.List;
import java.util.Set;

/// What an image says about running it (OCI image-spec, config.md). Lists and texts are empty where
/// it says nothing.
///
/// @param environment `NAME=value` in order
/// @param user as `user`, `uid`, `user:group` or `uid:gid`
/// @param stopSignal as `SIGTERM`
/// @param volumes folders that get an anonymous volume
public record ImageConfig(
    List<String> environment,
    List<String> entrypoint,
    List<String> command,
    String user,
    String workingDirectory,
    String stopSignal,
    Set<String> volumes) {

  public static final ImageConfig EMPTY =
      new ImageConfig(List.of(), List.of(), List.of(), "", "", "", Set.of());

  public ImageConfig {
    environment = List.copyOf(environment);
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    volumes = Set.copyOf(volumes);
  }
}
