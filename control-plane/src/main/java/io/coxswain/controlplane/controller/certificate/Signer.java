package io.coxswain.controlplane.controller.certificate;

import io.coxswain.controlplane.pki.SigningRequest;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;

/// The cluster's certificate authority.
@FunctionalInterface
public interface Signer {

  /// Blocks while it signs.
  ///
  /// @param usages what the certificate is good for
  /// @param validity from now
  /// @return the certificate in PEM
  /// @throws GeneralSecurityException when the authority itself has ended
  String sign(SigningRequest request, List<String> usages, Duration validity)
      throws GeneralSecurityException;
}
