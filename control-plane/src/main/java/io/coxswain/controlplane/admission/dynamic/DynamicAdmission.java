package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.MutatingWebhook;
import io.coxswain.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhook;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.coxswain.controlplane.admission.Webhooks;
import io.coxswain.controlplane.authz.Authorizer;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Asks the webhooks and follows the policies that people configured. Where none has to do with a
/// request this costs a few reads of memory. Safe for use by many threads.
public final class DynamicAdmission {

  private record Known(long state, Rulebook book) {}

  private final Surroundings surroundings;
  private final Places places;
  private final Authorizer authorizer;
  private volatile @Nullable Known known;

  /// @param authorizer whom expressions ask what users may do
  public DynamicAdmission(Surroundings surroundings, Places places, Authorizer authorizer) {
    this.surroundings = surroundings;
    this.places = places;
    this.authorizer = authorizer;
  }

  /// Whether anybody may have to be asked about such requests.
  public boolean concerns(ResourceType<?> type, String subresource, Operation operation) {
    return !book().asked(type, subresource, operation).isEmpty();
  }

  /// Begins to let a request's object be changed.
  public MutatingPass mutating() {
    return new MutatingPass(this, surroundings, authorizer);
  }

  /// Lets everybody judge a request. Blocks while webhooks are asked, all at once.
  ///
  /// @throws io.coxswain.client.ApiException when it is refused
  public void validate(Attempt attempt) {
    Rulebook.Asked asked = asked(attempt);
    if (!asked.validatingPolicies().isEmpty()) {
      new ValidatingPolicies(surroundings, authorizer).judge(asked.validatingPolicies(), attempt);
    }
    List<Rulebook.Match> hooks = asked.validating();
    if (!hooks.isEmpty()) {
      new ValidatingHooks(surroundings, authorizer).judge(hooks, attempt);
    }
  }

  Rulebook.Asked asked(Attempt attempt) {
    return book().asked(attempt.type(), attempt.subresource(), attempt.operation());
  }

  private Rulebook book() {
    long state = surroundings.state();
    Known last = known;
    if (last == null || last.state() != state) {
      last = new Known(state, read());
      known = last;
    }
    return last.book();
  }

  private Rulebook read() {
    List<Hook> mutating = new ArrayList<>();
    for (MutatingWebhookConfiguration configuration :
        surroundings.list(MutatingWebhookConfiguration.class)) {
      for (MutatingWebhook hook : configuration.getWebhooksList()) {
        mutating.add(new Hook(configuration.getMetadata().getName(), hook, true, places));
      }
    }
    List<Hook> validating = new ArrayList<>();
    for (ValidatingWebhookConfiguration configuration :
        surroundings.list(ValidatingWebhookConfiguration.class)) {
      for (ValidatingWebhook hook : configuration.getWebhooksList()) {
        validating.add(
            new Hook(configuration.getMetadata().getName(), Webhooks.common(hook), false, places));
      }
    }
    return new Rulebook(
        mutating, validating, mutatingPolicies(), validatingPolicies(), surroundings);
  }

  /// A policy without bindings is not followed.
  private List<MutatingPolicies.Bundle> mutatingPolicies() {
    Map<String, List<MutatingPolicies.Bound>> bindings = new HashMap<>();
    for (MutatingAdmissionPolicyBinding binding :
        surroundings.list(MutatingAdmissionPolicyBinding.class)) {
      bindings
          .computeIfAbsent(binding.getSpec().getPolicyName(), _ -> new ArrayList<>())
          .add(
              new MutatingPolicies.Bound(
                  binding, new Criteria(binding.getSpec().getMatchResources())));
    }
    List<MutatingPolicies.Bundle> bundles = new ArrayList<>();
    for (MutatingAdmissionPolicy policy : surroundings.list(MutatingAdmissionPolicy.class)) {
      List<MutatingPolicies.Bound> bound = bindings.get(policy.getMetadata().getName());
      if (bound != null) {
        bundles.add(new MutatingPolicies.Bundle(new MutatingPolicy(policy), List.copyOf(bound)));
      }
    }
    return bundles;
  }

  private List<ValidatingPolicies.Bundle> validatingPolicies() {
    Map<String, List<ValidatingPolicies.Bound>> bindings = new HashMap<>();
    for (ValidatingAdmissionPolicyBinding binding :
        surroundings.list(ValidatingAdmissionPolicyBinding.class)) {
      bindings
          .computeIfAbsent(binding.getSpec().getPolicyName(), _ -> new ArrayList<>())
          .add(
              new ValidatingPolicies.Bound(
                  binding, new Criteria(binding.getSpec().getMatchResources())));
    }
    List<ValidatingPolicies.Bundle> bundles = new ArrayList<>();
    for (ValidatingAdmissionPolicy policy : surroundings.list(ValidatingAdmissionPolicy.class)) {
      List<ValidatingPolicies.Bound> bound = bindings.get(policy.getMetadata().getName());
      if (bound != null) {
        bundles.add(
            new ValidatingPolicies.Bundle(new ValidatingPolicy(policy), List.copyOf(bound)));
      }
    }
    return bundles;
  }
}
