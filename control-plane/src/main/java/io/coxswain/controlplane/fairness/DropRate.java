package io.coxswain.controlplane.fairness;

/// Says after how long those who were turned away should come again: the longer, the more there are
/// of them. Safe for use by many threads.
final class DropRate {

  private static final int MOST_SECONDS = 32;

  /// So many refusals for each second of delay make it longer, and fewer than one shorter.
  private static final int MANY = 3;

  private long second;
  private long changed;
  private int dropped;
  private int retryAfter = 1;

  /// Counts one more.
  ///
  /// @param nowSeconds never goes back
  /// @return after how many seconds it should come again
  synchronized int drop(long nowSeconds) {
    if (nowSeconds - second >= retryAfter) {
      boolean longAgo = nowSeconds - second > 2L * retryAfter;
      if (dropped >= MANY * retryAfter && !longAgo && nowSeconds - changed >= retryAfter) {
        retryAfter = Math.min(MOST_SECONDS, retryAfter * 2);
        changed = nowSeconds;
      } else if (longAgo || dropped < retryAfter) {
        retryAfter = longAgo ? 1 : Math.max(1, retryAfter - 1);
      }
      second = nowSeconds;
      dropped = 0;
    }
    dropped++;
    return retryAfter;
  }
}
