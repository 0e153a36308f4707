package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.meta.v1.StatusCause;
import io.coxswain.api.meta.v1.StatusDetails;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authz.Authorizer;
import java.util.Optional;

/// Decides whether a webhook whose rules name a request's resource is asked about it.
record Selection(Surroundings surroundings, Authorizer authorizer) {

  /// @return the request as the webhook is told it; nothing when it is not asked
  /// @throws ApiException when its conditions cannot be computed, and it wants that refused
  Optional<Told> told(Rulebook.Match match, Attempt attempt) {
    Hook hook = match.hook();
    if (!Matching.inNamespaces(hook.namespaces(), attempt, surroundings)
        || !Matching.isObject(hook.objects(), attempt)) {
      return Optional.empty();
    }
    Told told = new Told(attempt, match.as(), surroundings, authorizer);
    try {
      return hook.conditions().hold(told::variables) ? Optional.of(told) : Optional.empty();
    } catch (Conditions.UnknownException e) {
      throw forbidden(attempt, String.valueOf(e.getMessage()), e);
    }
  }

  static ApiException forbidden(Attempt attempt, String why, Throwable cause) {
    return new ApiException(new ApiError.Forbidden(Denials.forbidden(attempt, why)), cause);
  }

  /// A webhook that should have been asked could not be.
  static ApiException failed(Hook.UnreachableException failure) {
    return internal(String.valueOf(failure.getMessage()), failure);
  }

  /// What people's own rules make impossible is no fault of the server's.
  static ApiException internal(String why, Throwable cause) {
    return new ApiException(
        new ApiError.Denied(
            Status.newBuilder()
                .setStatus("Failure")
                .setCode(500)
                .setReason("InternalError")
                .setMessage("Internal error occurred: " + why)
                .setDetails(
                    StatusDetails.newBuilder().addCauses(StatusCause.newBuilder().setMessage(why)))
                .build()),
        cause);
  }
}
