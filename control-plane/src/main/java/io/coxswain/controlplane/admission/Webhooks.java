package io.coxswain.controlplane.admission;

import io.coxswain.api.admissionregistration.v1.MutatingWebhook;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhook;

/// The two kinds of admission webhooks, which are told by nearly the same fields.
public final class Webhooks {

  private Webhooks() {}

  /// What a validating webhook has in common with a mutating one.
  public static MutatingWebhook common(ValidatingWebhook hook) {
    MutatingWebhook.Builder common =
        MutatingWebhook.newBuilder()
            .setName(hook.getName())
            .setClientConfig(hook.getClientConfig())
            .addAllRules(hook.getRulesList())
            .addAllAdmissionReviewVersions(hook.getAdmissionReviewVersionsList())
            .addAllMatchConditions(hook.getMatchConditionsList());
    if (hook.hasFailurePolicy()) {
      common.setFailurePolicy(hook.getFailurePolicy());
    }
    if (hook.hasMatchPolicy()) {
      common.setMatchPolicy(hook.getMatchPolicy());
    }
    if (hook.hasNamespaceSelector()) {
      common.setNamespaceSelector(hook.getNamespaceSelector());
    }
    if (hook.hasObjectSelector()) {
      common.setObjectSelector(hook.getObjectSelector());
    }
    if (hook.hasSideEffects()) {
      common.setSideEffects(hook.getSideEffects());
    }
    if (hook.hasTimeoutSeconds()) {
      common.setTimeoutSeconds(hook.getTimeoutSeconds());
    }
    return common.build();
  }
}
