package io.coxswain.controlplane.pki;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/// A certificate with its private key, and where both are kept.
///
/// @param authority the certificate that signed it, which peers trust
public record Credentials(
    Path certificateFile,
    Path keyFile,
    X509Certificate certificate,
    PrivateKey key,
    X509Certificate authority) {

  public String certificatePem() {
    return Pem.encode(certificate);
  }

  /// The key as RFC 5915 has it, `EC PRIVATE KEY` with its curve: client libraries of several
  /// languages take whatever is only called `PRIVATE KEY` for RSA.
  public String keyPem() {
    return Pem.ellipticCurve(key, certificate.getPublicKey());
  }

  public String authorityPem() {
    return Pem.encode(authority);
  }

  @Override
  public String toString() {
    return "Credentials[" + certificate.getSubjectX500Principal() + "]";
  }
}
