package io.coxswain.controlplane.authn;

import io.coxswain.controlplane.pki.SubjectName;
import io.coxswain.controlplane.pki.Tls;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows people, components and agents by client certificates of the cluster's authority: the
/// common name is the user, each organization a group.
public final class CertificateAuthenticator {

  private static final Logger LOG = LoggerFactory.getLogger(CertificateAuthenticator.class);

  /// A connection sends many requests with one certificate; its signature is checked once.
  private static final int MOST_REMEMBERED = 4096;

  private final X509TrustManager trust;
  private final Clock clock;
  private final Map<X509Certificate, User> checked = new ConcurrentHashMap<>();

  public CertificateAuthenticator(X509Certificate authority, Clock clock) {
    this.trust = Tls.trusting(authority);
    this.clock = clock;
  }

  /// Who showed this chain; nobody when it is empty, expired, or not signed by the authority for
  /// clients.
  ///
  /// @param chain the client's own certificate first
  public Optional<User> authenticate(List<X509Certificate> chain) {
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    X509Certificate own = chain.getFirst();
    if (clock.instant().isAfter(own.getNotAfter().toInstant())) {
      checked.remove(own);
      LOG.info("Refused an expired certificate of {}", own.getSubjectX500Principal());
      return Optional.empty();
    }
    User known = checked.get(own);
    if (known != null) {
      return Optional.of(known);
    }
    try {
      trust.checkClientTrusted(chain.toArray(X509Certificate[]::new), "EC");
    } catch (CertificateException e) {
      LOG.info("Refused a certificate of {}: {}", own.getSubjectX500Principal(), e.getMessage());
      return Optional.empty();
    }
    Optional<User> user = user(own);
    if (checked.size() >= MOST_REMEMBERED) {
      checked.clear();
    }
    user.ifPresent(found -> checked.put(own, found));
    return user;
  }

  private static Optional<User> user(X509Certificate certificate) {
    SubjectName subject = SubjectName.of(certificate);
    return subject.commonName().isEmpty()
        ? Optional.empty()
        : Optional.of(User.of(subject.commonName(), subject.organizations()));
  }
}
