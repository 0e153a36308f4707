package io.coxswain.controlplane.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/// Keys and certificates as PEM text, and as files that only their owner may read.
public final class Pem {

  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*\\n([^-]*)-----END \\1-----");

  private Pem() {}

  public static String encode(X509Certificate certificate) {
    try {
      return block("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("certificate that was parsed does not encode", e);
    }
  }

  static String encode(PrivateKey key) {
    return block("PRIVATE KEY", key.getEncoded());
  }

  /// `EC PRIVATE KEY` with its curve and public key (RFC 5915).
  static String ellipticCurve(PrivateKey key, PublicKey publicKey) {
    try {
      PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
      ASN1OctetString secret =
          ASN1OctetString.getInstance(
              ASN1Sequence.getInstance(info.parsePrivateKey()).getObjectAt(1));
      ASN1BitString point =
          SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()).getPublicKeyData();
      ECPrivateKey named =
          new ECPrivateKey(
              secret.getOctets().length * 8,
              new BigInteger(1, secret.getOctets()),
              point,
              info.getPrivateKeyAlgorithm().getParameters());
      return block("EC PRIVATE KEY", named.getEncoded(ASN1Encoding.DER));
    } catch (IOException e) {
      throw new IllegalStateException("an elliptic-curve key does not encode", e);
    }
  }

  static String block(String type, byte[] der) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + LINES.encodeToString(der)
        + "\n-----END "
        + type
        + "-----\n";
  }

  /// @throws CertificateException when the text holds no certificate
  public static X509Certificate certificate(String pem) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  /// Every certificate of a text that holds nothing else.
  ///
  /// @throws GeneralSecurityException when it holds none, or blocks of another type or with headers
  public static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    List<X509Certificate> found = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (!block.group(1).equals("CERTIFICATE")) {
        throw new GeneralSecurityException(
            "only CERTIFICATE PEM blocks are allowed, found \"" + block.group(1) + "\"");
      }
      if (block.group(2).indexOf(':') >= 0) {
        throw new GeneralSecurityException("no PEM block headers are permitted");
      }
      found.add(certificate(block.group()));
    }
    if (found.isEmpty()) {
      throw new GeneralSecurityException("must contain at least one CERTIFICATE PEM block");
    }
    return found;
  }

  /// @throws GeneralSecurityException when the text holds no PKCS #8 elliptic-curve key
  static PrivateKey privateKey(String pem) throws GeneralSecurityException {
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der(pem)));
  }

  /// The bytes inside the first block of the text.
  ///
  /// @throws GeneralSecurityException when there is none
  static byte[] der(String pem) throws GeneralSecurityException {
    int begin = pem.indexOf("-----BEGIN ");
    int from = begin < 0 ? -1 : pem.indexOf("-----\n", begin + 11);
    int to = from < 0 ? -1 : pem.indexOf("-----END ", from);
    if (to < 0) {
      throw new GeneralSecurityException("not PEM: no BEGIN and END lines");
    }
    try {
      return Base64.getMimeDecoder().decode(pem.substring(from + 6, to));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("not PEM: " + e.getMessage(), e);
    }
  }

  /// Replaces the file at once, so that a reader sees the old or the new text, with mode 0600 from
  /// its first byte.
  public static void write(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
