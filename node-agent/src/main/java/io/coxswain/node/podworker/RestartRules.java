package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerRestartRule;

/// Whether a container that ended is started again by what it says itself (KEP-5307): the first
/// rule that its exit code meets, then its own policy, then the pod's.
final class RestartRules {

  private RestartRules() {}

  /// @param podPolicy as `restartPolicy` of the pod
  static boolean restart(Container container, String podPolicy, int exitCode) {
    if (container.getRestartPolicyRulesList().stream().anyMatch(rule -> meets(rule, exitCode))) {
      return true;
    }
    String policy =
        container.getRestartPolicy().isEmpty() ? podPolicy : container.getRestartPolicy();
    return switch (policy) {
      case "Never" -> false;
      case "OnFailure" -> exitCode != 0;
      default -> true;
    };
  }

  /// The one action that the API takes is to start it again.
  private static boolean meets(ContainerRestartRule rule, int exitCode) {
    boolean named = rule.getExitCodes().getValuesList().contains(exitCode);
    return rule.getAction().equals("Restart")
        && switch (rule.getExitCodes().getOperator()) {
          case "In" -> named;
          case "NotIn" -> !named;
          default -> false;
        };
  }
}
