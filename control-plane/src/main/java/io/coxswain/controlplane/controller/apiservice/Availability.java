package io.coxswain.controlplane.controller.apiservice;

import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.APIServiceCondition;
import io.coxswain.api.apiregistration.v1.APIServiceStatus;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.Optional;

/// Whether a version of a group is answered, as its APIService says.
final class Availability {

  private static final String TYPE = "Available";

  private Availability() {}

  /// The object with the condition as it should be; empty when it is. What names a Service is
  /// looked after by who hands requests on to it.
  static Optional<APIService> corrected(APIService service, Instant now) {
    if (service.getSpec().hasService()) {
      return Optional.empty();
    }
    APIServiceCondition wanted =
        condition("True", "Local", "Local APIServices are always available");
    APIService.Builder changed = service.toBuilder();
    APIServiceStatus.Builder status = changed.getStatusBuilder();
    APIServiceCondition dated = wanted.toBuilder().setLastTransitionTime(Times.time(now)).build();
    for (int i = 0; i < status.getConditionsCount(); i++) {
      APIServiceCondition present = status.getConditions(i);
      if (present.getType().equals(TYPE)) {
        boolean same = present.toBuilder().clearLastTransitionTime().build().equals(wanted);
        status.setConditions(i, dated);
        return same ? Optional.empty() : Optional.of(changed.build());
      }
    }
    status.addConditions(dated);
    return Optional.of(changed.build());
  }

  private static APIServiceCondition condition(String status, String reason, String message) {
    return APIServiceCondition.newBuilder()
        .setType(TYPE)
        .setStatus(status)
        .setReason(reason)
        .setMessage(message)
        .build();
  }
}
