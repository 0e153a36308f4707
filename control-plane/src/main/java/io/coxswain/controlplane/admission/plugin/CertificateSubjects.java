package io.coxswain.controlplane.admission.plugin;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.controlplane.pki.SigningRequest;
import java.security.GeneralSecurityException;
import java.util.Set;

/// Nobody gets a certificate of the API's clients that puts them among the masters, who may do
/// everything whatever roles say.
final class CertificateSubjects implements AdmissionPlugin {

  private static final String SIGNER = "kubernetes.io/kube-apiserver-client";
  private static final String MASTERS = "system:masters";

  @Override
  public Set<String> kinds() {
    return Set.of("certificatesigningrequests.certificates.k8s.io");
  }

  @Override
  public void validate(AdmissionRequest request, StoredObjects objects) {
    if (!request.creates()
        || !(request.object() instanceof CertificateSigningRequest made)
        || !made.getSpec().getSignerName().equals(SIGNER)) {
      return;
    }
    try {
      SigningRequest wanted = SigningRequest.parse(made.getSpec().getRequest().toByteArray());
      if (wanted.name().organizations().contains(MASTERS)) {
        throw request.forbidden(
            "use of " + SIGNER + " signer with system:masters group is not allowed");
      }
    } catch (GeneralSecurityException e) {
      throw request.forbidden("failed to parse CSR: " + e.getMessage());
    }
  }
}
