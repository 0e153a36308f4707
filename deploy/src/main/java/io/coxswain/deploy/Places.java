package io.coxswain.deploy;

import java.nio.file.Path;

/// Where a role keeps its things, and what it calls them.
///
/// @param data survives a restart of the machine
/// @param run need not
/// @param name of this instance: the control group above all its pods, among others
record Places(Path data, Path run, Path logs, String name) {

  static Flags declare(Flags flags) {
    return flags
        .value("data", "DIR", "/var/lib/coxswain", "data that survives a restart")
        .value("run", "DIR", "/run/coxswain", "sockets, pids, mounts")
        .value("logs", "DIR", "/var/log/coxswain", "logs, of containers too")
        .value("name", "NAME", "coxswain", "name of this instance, as of its control groups");
  }

  /// @throws Flags.UsageException when the name cannot be a control group's
  static Places of(Flags flags) {
    String name = flags.text("name");
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")) {
      throw new Flags.UsageException(
          "--name takes letters, digits, '-', '_' and '.', not: " + name);
    }
    return new Places(
        Path.of(flags.text("data")).toAbsolutePath(),
        Path.of(flags.text("run")).toAbsolutePath(),
        Path.of(flags.text("logs")).toAbsolutePath(),
        name);
  }

  Path state() {
    return run.resolve("state");
  }

  /// In a folder of its own, since that one is closed to everybody but root.
  Path apiSocket() {
    return run.resolve("admin/api.sock");
  }

  Path pki() {
    return data.resolve("pki");
  }
}
