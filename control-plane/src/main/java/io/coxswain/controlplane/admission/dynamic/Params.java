package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.ParamKind;
import io.coxswain.api.admissionregistration.v1.ParamRef;
import io.coxswain.client.codec.Selectors;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The objects that a binding hands to its policy.
final class Params {

  /// A policy or binding that cannot be followed.
  static final class MisconfiguredException extends Exception {
    private static final long serialVersionUID = 1L;

    MisconfiguredException(String message) {
      super(message);
    }
  }

  private Params() {}

  /// One for each time that the policy is to be followed: nothing where it takes none.
  ///
  /// @param kind nothing for a policy that takes none
  /// @param reference nothing for a binding that gives none
  static List<Optional<Message>> of(
      Optional<ParamKind> kind,
      Optional<ParamRef> reference,
      String namespace,
      Surroundings surroundings)
      throws MisconfiguredException {
    if (kind.isEmpty() || reference.isEmpty()) {
      return List.of(Optional.empty());
    }
    ResourceType<?> type = type(kind.get(), surroundings);
    ParamRef wanted = reference.get();
    if (!type.namespaced() && !wanted.getNamespace().isEmpty()) {
      throw new MisconfiguredException(
          "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    }
    String where = wanted.getNamespace().isEmpty() ? namespace : wanted.getNamespace();
    if (type.namespaced() && where.isEmpty()) {
      throw new MisconfiguredException(
          "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
    }
    List<Optional<Message>> params = new ArrayList<>();
    String in = type.namespaced() ? where : "";
    if (!wanted.getName().isEmpty()) {
      surroundings
          .find(type, in, wanted.getName())
          .ifPresent(found -> params.add(Optional.of(found)));
    } else {
      surroundings
          .select(type, in, Selectors.labels(wanted.getSelector()))
          .forEach(found -> params.add(Optional.of(found)));
    }
    if (params.isEmpty() && wanted.getParameterNotFoundAction().equals("Deny")) {
      throw new MisconfiguredException(
          "no params found for policy binding with `Deny` parameterNotFoundAction");
    }
    return params;
  }

  /// @throws MisconfiguredException when there is no such kind
  static ResourceType<?> type(ParamKind kind, Surroundings surroundings)
      throws MisconfiguredException {
    return surroundings
        .typeOf(kind.getApiVersion(), kind.getKind())
        .orElseThrow(() ->
            new MisconfiguredException(
                "failed to find resource referenced by paramKind: '"
                    + kind.getApiVersion()
                    + ", Kind="
                    + kind.getKind()
                    + "'"));
  }
}
