package io.coxswain.controlplane.controller.certificate;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.pki.Pem;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// How long requests are kept for people to look at: what is decided an hour, what waits for a
/// decision or a signature a day, and none whose certificate has ended.
final class Retention {

  private static final Duration DECIDED = Duration.ofHours(1);
  private static final Duration WAITING = Duration.ofHours(24);

  private Retention() {}

  /// When the request may go; nothing when only a change of it can tell.
  static Optional<Instant> end(CertificateSigningRequest request) {
    boolean issued = Requests.isIssued(request);
    Optional<Instant> pending =
        request.getStatus().getConditionsCount() == 0
            ? Optional.of(Times.instant(request.getMetadata().getCreationTimestamp()).plus(WAITING))
            : Optional.empty();
    return Stream.of(
            pending,
            since(request, Requests.APPROVED, issued ? DECIDED : WAITING),
            since(request, Requests.DENIED, DECIDED),
            since(request, Requests.FAILED, DECIDED),
            issued && Requests.has(request, Requests.APPROVED)
                ? expiry(request)
                : Optional.<Instant>empty())
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  private static Optional<Instant> since(
      CertificateSigningRequest request, String type, Duration kept) {
    return Requests.condition(request, type)
        .filter(condition -> condition.hasLastUpdateTime())
        .map(condition -> instant(condition.getLastUpdateTime()).plus(kept));
  }

  private static Instant instant(Time time) {
    return Times.instant(time);
  }

  private static Optional<Instant> expiry(CertificateSigningRequest request) {
    try {
      return Optional.of(
          Pem.certificates(request.getStatus().getCertificate().toByteArray())
              .getFirst()
              .getNotAfter()
              .toInstant());
    } catch (GeneralSecurityException notOurs) {
      return Optional.empty();
    }
  }
}
