package io.coxswain.client.codec;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// What was made of bytes that come again and again, as the books of objects of one template do.
/// Each has one place, which the next one that falls there takes over.
///
/// Safe for use by many threads.
///
/// @param <V> what is made of them; it never changes
public final class LatelySeen<V> {

  /// A power of two. At a few kilobytes each this is about a megabyte at most.
  private static final int PLACES = 256;

  /// Bytes, and what was made of them.
  public record Known<V>(ByteString bytes, V value) {}

  private final int mostBytes;
  private final AtomicReferenceArray<@Nullable Known<V>> places =
      new AtomicReferenceArray<>(PLACES);

  /// @param mostBytes what has more is not kept
  public LatelySeen(int mostBytes) {
    this.mostBytes = mostBytes;
  }

  public Optional<Known<V>> find(ByteString bytes) {
    Known<V> known = places.get(place(bytes));
    return known != null && known.bytes().equals(bytes) ? Optional.of(known) : Optional.empty();
  }

  /// Keeps a copy, since the bytes may be a view of a whole object's.
  public void keep(ByteString bytes, V value) {
    if (bytes.size() <= mostBytes) {
      places.set(place(bytes), new Known<>(ByteString.copyFrom(bytes.toByteArray()), value));
    }
  }

  private static int place(ByteString bytes) {
    int hash = bytes.hashCode();
    return (hash ^ (hash >>> 16)) & (PLACES - 1);
  }
}
