package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.DeploymentCondition;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A Deployment's conditions while a status is made. Belongs to one thread.
final class Conditions {

  private final List<DeploymentCondition> conditions;
  private final Time now;

  Conditions(List<DeploymentCondition> before, Instant now) {
    this.conditions = new ArrayList<>(before);
    this.now = Times.time(now);
  }

  Optional<DeploymentCondition> find(String type) {
    return conditions.stream().filter(c -> c.getType().equals(type)).findFirst();
  }

  /// Empty when there is no such condition.
  String reason(String type) {
    return find(type).map(DeploymentCondition::getReason).orElse("");
  }

  /// Has no effect when status and reason are the same already: the times tell when it became so.
  void set(String type, String status, String reason, String message) {
    Optional<DeploymentCondition> before = find(type);
    boolean same =
        before
            .filter(c -> c.getStatus().equals(status) && c.getReason().equals(reason))
            .isPresent();
    if (!same) {
      renew(type, status, reason, message);
    }
  }

  /// As [#set], and says that it is so anew.
  void renew(String type, String status, String reason, String message) {
    Optional<DeploymentCondition> before = find(type);
    Time since =
        before
            .filter(c -> c.getStatus().equals(status))
            .map(DeploymentCondition::getLastTransitionTime)
            .orElse(now);
    DeploymentCondition after =
        DeploymentCondition.newBuilder()
            .setType(type)
            .setStatus(status)
            .setReason(reason)
            .setMessage(message)
            .setLastUpdateTime(now)
            .setLastTransitionTime(since)
            .build();
    if (before.isPresent()) {
      conditions.set(conditions.indexOf(before.get()), after);
    } else {
      conditions.add(after);
    }
  }

  void remove(String type) {
    conditions.removeIf(c -> c.getType().equals(type));
  }

  List<DeploymentCondition> all() {
    return List.copyOf(conditions);
  }
}
