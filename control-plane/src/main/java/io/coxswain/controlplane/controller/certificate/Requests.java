package io.coxswain.controlplane.controller.certificate;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestCondition;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.Optional;

/// What has become of a request, as its conditions say it.
final class Requests {

  static final String APPROVED = "Approved";
  static final String DENIED = "Denied";
  static final String FAILED = "Failed";

  private Requests() {}

  static Optional<CertificateSigningRequestCondition> condition(
      CertificateSigningRequest request, String type) {
    return request.getStatus().getConditionsList().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst();
  }

  static boolean has(CertificateSigningRequest request, String type) {
    return condition(request, type).isPresent();
  }

  static boolean isIssued(CertificateSigningRequest request) {
    return !request.getStatus().getCertificate().isEmpty();
  }

  /// With one condition more, which is true.
  static CertificateSigningRequest with(
      CertificateSigningRequest request, String type, String reason, String message, Instant now) {
    Time time = Times.time(now);
    CertificateSigningRequest.Builder changed = request.toBuilder();
    changed
        .getStatusBuilder()
        .addConditions(
            CertificateSigningRequestCondition.newBuilder()
                .setType(type)
                .setStatus("True")
                .setReason(reason)
                .setMessage(message)
                .setLastUpdateTime(time)
                .setLastTransitionTime(time));
    return changed.build();
  }
}
