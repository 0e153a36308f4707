package io.coxswain.node.image;

import io.coxswain.client.codec.Sha256;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// A content's name (OCI image-spec, descriptor.md): `sha256:` or `sha512:` and lower-case hex.
record Digest(String algorithm, String hex) {

  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  Digest {
    int length =
        switch (algorithm) {
          case "sha256" -> 64;
          case "sha512" -> 128;
          default ->
              throw new IllegalArgumentException(
                  "the digest algorithm %s is not supported: only sha256 and sha512 are"
                      .formatted(algorithm));
        };
    if (hex.length() != length || !HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "%s:%s is no digest: it takes %d lower-case hex digits"
              .formatted(algorithm, hex, length));
    }
  }

  /// @throws IllegalArgumentException when the text is none
  static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(text + " is no digest: it lacks its algorithm");
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  static Digest of(byte[] content) {
    return new Digest("sha256", Sha256.hex(content));
  }

  /// @param finished of SHA-256
  static Digest of(MessageDigest finished) {
    return new Digest("sha256", HexFormat.of().formatHex(finished.digest()));
  }

  /// A fresh computation of this digest's algorithm.
  MessageDigest hash() {
    return hash(algorithm);
  }

  boolean matches(MessageDigest finished) {
    return HexFormat.of().formatHex(finished.digest()).equals(hex);
  }

  private static MessageDigest hash(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
