package io.coxswain.controlplane.pki;

import io.coxswain.client.codec.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Mints and checks the short-lived tokens with which a new node asks for its certificate.
///
/// A token is `cx1.<SHA-256 of the authority's certificate>.<expiry, seconds since 1970>.<proof>`:
/// the node learns from it which server to trust, and the server needs to remember nothing, because
/// the proof is a MAC over the rest under a key that never leaves `join.key`.
public final class JoinTokens {

  /// Long enough to set up a few machines by hand, short enough to be useless when found later.
  public static final Duration VALIDITY = Duration.ofHours(24);

  private static final Pattern SHAPE =
      Pattern.compile("cx1\\.([0-9a-f]{64})\\.([0-9]{1,12})\\.([A-Za-z0-9_-]{43})");

  private final Path tokenFile;
  private final byte[] secret;
  private final String fingerprint;
  private final Clock clock;

  private JoinTokens(Path tokenFile, byte[] secret, String fingerprint, Clock clock) {
    this.tokenFile = tokenFile;
    this.secret = secret;
    this.fingerprint = fingerprint;
    this.clock = clock;
  }

  static JoinTokens open(Path directory, X509Certificate authority, Clock clock)
      throws IOException {
    Path secretFile = directory.resolve("join.key");
    if (!Files.exists(secretFile)) {
      byte[] secret = new byte[32];
      new SecureRandom().nextBytes(secret);
      Pem.write(secretFile, Base64.getEncoder().encodeToString(secret) + "\n");
    }
    byte[] secret = Base64.getDecoder().decode(Files.readString(secretFile).strip());
    return new JoinTokens(directory.resolve("join-token"), secret, fingerprint(authority), clock);
  }

  /// Where [#renewFile] leaves a token for people and scripts to copy.
  public Path tokenFile() {
    return tokenFile;
  }

  /// Writes a new token to [#tokenFile] when the one there has less than half of its life left.
  public void renewFile() throws IOException {
    Optional<Instant> expiry =
        Files.exists(tokenFile) ? expiry(Files.readString(tokenFile).strip()) : Optional.empty();
    Instant soon = clock.instant().plus(VALIDITY.dividedBy(2));
    if (expiry.isEmpty() || expiry.get().isBefore(soon)) {
      Pem.write(tokenFile, mint(VALIDITY) + "\n");
    }
  }

  public String mint(Duration validity) {
    String claims = "cx1." + fingerprint + "." + clock.instant().plus(validity).getEpochSecond();
    return claims + "." + proof(claims);
  }

  /// Whether the token is ours and not yet expired.
  public boolean accepts(String token) {
    return expiry(token).filter(end -> clock.instant().isBefore(end)).isPresent();
  }

  /// The SHA-256 of a certificate, as tokens carry it: a node compares it with the authority that
  /// the server shows.
  public static String fingerprint(X509Certificate certificate) {
    try {
      return Sha256.hex(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate without its bytes", e);
    }
  }

  private Optional<Instant> expiry(String token) {
    Matcher parts = SHAPE.matcher(token);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String claims = token.substring(0, token.lastIndexOf('.'));
    boolean ours =
        MessageDigest.isEqual(
            proof(claims).getBytes(StandardCharsets.US_ASCII),
            parts.group(3).getBytes(StandardCharsets.US_ASCII));
    return ours && parts.group(1).equals(fingerprint)
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(parts.group(2))))
        : Optional.empty();
  }

  private String proof(String claims) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(claims.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256", e);
    }
  }
}
