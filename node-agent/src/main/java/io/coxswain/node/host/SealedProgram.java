package io.coxswain.node.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program in memory that nobody can change any more (memfd_create(2), sealed). A container
/// runtime starts itself a second time from such a copy, so that no container can write to the
/// program on the disk by way of `/proc/self/exe`; one that is started from a sealed copy already
/// need not.
public final class SealedProgram {

  private static final Logger log = LoggerFactory.getLogger(SealedProgram.class);

  private SealedProgram() {}

  /// Copies the program as it is now. The copy lives as long as the agent.
  ///
  /// @return a path to the copy that is good for other processes too; `program` itself where the
  ///   kernel makes no such copy
  public static Path of(Path program) throws IOException {
    byte[] content = Files.readAllBytes(program);
    try {
      int descriptor = Libc.sealed(program.getFileName() + "", content);
      return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor);
    } catch (SystemCallException e) {
      log.info("{} is started from the disk each time: {}", program, e.getMessage());
      return program;
    }
  }
}
