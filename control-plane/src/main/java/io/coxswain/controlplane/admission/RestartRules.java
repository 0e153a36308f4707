package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerRestartRule;
import java.util.List;

/// What a container says of being started again (KEP-5307).
final class RestartRules {

  private static final List<String> POLICIES = List.of("Always", "Never", "OnFailure");
  private static final List<String> ACTIONS = List.of("Restart");
  private static final List<String> OPERATORS = List.of("In", "NotIn");
  private static final int MOST_RULES = 20;
  private static final int MOST_CODES = 255;

  private RestartRules() {}

  static void check(Container container, String at, Problems problems) {
    String policy = container.getRestartPolicy();
    int rules = container.getRestartPolicyRulesCount();
    if (!container.hasRestartPolicy()) {
      if (rules > 0) {
        problems.required(
            at + ".restartPolicy", "must specify restartPolicy when restart rules are used");
      }
    } else if (!POLICIES.contains(policy)) {
      problems.unsupported(at + ".restartPolicy", policy, POLICIES);
    }
    if (rules > MOST_RULES) {
      problems.tooMany(at + ".restartPolicyRules", rules, MOST_RULES);
      return;
    }
    for (int i = 0; i < rules; i++) {
      checkRule(
          container.getRestartPolicyRules(i), at + ".restartPolicyRules[" + i + "]", problems);
    }
  }

  private static void checkRule(ContainerRestartRule rule, String at, Problems problems) {
    if (!rule.getAction().isEmpty() && !ACTIONS.contains(rule.getAction())) {
      problems.unsupported(at + ".action", rule.getAction(), ACTIONS);
    }
    if (!rule.hasExitCodes()) {
      problems.required(at + ".exitCodes", "must be specified");
      return;
    }
    String operator = rule.getExitCodes().getOperator();
    if (!operator.isEmpty() && !OPERATORS.contains(operator)) {
      problems.unsupported(at + ".exitCodes.operator", operator, OPERATORS);
    }
    int codes = rule.getExitCodes().getValuesCount();
    if (codes > MOST_CODES) {
      problems.tooMany(at + ".exitCodes.values", codes, MOST_CODES);
    }
  }
}
