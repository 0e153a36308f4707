package io.coxswain.deploy;

import io.coxswain.client.rpc.ClientIdentity;
import io.coxswain.controlplane.pki.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/// A node's `ca.crt`, `node.crt` and `node.key`. Whenever the machine stops, a key and its own
/// certificate are there together at the next start.
final class IdentityFiles {

  private static final byte[] CHALLENGE = "of one pair".getBytes(StandardCharsets.US_ASCII);

  private final Path folder;

  IdentityFiles(Path folder) {
    this.folder = folder;
  }

  ClientIdentity identity() {
    return new ClientIdentity(authority(), certificate(), key());
  }

  Path authority() {
    return folder.resolve("ca.crt");
  }

  private Path certificate() {
    return folder.resolve("node.crt");
  }

  private Path key() {
    return folder.resolve("node.key");
  }

  private Path nextKey() {
    return folder.resolve("node.key.next");
  }

  /// Whether there is a certificate that has not ended. Finishes first what a stop in the middle of
  /// [#replace] left: a key that fits the certificate takes its place, any other is forgotten.
  ///
  /// @throws IOException when the certificate cannot be read
  boolean areGood(Instant now) throws IOException {
    if (!Files.exists(certificate())) {
      Files.deleteIfExists(nextKey());
      return false;
    }
    try {
      X509Certificate certificate = read();
      if (Files.exists(nextKey()) && fits(nextKey(), certificate)) {
        move(nextKey(), key());
      }
      Files.deleteIfExists(nextKey());
      return certificate.getNotAfter().toInstant().isAfter(now) && fits(key(), certificate);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "the node's certificate "
              + certificate()
              + " cannot be read: remove "
              + folder
              + " to join again",
          e);
    }
  }

  /// When the certificate ends.
  Instant expiry() throws IOException {
    try {
      return read().getNotAfter().toInstant();
    } catch (GeneralSecurityException e) {
      throw new IOException("the node's certificate " + certificate() + " cannot be read", e);
    }
  }

  void writeAuthority(String pem) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Pem.write(authority(), pem);
  }

  /// The certificate's change is what counts; the key waits beside until it is done.
  ///
  /// @param key PKCS #8, PEM
  /// @param certificate PEM
  void replace(String key, String certificate) throws IOException {
    Pem.write(nextKey(), key);
    Pem.write(certificate(), certificate);
    move(nextKey(), key());
  }

  private X509Certificate read() throws IOException, GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate())));
  }

  private static boolean fits(Path key, X509Certificate certificate) throws IOException {
    if (!Files.exists(key)) {
      return false;
    }
    try {
      String body = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
      PrivateKey secret =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(secret);
      signature.update(CHALLENGE);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(CHALLENGE);
      return signature.verify(signed);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
