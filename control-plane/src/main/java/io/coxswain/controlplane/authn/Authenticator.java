package io.coxswain.controlplane.authn;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// Who sends a request: by the certificate of its connection, or else by the token in it.
public final class Authenticator {

  private static final String BEARER = "bearer ";

  private final CertificateAuthenticator certificates;
  private final ServiceAccountTokens tokens;
  private final BootstrapTokens bootstrap;

  public Authenticator(
      CertificateAuthenticator certificates,
      ServiceAccountTokens tokens,
      BootstrapTokens bootstrap) {
    this.certificates = certificates;
    this.tokens = tokens;
    this.bootstrap = bootstrap;
  }

  /// @param chain what the client showed in the handshake; may be empty
  /// @param authorization the request's header; may be empty
  /// @return nobody when neither is good
  public Optional<User> authenticate(List<X509Certificate> chain, String authorization) {
    Optional<User> known = certificates.authenticate(chain);
    if (known.isPresent() || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return known;
    }
    String token = authorization.substring(BEARER.length()).strip();
    return bootstrap.authenticate(token).or(() -> tokens.authenticate(token));
  }
}
