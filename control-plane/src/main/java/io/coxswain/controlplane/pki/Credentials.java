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

  public String keyPem() {
    return Pem.encode(key);
  }

  public String authorityPem() {
    return Pem.encode(authority);
  }

  @Override
  public String toString() {
    return "Credentials[" + certificate.getSubjectX500Principal() + "]";
  }
}
