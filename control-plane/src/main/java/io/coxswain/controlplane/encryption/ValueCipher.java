package io.coxswain.controlplane.encryption;

import com.google.protobuf.ByteString;
import java.security.GeneralSecurityException;

/// One way to keep a value, with one key. Safe for use by many threads.
sealed interface ValueCipher permits AesGcm, Plain {

  /// What all encrypted values begin with, whatever the way.
  ByteString ENCRYPTED = ByteString.copyFromUtf8("k8s:enc:");

  /// Whether a stored value was kept this way.
  boolean wrote(ByteString stored);

  /// @param place the value's key in the store; a value cannot be read from another place
  ByteString seal(String place, ByteString value);

  /// @param stored one that this cipher [wrote][#wrote]
  /// @throws GeneralSecurityException when it was changed since, or moved
  ByteString open(String place, ByteString stored) throws GeneralSecurityException;
}
