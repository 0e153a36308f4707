package io.coxswain.controlplane.controller.certificate;

import io.coxswain.controlplane.pki.SigningRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What each of the cluster's own signers signs, and what it refuses for good
/// (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers).
enum SignerRules {
  /// Of people and programs that call the API.
  API_CLIENT("kubernetes.io/kube-apiserver-client") {
    @Override
    Optional<String> problem(SigningRequest request, List<String> usages) {
      Optional<String> other =
          usages.stream()
              .filter(usage -> !CLIENT.contains(usage))
              .findFirst()
              .map(usage -> "invalid usage for client certificate: " + usage);
      return other.isPresent() || usages.contains(CLIENT_AUTH)
          ? other
          : Optional.of("missing required usage for client certificate: " + CLIENT_AUTH);
    }
  },

  /// Of nodes' agents that call the API.
  NODE_CLIENT("kubernetes.io/kube-apiserver-client-kubelet") {
    @Override
    Optional<String> problem(SigningRequest request, List<String> usages) {
      if (!isOfNodes(request)) {
        return Optional.of(NOT_OF_NODES);
      }
      if (request.hasDnsNames()) {
        return Optional.of("DNS subjectAltNames are not allowed");
      }
      if (request.hasEmails()) {
        return Optional.of(NO_EMAILS);
      }
      if (request.hasAddresses()) {
        return Optional.of("IP subjectAltNames are not allowed");
      }
      if (request.hasUris()) {
        return Optional.of(NO_URIS);
      }
      return nodeNamed(request).or(() -> exactly(usages, CLIENT_AUTH));
    }
  },

  /// Of nodes' agents that answer.
  NODE_SERVING("kubernetes.io/kubelet-serving") {
    @Override
    Optional<String> problem(SigningRequest request, List<String> usages) {
      if (!isOfNodes(request)) {
        return Optional.of(NOT_OF_NODES);
      }
      if (!request.hasDnsNames() && !request.hasAddresses()) {
        return Optional.of("DNS or IP subjectAltName is required");
      }
      if (request.hasEmails()) {
        return Optional.of(NO_EMAILS);
      }
      if (request.hasUris()) {
        return Optional.of(NO_URIS);
      }
      return exactly(usages, "server auth").or(() -> nodeNamed(request));
    }
  },

  /// What was asked of an API version that is gone: anything.
  LEGACY("kubernetes.io/legacy-unknown") {
    @Override
    Optional<String> problem(SigningRequest request, List<String> usages) {
      return Optional.empty();
    }
  };

  private static final String SIGNATURE = "digital signature";
  private static final String ENCIPHERMENT = "key encipherment";
  private static final String CLIENT_AUTH = "client auth";
  private static final Set<String> CLIENT = Set.of(SIGNATURE, ENCIPHERMENT, CLIENT_AUTH);
  private static final String NOT_OF_NODES = "subject organization is not system:nodes";
  private static final String NO_EMAILS = "Email subjectAltNames are not allowed";
  private static final String NO_URIS = "URI subjectAltNames are not allowed";
  private static final Map<String, SignerRules> BY_NAME =
      Map.of(
          API_CLIENT.signer, API_CLIENT,
          NODE_CLIENT.signer, NODE_CLIENT,
          NODE_SERVING.signer, NODE_SERVING,
          LEGACY.signer, LEGACY);

  private final String signer;

  SignerRules(String signer) {
    this.signer = signer;
  }

  /// Nothing for the signers of others.
  static Optional<SignerRules> of(String signer) {
    return Optional.ofNullable(BY_NAME.get(signer));
  }

  /// Why it signs no such request; nothing when it does.
  abstract Optional<String> problem(SigningRequest request, List<String> usages);

  private static boolean isOfNodes(SigningRequest request) {
    return request.name().organizations().equals(List.of("system:nodes"));
  }

  private static Optional<String> nodeNamed(SigningRequest request) {
    return request.name().commonName().startsWith("system:node:")
        ? Optional.empty()
        : Optional.of("subject common name does not begin with system:node:");
  }

  /// These usages and no other; keys that only sign have no use for encipherment.
  private static Optional<String> exactly(List<String> usages, String purpose) {
    Set<String> asked = new HashSet<>(usages);
    boolean fits =
        asked.equals(Set.of(SIGNATURE, purpose))
            || asked.equals(Set.of(SIGNATURE, ENCIPHERMENT, purpose));
    return fits
        ? Optional.empty()
        : Optional.of(
            "usages did not match [%s %s %s]".formatted(purpose, SIGNATURE, ENCIPHERMENT));
  }
}
