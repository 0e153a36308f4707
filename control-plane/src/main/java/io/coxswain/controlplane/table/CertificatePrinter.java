package io.coxswain.controlplane.table;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import java.time.Duration;

/// The columns of requests for certificates: who asks whom for what, and what came of it.
final class CertificatePrinter {

  private static final String NONE = "<none>";

  private CertificatePrinter() {}

  static Printer<CertificateSigningRequest> requests() {
    return Printers.start(CertificateSigningRequest.class)
        .timed("Age", Printers::age)
        .text(
            "SignerName",
            request ->
                request.getSpec().getSignerName().isEmpty()
                    ? NONE
                    : request.getSpec().getSignerName())
        .text("Requestor", request -> request.getSpec().getUsername())
        .text(
            "RequestedDuration",
            request ->
                request.getSpec().hasExpirationSeconds()
                    ? Ages.human(Duration.ofSeconds(request.getSpec().getExpirationSeconds()))
                    : NONE)
        .text("Condition", CertificatePrinter::condition);
  }

  private static String condition(CertificateSigningRequest request) {
    String decision =
        has(request, "Denied") ? "Denied" : has(request, "Approved") ? "Approved" : "Pending";
    return decision
        + (has(request, "Failed") ? ",Failed" : "")
        + (request.getStatus().getCertificate().isEmpty() ? "" : ",Issued");
  }

  private static boolean has(CertificateSigningRequest request, String type) {
    return request.getStatus().getConditionsList().stream()
        .anyMatch(condition -> condition.getType().equals(type));
  }
}
