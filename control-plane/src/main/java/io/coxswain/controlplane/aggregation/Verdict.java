package io.coxswain.controlplane.aggregation;

import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.APIServiceCondition;
import io.coxswain.client.codec.Times;
import java.time.Instant;

/// What a check found out, in the words of the condition `Available`.
record Verdict(boolean available, String reason, String message) {

  static final String TYPE = "Available";

  static final Verdict PASSED = new Verdict(true, "Passed", "all checks passed");

  static Verdict failed(String reason, String message) {
    return new Verdict(false, reason, message);
  }

  /// Whether the object says so already.
  boolean isIn(APIService service) {
    return service.getStatus().getConditionsList().stream()
        .anyMatch(one ->
            one.getType().equals(TYPE)
                && one.getStatus().equals(status())
                && one.getReason().equals(reason)
                && one.getMessage().equals(message));
  }

  /// The object as it should be. When the status is what it was, its time stays.
  APIService in(APIService service, Instant now) {
    APIServiceCondition.Builder condition =
        APIServiceCondition.newBuilder()
            .setType(TYPE)
            .setStatus(status())
            .setReason(reason)
            .setMessage(message)
            .setLastTransitionTime(Times.time(now));
    APIService.Builder changed = service.toBuilder();
    for (int i = 0; i < service.getStatus().getConditionsCount(); i++) {
      APIServiceCondition present = service.getStatus().getConditions(i);
      if (present.getType().equals(TYPE)) {
        if (present.getStatus().equals(status())) {
          condition.setLastTransitionTime(present.getLastTransitionTime());
        }
        changed.getStatusBuilder().setConditions(i, condition);
        return changed.build();
      }
    }
    changed.getStatusBuilder().addConditions(condition);
    return changed.build();
  }

  private String status() {
    return available ? "True" : "False";
  }
}
