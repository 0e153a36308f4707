package io.coxswain.node.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A program that makes containers from OCI bundles (OCI runtime-spec, runtime.md). [Conmon] runs
/// its `create`; the rest is asked here. Blocks for as long as the program needs, some tens of
/// milliseconds.
public interface OciRuntime {

  /// `runc` or `crun`.
  String name();

  /// With its name, as `runc://1.1.5`.
  String version();

  Path program();

  /// Where its program is installed; [#program] may be a copy.
  Path origin();

  /// What stands before each command, as `--root=FOLDER`.
  List<String> globalArguments();

  /// Lets a created container's first process go.
  ///
  /// @throws IOException when there is none that waits
  void start(String id) throws IOException, InterruptedException;

  /// Lets the runtime know nothing of the container any more. Whoever calls has ended its processes
  /// and taken its control groups away: nothing else is left then of a container, and the program,
  /// which could do all three, would cost a process. Not being there is fine.
  void forget(String id) throws IOException;

  /// The command that runs one more process, described by the file, in a running container. It ends
  /// with that process' exit code.
  List<String> execCommand(String id, Path processFile, boolean terminal);
}
