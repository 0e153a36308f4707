package io.coxswain.controlplane.openapi;

import java.lang.ref.SoftReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// A document that is made when somebody asks for it, and kept as long as there is memory. However
/// many ask at once, it is made by one of them: what it is made of is many times its size.
final class Document {

  private final ReentrantLock making = new ReentrantLock();
  private volatile SoftReference<byte[]> kept = new SoftReference<>(null);

  /// Blocks while another makes it.
  ///
  /// @param maker gives the same each time
  byte[] bytes(Supplier<byte[]> maker) {
    byte[] known = kept.get();
    if (known != null) {
      return known;
    }
    making.lock();
    try {
      known = kept.get();
      if (known == null) {
        known = maker.get();
        kept = new SoftReference<>(known);
      }
      return known;
    } finally {
      making.unlock();
    }
  }
}
