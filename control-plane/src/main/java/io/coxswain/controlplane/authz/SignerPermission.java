package io.coxswain.controlplane.authz;

import com.google.protobuf.Message;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.controlplane.authn.User;
import java.util.Optional;

/// Who may write a request's approval or certificate at all also needs the verb `approve` or `sign`
/// on the signer that the request is for: one signer's approver has no say in another's requests.
public final class SignerPermission {

  private static final String GROUP = "certificates.k8s.io";

  private final Authorizer authorizer;

  public SignerPermission(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  /// Why this user may not write the request so; nothing when they may, or when it is no request.
  ///
  /// @param part `approval` or `status`; others are free
  public Optional<String> onUpdate(User user, String part, Message before, Message after) {
    if (!(before instanceof CertificateSigningRequest old)
        || !(after instanceof CertificateSigningRequest changed)) {
      return Optional.empty();
    }
    String signer = old.getSpec().getSignerName();
    return switch (part) {
      case "approval" -> need(user, "approve", signer);
      // metadata may be written by whoever may write the status
      case "status" ->
          changed.getStatus().equals(old.getStatus())
              ? Optional.empty()
              : need(user, "sign", signer);
      default -> Optional.empty();
    };
  }

  private Optional<String> need(User user, String verb, String signer) {
    boolean may =
        may(user, verb, signer)
            || may(user, verb, signer.substring(0, Math.max(0, signer.indexOf('/'))) + "/*");
    return may
        ? Optional.empty()
        : Optional.of(
            "user not permitted to " + verb + " requests with signerName \"" + signer + "\"");
  }

  private boolean may(User user, String verb, String signer) {
    return authorizer
        .authorize(new Attributes(user, verb, GROUP, "*", "signers", "", "", signer, "", ""))
        .allowed();
  }
}
