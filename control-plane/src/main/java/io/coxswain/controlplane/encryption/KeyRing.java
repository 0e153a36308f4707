package io.coxswain.controlplane.encryption;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.StoredValue;
import java.security.GeneralSecurityException;
import java.util.List;

/// The ways in which values below some prefix of the store may be kept.
///
/// @param ciphers the first writes, all read
record KeyRing(String prefix, List<ValueCipher> ciphers) {

  KeyRing {
    ciphers = List.copyOf(ciphers);
    if (ciphers.isEmpty()) {
      throw new IllegalArgumentException("no provider for " + prefix);
    }
  }

  ByteString seal(String place, ByteString value) {
    return ciphers.getFirst().seal(place, value);
  }

  /// The value as it was written; one that cannot be read says why.
  StoredValue open(StoredValue stored) {
    for (int i = 0; i < ciphers.size(); i++) {
      ValueCipher cipher = ciphers.get(i);
      if (!cipher.wrote(stored.bytes())) {
        continue;
      }
      try {
        ByteString value = cipher.open(stored.key(), stored.bytes());
        StoredValue.Reading reading =
            i == 0 ? StoredValue.Reading.GOOD : StoredValue.Reading.OUTDATED;
        return new StoredValue(stored.key(), value, stored.revision(), reading);
      } catch (GeneralSecurityException e) {
        return unreadable(
            stored,
            "its encryption does not match its contents and its key: it was changed in the store,"
                + " or moved there from elsewhere");
      }
    }
    return unreadable(
        stored, "it was encrypted with a key that is not in the encryption configuration");
  }

  private static StoredValue unreadable(StoredValue stored, String why) {
    return new StoredValue(
        stored.key(), stored.bytes(), stored.revision(), new StoredValue.Unreadable(why));
  }
}
