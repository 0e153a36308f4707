package io.coxswain.controlplane.admission;

import com.google.protobuf.ByteString;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestCondition;
import io.coxswain.api.certificates.v1.CertificateSigningRequestSpec;
import io.coxswain.client.codec.LabelSyntax;
import io.coxswain.controlplane.pki.KeyUsages;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.SigningRequest;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Requests for certificates. What is asked for never changes; who approves may set `Approved` and
/// `Denied` and nobody takes them back; who signs sets the certificate, once.
final class CertificateRules {

  private static final String APPROVED = "Approved";
  private static final String DENIED = "Denied";
  private static final String FAILED = "Failed";

  private static final String CONDITIONS = "status.conditions";
  private static final String CERTIFICATE = "status.certificate";

  /// For requests of an API version that is gone.
  private static final String LEGACY_SIGNER = "kubernetes.io/legacy-unknown";

  private static final int SHORTEST_SECONDS = 600;
  private static final int LONGEST_DOMAIN = 253;
  private static final int LONGEST_SIGNER = 571;
  private static final int MOST_SHOWN = 64;

  private CertificateRules() {}

  static void checkNew(CertificateSigningRequest request, Problems problems) {
    CertificateSigningRequestSpec spec = request.getSpec();
    try {
      SigningRequest _ = SigningRequest.parse(spec.getRequest().toByteArray());
    } catch (GeneralSecurityException e) {
      problems.invalid("spec.request", shown(spec.getRequest()), String.valueOf(e.getMessage()));
    }
    checkUsages(spec.getUsagesList(), problems);
    if (spec.getSignerName().equals(LEGACY_SIGNER)) {
      problems.invalid(
          "spec.signerName",
          LEGACY_SIGNER,
          "the legacy signerName is not allowed via this API version");
    } else if (!spec.getSignerName().isEmpty()) {
      checkSigner(spec.getSignerName(), problems);
    }
    if (spec.hasExpirationSeconds() && spec.getExpirationSeconds() < SHORTEST_SECONDS) {
      problems.invalid(
          "spec.expirationSeconds",
          spec.getExpirationSeconds(),
          "may not specify a duration less than 600 seconds (10 minutes)");
    }
  }

  private static String shown(ByteString request) {
    String text = request.toStringUtf8();
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
  }

  private static void checkUsages(List<String> usages, Problems problems) {
    if (usages.isEmpty()) {
      problems.required("spec.usages");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < usages.size(); i++) {
      String at = "spec.usages[" + i + "]";
      if (!KeyUsages.names().contains(usages.get(i))) {
        problems.unsupported(at, usages.get(i), KeyUsages.names());
      }
      if (!seen.add(usages.get(i))) {
        problems.duplicate(at, usages.get(i));
      }
    }
  }

  private static void checkSigner(String name, Problems problems) {
    String at = "spec.signerName";
    String[] parts = name.split("/", -1);
    if (parts.length != 2) {
      problems.invalid(
          at,
          name,
          "must be a fully qualified domain and path of the form 'example.com/signer-name'");
      return;
    }
    if (parts[0].length() > LONGEST_DOMAIN) {
      problems.tooLong(at, LONGEST_DOMAIN);
    }
    String[] labels = parts[0].split("\\.", -1);
    for (String label : labels) {
      Names.label(label)
          .ifPresent(
              why -> problems.invalid(at, parts[0], "validating label \"" + label + "\": " + why));
    }
    if (labels.length < 2) {
      problems.invalid(
          at, parts[0], "should be a domain with at least two segments separated by dots");
    }
    for (String label : parts[1].split("\\.", -1)) {
      LabelSyntax.subdomainProblem(label)
          .ifPresent(
              why -> problems.invalid(at, parts[1], "validating label \"" + label + "\": " + why));
    }
    if (name.length() > LONGEST_SIGNER) {
      problems.tooLong(at, LONGEST_SIGNER);
    }
  }

  /// @param part `approval`, or `status`
  static void checkStatus(
      String part,
      CertificateSigningRequest before,
      CertificateSigningRequest after,
      Problems problems) {
    List<CertificateSigningRequestCondition> old = before.getStatus().getConditionsList();
    List<CertificateSigningRequestCondition> now = after.getStatus().getConditionsList();
    checkConditions(old, now, problems);
    for (String type : List.of(APPROVED, DENIED, FAILED)) {
      if (of(type, now).size() < of(type, old).size()) {
        problems.forbidden(
            CONDITIONS, "updates may not remove a condition of type \"" + type + "\"");
      }
    }
    if (!part.equals("approval")) {
      checkApproval(old, now, problems);
    }
    checkCertificate(
        part, before.getStatus().getCertificate(), after.getStatus().getCertificate(), problems);
  }

  private static void checkConditions(
      List<CertificateSigningRequestCondition> old,
      List<CertificateSigningRequestCondition> now,
      Problems problems) {
    boolean both = !of(APPROVED, old).isEmpty() && !of(DENIED, old).isEmpty();
    boolean doubled =
        old.stream().map(CertificateSigningRequestCondition::getType).distinct().count()
            < old.size();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < now.size(); i++) {
      CertificateSigningRequestCondition condition = now.get(i);
      String at = CONDITIONS + "[" + i + "]";
      String type = condition.getType();
      if (type.isEmpty() && of("", old).isEmpty()) {
        problems.required(at + ".type");
      }
      Set<String> allowed =
          Set.of(APPROVED, DENIED, FAILED).contains(type)
              ? Set.of("True")
              : Set.of("True", "False", "Unknown");
      if (condition.getStatus().isEmpty()) {
        problems.required(at + ".status");
      } else if (!allowed.contains(condition.getStatus())) {
        problems.unsupported(at + ".status", condition.getStatus(), allowed);
      }
      boolean against =
          (type.equals(APPROVED) && seen.contains(DENIED))
              || (type.equals(DENIED) && seen.contains(APPROVED));
      if (against && !both) {
        problems.invalid(CONDITIONS, type, "Approved and Denied conditions are mutually exclusive");
      }
      if (!seen.add(type) && !doubled) {
        problems.duplicate(at + ".type", type);
      }
    }
  }

  /// Who signs has no say in what is approved.
  private static void checkApproval(
      List<CertificateSigningRequestCondition> old,
      List<CertificateSigningRequestCondition> now,
      Problems problems) {
    for (String type : List.of(APPROVED, DENIED)) {
      int more = of(type, now).size() - of(type, old).size();
      if (more > 0) {
        problems.forbidden(CONDITIONS, "updates may not add a condition of type \"" + type + "\"");
      } else if (more == 0 && !of(type, now).equals(of(type, old))) {
        problems.forbidden(
            CONDITIONS, "updates may not modify a condition of type \"" + type + "\"");
      }
    }
  }

  private static void checkCertificate(
      String part, ByteString old, ByteString now, Problems problems) {
    if (now.equals(old)) {
      return;
    }
    if (part.equals("approval")) {
      problems.forbidden(CERTIFICATE, "updates may not set certificate content");
      return;
    }
    if (!old.isEmpty()) {
      problems.forbidden(CERTIFICATE, "updates may not modify existing certificate content");
    }
    try {
      if (!now.isEmpty()) {
        var _ = Pem.certificates(now.toByteArray());
      }
    } catch (GeneralSecurityException e) {
      problems.invalid(CERTIFICATE, "<certificate data>", String.valueOf(e.getMessage()));
    }
  }

  private static List<CertificateSigningRequestCondition> of(
      String type, List<CertificateSigningRequestCondition> conditions) {
    return conditions.stream().filter(condition -> condition.getType().equals(type)).toList();
  }
}
