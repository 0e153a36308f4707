package io.coxswain.controlplane.controller.certificate;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestSpec;
import io.coxswain.controlplane.pki.SigningRequest;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What a signer does about a request.
final class SigningPlan {

  static final Duration LONGEST = Duration.ofDays(365);
  private static final Duration SHORTEST = Duration.ofMinutes(10);

  sealed interface Step {}

  /// It is not approved, done with, or somebody else's.
  record Nothing() implements Step {}

  record Sign(SigningRequest request, List<String> usages, Duration validity) implements Step {}

  /// It will never be signed.
  record Fail(String why) implements Step {}

  private SigningPlan() {}

  static Step of(CertificateSigningRequest request) {
    CertificateSigningRequestSpec spec = request.getSpec();
    Optional<SignerRules> rules = SignerRules.of(spec.getSignerName());
    if (rules.isEmpty()
        || Requests.isIssued(request)
        || !Requests.has(request, Requests.APPROVED)
        || Requests.has(request, Requests.DENIED)
        || Requests.has(request, Requests.FAILED)) {
      return new Nothing();
    }
    try {
      SigningRequest asked = SigningRequest.parse(spec.getRequest().toByteArray());
      return rules
          .get()
          .problem(asked, spec.getUsagesList())
          .<Step>map(Fail::new)
          .orElseGet(() -> new Sign(asked, spec.getUsagesList(), validity(spec)));
    } catch (GeneralSecurityException e) {
      return new Fail("unable to parse csr: " + e.getMessage());
    }
  }

  private static Duration validity(CertificateSigningRequestSpec spec) {
    if (!spec.hasExpirationSeconds()) {
      return LONGEST;
    }
    Duration wanted = Duration.ofSeconds(spec.getExpirationSeconds());
    if (wanted.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
  }
}
