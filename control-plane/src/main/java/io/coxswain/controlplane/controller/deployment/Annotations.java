package io.coxswain.controlplane.controller.deployment;

import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.apps.v1.ReplicaSet;
import io.coxswain.api.meta.v1.ObjectMeta;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// What a Deployment notes on itself and on its sets, under the names that tools read.
final class Annotations {

  static final String REVISION = "deployment.kubernetes.io/revision";
  static final String REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
  static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
  static final String MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

  // A long-lived template that is rolled back to again and again must not fill the object.
  private static final int HISTORY_CHARACTERS = 2000;

  // The Deployment's own, or about the Deployment's manifest: not for its sets.
  private static final Set<String> NOT_COPIED =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          "deprecated.deployment.rollback.to",
          REVISION,
          REVISION_HISTORY,
          DESIRED_REPLICAS,
          MAX_REPLICAS);

  private Annotations() {}

  /// 0 when there is none.
  static long revision(ObjectMeta metadata) {
    String text = metadata.getAnnotationsMap().getOrDefault(REVISION, "0");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static OptionalInt desiredReplicas(ReplicaSet set) {
    return number(set, DESIRED_REPLICAS);
  }

  static OptionalInt maxReplicas(ReplicaSet set) {
    return number(set, MAX_REPLICAS);
  }

  /// The set's annotations with the Deployment's and the revision. A set that gets a newer revision
  /// notes the one it had: people roll back by number.
  static Map<String, String> forNewSet(
      Map<String, String> before, Deployment deployment, long revision) {
    Map<String, String> annotations = new HashMap<>(before);
    deployment
        .getMetadata()
        .getAnnotationsMap()
        .forEach((name, value) -> {
          if (!NOT_COPIED.contains(name)) {
            annotations.put(name, value);
          }
        });
    String old = before.getOrDefault(REVISION, "");
    if (old.equals(Long.toString(revision))) {
      return annotations;
    }
    annotations.put(REVISION, Long.toString(revision));
    if (!old.isEmpty()) {
      annotations.put(REVISION_HISTORY, history(before.getOrDefault(REVISION_HISTORY, ""), old));
    }
    return annotations;
  }

  static Map<String, String> withSizes(Map<String, String> before, int desired, int max) {
    Map<String, String> annotations = new HashMap<>(before);
    annotations.put(DESIRED_REPLICAS, Integer.toString(desired));
    annotations.put(MAX_REPLICAS, Integer.toString(max));
    return annotations;
  }

  private static String history(String before, String old) {
    String history = before.isEmpty() ? old : before + "," + old;
    while (history.length() > HISTORY_CHARACTERS) {
      history = history.substring(history.indexOf(',') + 1);
    }
    return history;
  }

  private static OptionalInt number(ReplicaSet set, String name) {
    String text = set.getMetadata().getAnnotationsMap().getOrDefault(name, "");
    try {
      return OptionalInt.of(Integer.parseInt(text));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
