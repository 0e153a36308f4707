package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.ParamKind;
import io.coxswain.api.admissionregistration.v1.ParamRef;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.controlplane.authz.Authorizer;
import io.coxswain.controlplane.cel.JsonValues;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Lets policies judge a request by all their bindings.
final class ValidatingPolicies {

  private static final JsonCodec JSON = new JsonCodec(Long.MAX_VALUE);
  private static final String FAILURE = "validation.policy.admission.k8s.io/validation_failure";

  private final Surroundings surroundings;
  private final Authorizer authorizer;

  ValidatingPolicies(Surroundings surroundings, Authorizer authorizer) {
    this.surroundings = surroundings;
    this.authorizer = authorizer;
  }

  /// A binding made ready.
  record Bound(ValidatingAdmissionPolicyBinding binding, Criteria criteria) {
    String name() {
      return binding.getMetadata().getName();
    }
  }

  /// A policy with its bindings.
  record Bundle(ValidatingPolicy policy, List<Bound> bindings) {}

  /// @throws ApiException with the first refusal
  void judge(List<Bundle> bundles, Attempt attempt) {
    Hearing hearing = new Hearing(attempt);
    for (Bundle bundle : bundles) {
      hearing.hear(bundle);
    }
    hearing.close();
  }

  /// What is said about one request.
  private final class Hearing {

    private final Attempt attempt;
    private final Map<String, Told> told = new HashMap<>();
    private final List<ApiException> denials = new ArrayList<>();

    Hearing(Attempt attempt) {
      this.attempt = attempt;
    }

    void close() {
      if (!denials.isEmpty()) {
        throw denials.getFirst();
      }
    }

    void hear(Bundle bundle) {
      ValidatingPolicy policy = bundle.policy();
      Optional<ResourceType<?>> as = policy.criteria().find(attempt, surroundings);
      if (as.isEmpty()) {
        return;
      }
      Map<String, Set<String>> annotations = new TreeMap<>();
      for (Bound bound : bundle.bindings()) {
        if (bound.criteria().find(attempt, surroundings).isPresent()) {
          hear(policy, bound, as.get(), annotations);
        }
      }
      annotations.forEach((key, values) ->
          attempt.notes().annotate(policy.name() + "/" + key, String.join(", ", values)));
    }

    private void hear(
        ValidatingPolicy policy,
        Bound bound,
        ResourceType<?> as,
        Map<String, Set<String>> annotations) {
      try {
        Optional<ParamKind> kind =
            policy.spec().hasParamKind()
                ? Optional.of(policy.spec().getParamKind())
                : Optional.empty();
        Optional<ParamRef> reference =
            bound.binding().getSpec().hasParamRef()
                ? Optional.of(bound.binding().getSpec().getParamRef())
                : Optional.empty();
        Told request =
            told.computeIfAbsent(
                as.apiVersion(), _ -> new Told(attempt, as, surroundings, authorizer));
        for (Optional<Message> params :
            Params.of(kind, reference, attempt.namespace(), surroundings)) {
          Map<String, Object> variables = withParams(request.variables(), kind, params);
          act(policy, bound, policy.judge(variables), annotations);
        }
      } catch (Params.MisconfiguredException e) {
        if (!policy.ignoresFailure()) {
          deny(policy, bound, "failed to configure binding: " + e.getMessage(), "Invalid");
        }
      }
    }

    private void deny(ValidatingPolicy policy, Bound bound, String message, String reason) {
      denials.add(
          Denials.invalid(
              attempt,
              "ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s"
                  .formatted(policy.name(), bound.name(), message),
              reason));
    }

    private void act(
        ValidatingPolicy policy,
        Bound bound,
        ValidatingPolicy.Findings findings,
        Map<String, Set<String>> annotations) {
      for (ValidatingPolicy.Fault fault : findings.faults()) {
        for (String action : bound.binding().getSpec().getValidationActionsList()) {
          switch (action) {
            case "Deny" -> deny(policy, bound, fault.message(), fault.reason());
            case "Warn" ->
                attempt
                    .notes()
                    .warn(
                        "Validation failed for ValidatingAdmissionPolicy '%s' with binding '%s': %s"
                            .formatted(policy.name(), bound.name(), fault.message()));
            default -> attempt.notes().annotate(FAILURE, failure(policy, bound, fault));
          }
        }
      }
      findings.refused().forEach(why -> deny(policy, bound, why, "Invalid"));
      findings
          .annotations()
          .forEach((key, value) ->
              annotations.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(value));
    }
  }

  /// As the audit log tells it.
  private static String failure(
      ValidatingPolicy policy, Bound bound, ValidatingPolicy.Fault fault) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    ObjectNode entry = list.addObject();
    entry.put("message", fault.message()).put("policy", policy.name()).put("binding", bound.name());
    entry.put("expressionIndex", fault.index());
    ArrayNode actions = entry.putArray("validationActions");
    bound.binding().getSpec().getValidationActionsList().forEach(actions::add);
    return list.toString();
  }

  /// The variables of a request with those of one object of parameters.
  ///
  /// @param kind of the parameters; nothing for a policy that takes none
  static Map<String, Object> withParams(
      Map<String, Object> variables, Optional<ParamKind> kind, Optional<Message> params) {
    if (kind.isEmpty()) {
      return variables;
    }
    Map<String, Object> all = new HashMap<>(variables);
    all.put(
        "params",
        params
            .map(there -> JsonValues.of(JSON.toTree(there)))
            .orElse(io.coxswain.controlplane.cel.AdmissionExpressions.NOTHING));
    return all;
  }
}
