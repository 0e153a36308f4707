package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.ParamKind;
import io.coxswain.api.admissionregistration.v1.ParamRef;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.authz.Authorizer;
import io.coxswain.controlplane.cel.CostBudget;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Lets policies change the object of one request, one after the other, by all their bindings. Used
/// by one thread.
final class MutatingPolicies {

  private final Surroundings surroundings;
  private final Authorizer authorizer;
  private final Turns turns = new Turns();

  MutatingPolicies(Surroundings surroundings, Authorizer authorizer) {
    this.surroundings = surroundings;
    this.authorizer = authorizer;
  }

  /// A binding made ready.
  record Bound(MutatingAdmissionPolicyBinding binding, Criteria criteria) {
    String name() {
      return binding.getMetadata().getName();
    }
  }

  /// A policy with its bindings.
  record Bundle(MutatingPolicy policy, List<Bound> bindings) {}

  private record Invocation(
      MutatingPolicy policy, Bound bound, ResourceType<?> as, Optional<Message> params) {
    String id() {
      return policy.name()
          + "|"
          + bound.name()
          + "|"
          + params.map(there -> ObjectMetas.key(there).toString()).orElse("");
    }
  }

  /// Whether anything was changed.
  boolean changed() {
    return turns.changed();
  }

  /// @param again whether it is the second round
  /// @throws io.coxswain.client.ApiException when a policy cannot be followed that must be
  Attempt round(List<Bundle> bundles, Attempt attempt, boolean again) {
    if (bundles.isEmpty() || attempt.object().isEmpty()) {
      return attempt;
    }
    turns.begin(attempt, again);
    List<String> errors = new ArrayList<>();
    Attempt current = attempt;
    for (Invocation invocation : invocations(bundles, attempt, errors)) {
      if (turns.isDue(invocation.id(), again)) {
        current = followed(invocation, current, errors);
      }
    }
    turns.end(current);
    if (!errors.isEmpty()) {
      throw Denials.forbidden(attempt, errors, "Invalid");
    }
    return current;
  }

  private List<Invocation> invocations(List<Bundle> bundles, Attempt attempt, List<String> errors) {
    List<Invocation> invocations = new ArrayList<>();
    for (Bundle bundle : bundles) {
      MutatingPolicy policy = bundle.policy();
      Optional<ResourceType<?>> as = policy.criteria().find(attempt, surroundings);
      if (as.isEmpty()) {
        continue;
      }
      for (Bound bound : bundle.bindings()) {
        if (bound.criteria().find(attempt, surroundings).isEmpty()) {
          continue;
        }
        try {
          for (Optional<Message> params : params(policy, bound, attempt)) {
            invocations.add(new Invocation(policy, bound, as.get(), params));
          }
        } catch (Params.MisconfiguredException e) {
          note(policy, bound, "failed to configure binding: " + e.getMessage(), errors);
        }
      }
    }
    return invocations;
  }

  private List<Optional<Message>> params(MutatingPolicy policy, Bound bound, Attempt attempt)
      throws Params.MisconfiguredException {
    Optional<ParamRef> reference =
        bound.binding().getSpec().hasParamRef()
            ? Optional.of(bound.binding().getSpec().getParamRef())
            : Optional.empty();
    return Params.of(kind(policy), reference, attempt.namespace(), surroundings);
  }

  private static Optional<ParamKind> kind(MutatingPolicy policy) {
    return policy.spec().hasParamKind()
        ? Optional.of(policy.spec().getParamKind())
        : Optional.empty();
  }

  private static void note(MutatingPolicy policy, Bound bound, String why, List<String> errors) {
    if (!policy.ignoresFailure()) {
      errors.add(
          "policy '%s' with binding '%s' denied request: %s"
              .formatted(policy.name(), bound.name(), why));
    }
  }

  private Attempt followed(Invocation invocation, Attempt attempt, List<String> errors) {
    MutatingPolicy policy = invocation.policy();
    Told told = new Told(attempt, invocation.as(), surroundings, authorizer);
    try {
      if (!policy.conditions().hold(() -> variables(invocation, told))) {
        return attempt;
      }
    } catch (Conditions.UnknownException e) {
      note(policy, invocation.bound(), String.valueOf(e.getMessage()), errors);
      return attempt;
    }
    Attempt current = attempt;
    CostBudget budget = CostBudget.ofObject();
    for (int i = 0; i < policy.mutations(); i++) {
      try {
        Told now = i == 0 ? told : new Told(current, invocation.as(), surroundings, authorizer);
        Message changed =
            policy.changed(
                i,
                now.object().orElseThrow(),
                invocation.as(),
                variables(invocation, now),
                budget,
                surroundings);
        current =
            current.with(
                now.isConverted() ? surroundings.converted(changed, attempt.type()) : changed);
      } catch (MutatingPolicy.FailedException e) {
        note(policy, invocation.bound(), String.valueOf(e.getMessage()), errors);
      }
    }
    turns.took(invocation.id(), policy.isReinvocable(), !current.object().equals(attempt.object()));
    return current;
  }

  private static Map<String, Object> variables(Invocation invocation, Told told) {
    return ValidatingPolicies.withParams(
        told.variables(), kind(invocation.policy()), invocation.params());
  }
}
