package io.coxswain.node.runtime;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Runs the containers of this node's pods. On disk: a new agent on the same folders goes on where
/// the last one ended, and containers never notice. Safe for use by many threads, one at a time for
/// one pod.
public interface PodRuntime {

  /// Told when a container ends, on a thread of its own.
  @FunctionalInterface
  interface ExitListener {
    void ended(ContainerRecord container);
  }

  /// @param words program and arguments
  /// @param file to delete when the program has ended
  record ExecCommand(List<String> words, Path file) {
    public ExecCommand {
      words = List.copyOf(words);
    }
  }

  /// How one more process in a container ended.
  record ExecResult(int exit, String out, String err) {}

  /// Namespaces, control group, files and address of the pod. Idempotent. What cannot be used any
  /// more, as a pid namespace whose first process has ended, is made anew, with what stands on it:
  /// that is another sandbox.
  ///
  /// @param lost told when the sandbox cannot be used any more, or was given back; on a thread of
  ///   its own, and perhaps more than once
  /// @throws IOException trying again later may help
  Sandbox setUp(Pod pod, Runnable lost) throws IOException, InterruptedException;

  /// Gives back address, namespaces and control group of a pod whose containers have all ended;
  /// logs and records stay. Idempotent.
  void releaseSandbox(Pod pod) throws IOException, InterruptedException;

  /// Takes all of the pod away, and kills what still runs in it. Idempotent.
  void tearDown(Pod pod) throws IOException, InterruptedException;

  /// Makes and starts a container.
  ///
  /// @throws LaunchException when it cannot be made from what the pod says
  ContainerRecord start(ContainerLaunch launch, ExitListener listener)
      throws LaunchException, InterruptedException;

  /// All starts of the pod's containers that are on disk, the oldest first. Those that ended while
  /// no agent was there are brought up to date, those that run are watched from now on.
  List<ContainerRecord> adopt(Pod pod, ExitListener listener)
      throws IOException, InterruptedException;

  /// Takes away what stands here of pods and containers of which nothing is written down (any
  /// more): what runs is ended. Comes before anything begins. What cannot be taken away is told in
  /// the log, and tried again by the next agent.
  void clearLeftovers() throws IOException, InterruptedException;

  /// Deletes logs of pods that are gone, of which nothing else is left that would delete them; what
  /// another agent of this machine has written stays. Comes when all pods of the node are known:
  /// one that begins again goes on in its old logs.
  ///
  /// @param known uids of all of them; asked once, after it was looked which logs there are
  /// @return whether all were known; if not, nothing was done
  boolean clearLogs(Supplier<Optional<Set<String>>> known) throws IOException;

  /// What became of giving a pod other resources.
  ///
  /// @param containers those that were named, with what they have now
  /// @param failure why the rest was not done; it may be tried again
  record Grant(List<ContainerRecord> containers, Optional<String> failure) {
    public Grant {
      containers = List.copyOf(containers);
    }
  }

  /// Writes down what is to be of the pod, so that the next agent works from it.
  void note(Pod pod) throws IOException;

  /// Has the kernel give the pod and its running containers what the spec says of cpu and memory,
  /// without their noticing. Idempotent.
  ///
  /// @param running latest starts of the pod's containers that run
  Grant grant(Pod pod, List<ContainerRecord> running);

  /// Sends a signal to the container's first process; one that is gone is fine.
  void signal(ContainerRecord container, int signal) throws IOException;

  /// Kills all of the container.
  void kill(ContainerRecord container) throws IOException;

  /// Frees what an ended container holds but its log and record: mounts, control groups, runtime
  /// state. Idempotent.
  void release(ContainerRecord container) throws IOException, InterruptedException;

  /// Forgets an ended container: its record and log, and what else there may still be of it.
  void forget(Pod pod, ContainerRecord container) throws IOException, InterruptedException;

  /// Runs one more process in a running container and waits for it.
  ///
  /// @throws IOException when it could not be run or its time was over
  ExecResult exec(ContainerRecord container, List<String> command, Duration timeout)
      throws IOException, InterruptedException;

  /// The command that runs one more process in a running container, for a caller who streams.
  ExecCommand execCommand(ContainerRecord container, List<String> command, boolean terminal)
      throws IOException;

  /// File to which its output goes, in CRI format (see [CriLog]).
  Path log(Pod pod, ContainerRecord container);

  /// Opens one of those files for reading. A pod may have the folder of logs from the host, and put
  /// links there: they are not followed.
  ///
  /// @throws java.nio.file.NoSuchFileException when it is not there
  SeekableByteChannel openLog(Path file) throws IOException;

  /// Whether any container writes to a file of so many bytes or more: looks at the files alone, so
  /// it may be asked often.
  boolean hasLogOf(long bytes) throws IOException;

  /// Has the container's output go to a new file of the same name, after the old one was renamed.
  void reopenLog(ContainerRecord container) throws IOException;

  /// The monitor's socket for attaching: of sequenced packets, the first byte of each names the
  /// stream.
  Path attachSocket(ContainerRecord container);

  String cgroup(Pod pod);

  String cgroup(Pod pod, ContainerRecord container);

  /// File on which the pod's network namespace is pinned.
  Path networkNamespace(String podUid);

  /// The pod as it stands on disk.
  Optional<Pod> find(String podUid) throws IOException;

  /// The pod's containers as they stand on disk, the oldest first.
  List<ContainerRecord> containers(String podUid) throws IOException;

  /// Size of the container's own terminal.
  void resize(ContainerRecord container, int columns, int rows) throws IOException;

  /// Name and version of what makes containers, as `runc://1.1.5`.
  String version();

  /// What RuntimeClasses may choose to make containers; the first one, without a name, is the
  /// default.
  List<RuntimeHandler> handlers();

  /// Pods of which something is on disk.
  Collection<Pod> known() throws IOException;
}
