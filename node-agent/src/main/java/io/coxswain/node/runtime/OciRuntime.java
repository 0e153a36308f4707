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

  /// What stands before each command, as `--root=FOLDER`.
  List<String> globalArguments();

  /// Lets a created container's first process go.
  ///
  /// @throws IOException when there is none that waits
  void start(String id) throws IOException, InterruptedException;

  /// Kills what is left of the container and forgets it, its control groups included. Not being
  /// there is fine.
  void delete(String id) throws IOException, InterruptedException;

  /// Whether the runtime has a record of the container.
  boolean knows(String id);

  /// The command that runs one more process, described by the file, in a running container. It ends
  /// with that process' exit code.
  List<String> execCommand(String id, Path processFile, boolean terminal);
}
