package io.coxswain.controlplane.fieldset;

import com.google.protobuf.ByteString;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Sets that were read lately. Objects made from one template have equal books, and the books of a
/// busy object are read at each of its changes.
final class KnownSets {

  /// A power of two. At a few kilobytes each this is about a megabyte at most.
  private static final int PLACES = 256;

  /// Bigger ones are rare, and are read again each time.
  private static final int MOST_BYTES = 8 * 1024;

  private record Known(ByteString json, FieldSet set) {}

  private static final AtomicReferenceArray<@Nullable Known> KNOWN =
      new AtomicReferenceArray<>(PLACES);

  private KnownSets() {}

  static FieldSet decode(ByteString json) throws FieldsV1.MalformedException {
    int place = place(json);
    Known known = KNOWN.get(place);
    if (known != null && known.json().equals(json)) {
      return known.set();
    }
    FieldSet set = FieldsV1.decode(json);
    keep(place, json, set);
    return set;
  }

  static ByteString encode(FieldSet set) {
    ByteString json = FieldsV1.encode(set);
    int place = place(json);
    Known known = KNOWN.get(place);
    if (known != null && known.json().equals(json)) {
      return known.json();
    }
    keep(place, json, set);
    return json;
  }

  private static int place(ByteString json) {
    int hash = json.hashCode();
    return (hash ^ (hash >>> 16)) & (PLACES - 1);
  }

  private static void keep(int place, ByteString json, FieldSet set) {
    if (json.size() <= MOST_BYTES) {
      // A copy, since the bytes may be a view of the whole object's.
      KNOWN.set(place, new Known(ByteString.copyFrom(json.toByteArray()), set));
    }
  }
}
