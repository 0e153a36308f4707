package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicySpec;
import io.coxswain.api.admissionregistration.v1.Mutation;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.cel.AdmissionExpressions;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import io.coxswain.controlplane.cel.Compiled;
import io.coxswain.controlplane.cel.Composition;
import io.coxswain.controlplane.cel.CostBudget;
import io.coxswain.controlplane.cel.JsonValues;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A policy that changes objects. Compiled when it is first followed; safe for use by many threads.
final class MutatingPolicy {

  /// What its expressions make impossible.
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private record Program(Composition composition, List<Compiled> mutations) {}

  private final MutatingAdmissionPolicy policy;
  private final Criteria criteria;
  private final Conditions conditions;
  private volatile @Nullable Program program;

  MutatingPolicy(MutatingAdmissionPolicy policy) {
    this.policy = policy;
    this.criteria = new Criteria(policy.getSpec().getMatchConstraints());
    this.conditions =
        new Conditions(
            policy.getSpec().getMatchConditionsList(), extras(policy.getSpec()), ignoresFailure());
  }

  static Set<Extra> extras(MutatingAdmissionPolicySpec spec) {
    return spec.hasParamKind()
        ? EnumSet.of(Extra.AUTHORIZER, Extra.PARAMS)
        : EnumSet.of(Extra.AUTHORIZER);
  }

  /// What a mutation's expression may use.
  static Set<Extra> patching(MutatingAdmissionPolicySpec spec) {
    Set<Extra> extras = extras(spec);
    extras.add(Extra.PATCHES);
    return extras;
  }

  String name() {
    return policy.getMetadata().getName();
  }

  MutatingAdmissionPolicySpec spec() {
    return policy.getSpec();
  }

  Criteria criteria() {
    return criteria;
  }

  Conditions conditions() {
    return conditions;
  }

  boolean ignoresFailure() {
    return policy.getSpec().getFailurePolicy().equals("Ignore");
  }

  boolean isReinvocable() {
    return policy.getSpec().getReinvocationPolicy().equals("IfNeeded");
  }

  int mutations() {
    return policy.getSpec().getMutationsCount();
  }

  private Program program() {
    Program known = program;
    if (known == null) {
      MutatingAdmissionPolicySpec spec = policy.getSpec();
      Composition composition = new Composition(spec.getVariablesList(), extras(spec));
      List<Compiled> mutations = new ArrayList<>();
      for (Mutation mutation : spec.getMutationsList()) {
        mutations.add(compiled(mutation, spec, composition));
      }
      known = new Program(composition, List.copyOf(mutations));
      program = known;
    }
    return known;
  }

  /// An expression of a mutation.
  static Compiled compiled(
      Mutation mutation, MutatingAdmissionPolicySpec spec, Composition composition) {
    return mutation.getPatchType().equals("JSONPatch")
        ? composition.compile(
            mutation.getJsonPatch().getExpression().strip(),
            patching(spec),
            List.of(AdmissionExpressions.OPERATIONS))
        : composition.compile(
            mutation.getApplyConfiguration().getExpression().strip(),
            patching(spec),
            List.of(AdmissionExpressions.OBJECT));
  }

  /// What one of its mutations makes of an object, with its defaults.
  ///
  /// @param as the object's own type
  /// @param variables with `params` where there are any
  /// @param budget of all of its mutations together
  Message changed(
      int index,
      Message object,
      ResourceType<?> as,
      Map<String, Object> variables,
      CostBudget budget,
      Surroundings surroundings)
      throws FailedException {
    Program known = program();
    JsonNode change;
    try {
      change =
          JsonValues.toJson(
              known
                  .mutations()
                  .get(index)
                  .value(known.composition().over(variables, budget), budget));
    } catch (Compiled.FailedException | IllegalArgumentException e) {
      throw new FailedException(String.valueOf(e.getMessage()), e);
    }
    boolean operations = policy.getSpec().getMutations(index).getPatchType().equals("JSONPatch");
    try {
      return operations
          ? surroundings.patched(as, object, change.toString())
          : surroundings.laid(as, object, change);
    } catch (ApiException e) {
      String why = String.valueOf(e.getMessage());
      if (operations && why.contains("testing path ")) {
        return object; // a test that fails means that there is nothing to do
      }
      throw new FailedException(
          operations ? "JSON Patch: " + why : "error applying patch: " + why, e);
    }
  }
}
