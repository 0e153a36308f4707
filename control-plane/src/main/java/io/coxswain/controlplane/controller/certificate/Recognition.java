package io.coxswain.controlplane.controller.certificate;

import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestSpec;
import io.coxswain.controlplane.pki.SigningRequest;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/// A request that may approve itself, if whoever made it has a permission.
///
/// @param subresource of `certificatesigningrequests` that the author must be allowed to create
/// @param message what the approval says
record Recognition(String subresource, String message) {

  private static final String NODE_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";

  private static final Recognition SELF =
      new Recognition(
          "selfnodeclient",
          "Auto approving self kubelet client certificate after SubjectAccessReview.");
  private static final Recognition NODE =
      new Recognition(
          "nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.");

  /// As what the request is known, in the order in which to ask; nothing when somebody decided
  /// already, or people have to.
  static List<Recognition> of(CertificateSigningRequest request) {
    CertificateSigningRequestSpec spec = request.getSpec();
    if (Requests.isIssued(request)
        || Requests.has(request, Requests.APPROVED)
        || Requests.has(request, Requests.DENIED)
        || !spec.getSignerName().equals(NODE_CLIENT)) {
      return List.of();
    }
    try {
      SigningRequest asked = SigningRequest.parse(spec.getRequest().toByteArray());
      if (SignerRules.NODE_CLIENT.problem(asked, spec.getUsagesList()).isPresent()) {
        return List.of();
      }
      List<Recognition> known = new ArrayList<>();
      if (asked.name().commonName().equals(spec.getUsername())) {
        known.add(SELF);
      }
      known.add(NODE);
      return known;
    } catch (GeneralSecurityException unreadable) {
      return List.of();
    }
  }
}
