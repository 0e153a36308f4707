package io.coxswain.controlplane.fieldset;

import com.google.protobuf.ByteString;
import io.coxswain.client.codec.LatelySeen;
import java.util.Optional;

/// Sets that were read lately. Objects made from one template have equal books, and the books of a
/// busy object are read at each of its changes.
final class KnownSets {

  /// Bigger ones are rare, and are read again each time.
  private static final int MOST_BYTES = 8 * 1024;

  private static final LatelySeen<FieldSet> KNOWN = new LatelySeen<>(MOST_BYTES);

  private KnownSets() {}

  static FieldSet decode(ByteString json) throws FieldsV1.MalformedException {
    Optional<LatelySeen.Known<FieldSet>> known = KNOWN.find(json);
    if (known.isPresent()) {
      return known.get().value();
    }
    FieldSet set = FieldsV1.decode(json);
    KNOWN.keep(json, set);
    return set;
  }

  /// The same bytes for equal sets that were seen lately, which is memory saved.
  static ByteString encode(FieldSet set) {
    ByteString json = FieldsV1.encode(set);
    Optional<LatelySeen.Known<FieldSet>> known = KNOWN.find(json);
    if (known.isPresent()) {
      return known.get().bytes();
    }
    KNOWN.keep(json, set);
    return json;
  }
}
