package io.coxswain.controlplane.controller.framework;

import io.coxswain.client.ApiException;

/// Writes to objects that others write to as well. Whoever writes acted on a picture that may be
/// old by now; where that is no fault, the write is simply not made.
public final class Meanwhile {

  private Meanwhile() {}

  /// Makes a write to an object that may be gone: then nothing is left to do.
  public static void gone(Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (!e.isNotFound()) {
        throw e;
      }
    }
  }

  /// Makes a write to an object that may be gone, changed, or another one of that name by now: the
  /// change comes to its controller as well, which then decides anew.
  public static void goneOrChanged(Runnable write) {
    try {
      write.run();
    } catch (ApiException e) {
      if (!e.isNotFound() && !e.isConflict()) {
        throw e;
      }
    }
  }
}
