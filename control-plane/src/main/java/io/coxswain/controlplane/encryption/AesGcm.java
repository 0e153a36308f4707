package io.coxswain.controlplane.encryption;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// AES-GCM in Kubernetes' form: `k8s:enc:aesgcm:v1:<key's name>:`, then 12 octets of nonce, the
/// encrypted value, and a tag of 16 octets. The place in the store is authenticated, too.
///
/// Nonces are random, so one key should write no more than some billions of values: NIST SP
/// 800-38D, 8.3.
final class AesGcm implements ValueCipher {

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final Set<Integer> KEY_BYTES = Set.of(16, 24, 32);

  private final ByteString prefix;
  private final SecretKey key;
  private final SecureRandom random;

  /// @param secret of 16, 24 or 32 octets
  AesGcm(String name, byte[] secret, SecureRandom random) {
    if (!KEY_BYTES.contains(secret.length)) {
      throw new IllegalArgumentException(
          "a key of AES has 16, 24 or 32 octets, not " + secret.length);
    }
    this.prefix = ByteString.copyFromUtf8("k8s:enc:aesgcm:v1:" + name + ":");
    this.key = new SecretKeySpec(secret, "AES");
    this.random = random;
  }

  @Override
  public boolean wrote(ByteString stored) {
    return stored.startsWith(prefix);
  }

  @Override
  public ByteString seal(String place, ByteString value) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(value.toByteArray());
      return prefix
          .concat(UnsafeByteOperations.unsafeWrap(nonce))
          .concat(UnsafeByteOperations.unsafeWrap(sealed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("encrypting " + place, e);
    }
  }

  @Override
  public ByteString open(String place, ByteString stored) throws GeneralSecurityException {
    int from = prefix.size() + NONCE_BYTES;
    if (stored.size() < from + TAG_BITS / Byte.SIZE) {
      throw new GeneralSecurityException("the stored value is cut off");
    }
    byte[] nonce = stored.substring(prefix.size(), from).toByteArray();
    byte[] sealed = stored.substring(from).toByteArray();
    return UnsafeByteOperations.unsafeWrap(
        cipher(Cipher.DECRYPT_MODE, nonce, place).doFinal(sealed));
  }

  private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
