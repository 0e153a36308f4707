package io.coxswain.scheduler.plugin.resources;

/// Shares of a node's resources.
final class Shares {

  private Shares() {}

  /// From 0 to 1; a node that has none of it has nothing free.
  static double free(long used, long has) {
    return has <= 0 || used > has ? 0 : (double) (has - used) / has;
  }

  /// From 0 to 1; a node that has none of it is full.
  static double used(long used, long has) {
    return has <= 0 ? 1 : Math.min(1, (double) used / has);
  }
}
