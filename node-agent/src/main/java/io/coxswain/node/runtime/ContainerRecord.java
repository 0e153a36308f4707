package io.coxswain.node.runtime;

import java.time.Instant;

/// What is known of one start of a container. Written to disk before the container is made and at
/// each step after; a new agent knows from it what the last one did.
///
/// @param id unique on the node, 32 hexadecimal digits
/// @param image as [io.coxswain.node.image.PulledImage#name]
/// @param imageId as [io.coxswain.node.image.PulledImage#id]
/// @param imageReference as [io.coxswain.node.image.PulledImage#reference]
/// @param pid of the container's first process; 0 before it was made
/// @param monitorPid of its conmon; 0 before it was made
/// @param stopSignal number of the signal that asks it to end
/// @param bootId of the machine's start in which the container was made
/// @param exitCode -1 while it has not ended
/// @param startedAt [Instant#EPOCH] until it was
/// @param finishedAt [Instant#EPOCH] until it was
/// @param reason why it ended, as `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`; empty
///   while it runs
/// @param message its last words; empty when there are none
/// @param granted what of cpu and memory it was given last
/// @param origin where it was made
public record ContainerRecord(
    String id,
    String podUid,
    String container,
    int attempt,
    String image,
    String imageId,
    String imageReference,
    String bootId,
    int pid,
    int monitorPid,
    int stopSignal,
    int exitCode,
    Instant createdAt,
    Instant startedAt,
    Instant finishedAt,
    String reason,
    String message,
    Granted granted,
    Origin origin) {

  /// What it was made in, and by.
  ///
  /// @param sandbox as [Sandbox#id]
  /// @param runtime name of the runtime that made it, and knows of it
  public record Origin(String sandbox, String runtime) {

    /// Of a container whose agent did not write it down.
    public static final Origin UNKNOWN = new Origin("", "");
  }

  static ContainerRecord intended(
      String id,
      ContainerLaunch launch,
      String runtime,
      String bootId,
      int stopSignal,
      Instant now) {
    return new ContainerRecord(
        id,
        launch.pod().getMetadata().getUid(),
        launch.container().getName(),
        launch.attempt(),
        launch.image().name(),
        launch.image().id(),
        launch.image().reference(),
        bootId,
        0,
        0,
        stopSignal,
        -1,
        now,
        Instant.EPOCH,
        Instant.EPOCH,
        "",
        "",
        Granted.of(launch.pod().getSpec(), launch.container()),
        new Origin(launch.sandbox().id(), runtime));
  }

  /// Whether it was started and has not ended, as far as is known.
  public boolean running() {
    return exitCode < 0 && startedAt.isAfter(Instant.EPOCH);
  }

  public boolean ended() {
    return exitCode >= 0;
  }

  /// As `status.containerID`.
  public String statusId() {
    return "coxswain://" + id;
  }

  ContainerRecord made(int firstPid, int monitor) {
    return with(firstPid, monitor, exitCode, startedAt, finishedAt, reason, message, granted);
  }

  ContainerRecord started(Instant now) {
    return with(pid, monitorPid, exitCode, now, finishedAt, reason, message, granted);
  }

  ContainerRecord ended(int code, Instant now, String why, String lastWords) {
    return with(pid, monitorPid, code, startedAt, now, why, lastWords, granted);
  }

  /// With what it was given now.
  public ContainerRecord granted(Granted amounts) {
    return with(pid, monitorPid, exitCode, startedAt, finishedAt, reason, message, amounts);
  }

  private ContainerRecord with(
      int firstPid,
      int monitor,
      int code,
      Instant started,
      Instant finished,
      String why,
      String lastWords,
      Granted amounts) {
    return new ContainerRecord(
        id,
        podUid,
        container,
        attempt,
        image,
        imageId,
        imageReference,
        bootId,
        firstPid,
        monitor,
        stopSignal,
        code,
        createdAt,
        started,
        finished,
        why,
        lastWords,
        amounts,
        origin);
  }
}
