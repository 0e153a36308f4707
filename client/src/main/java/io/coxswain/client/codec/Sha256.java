package io.coxswain.client.codec;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 (FIPS 180-4), which every Java has: 32 bytes, or 64 lower-case hexadecimal digits.
public final class Sha256 {

  private Sha256() {}

  public static byte[] of(byte[] content) {
    return begin().digest(content);
  }

  /// @param text hashed as UTF-8
  public static byte[] of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String hex(byte[] content) {
    return HexFormat.of().formatHex(of(content));
  }

  /// @param text hashed as UTF-8
  public static String hex(String text) {
    return HexFormat.of().formatHex(of(text));
  }

  /// A fresh computation, for what comes in parts.
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
