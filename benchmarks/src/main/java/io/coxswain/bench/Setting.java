package io.coxswain.bench;

import java.nio.file.Path;

/// Where a run of benchmarks takes place; made, and taken away, by the script that starts it.
///
/// @param home the source tree
/// @param root folder for everything that is written
/// @param id with which names of control groups and network namespaces begin
record Setting(Path home, Path root, String id) {

  static Setting ofEnvironment() {
    return new Setting(
        Path.of(variable("COXSWAIN_HOME")), Path.of(variable("BENCH_ROOT")), variable("BENCH_ID"));
  }

  private static String variable(String name) {
    String value = System.getenv(name);
    if (value == null) {
      throw new IllegalStateException(name + " is not set: run ./dev bench");
    }
    return value;
  }

  /// The folder that is the root file system of every container: nothing but busybox.
  Path rootfs() {
    return root.resolve("rootfs");
  }
}
