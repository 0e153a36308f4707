package io.coxswain.controlplane.storage;

import org.jspecify.annotations.Nullable;

/// Why the store did not do what it was asked.
public abstract sealed class StoreException extends RuntimeException {

  private StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /// No answer. A read may be asked again; a write that met this was not made when read back.
  public static final class Unavailable extends StoreException {
    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /// The write may have been made, or not: read again before deciding.
  public static final class OutcomeUnknown extends StoreException {
    public OutcomeUnknown(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /// The revision asked for is no longer kept, or was never made in this store's life.
  public static final class Compacted extends StoreException {
    public Compacted(String message) {
      super(message, null);
    }
  }

  public static final class TooLarge extends StoreException {
    public TooLarge(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /// The store takes no writes until somebody gives it room.
  public static final class Full extends StoreException {
    public Full(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
