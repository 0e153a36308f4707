package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.ExpressionWarning;
import io.coxswain.api.admissionregistration.v1.NamedRuleWithOperations;
import io.coxswain.api.admissionregistration.v1.Rule;
import io.coxswain.api.admissionregistration.v1.TypeChecking;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicySpec;
import io.coxswain.api.admissionregistration.v1.Validation;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import io.coxswain.controlplane.cel.MessageTypes;
import io.coxswain.controlplane.cel.ObjectTypes;
import io.coxswain.controlplane.cel.TypeCheck;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Policies that judge are looked at when they are written: their status says what is doubtful
/// about their expressions, given the kinds that they are about. Writes `status.typeChecking` and
/// `status.observedGeneration`.
final class PolicyStrategy implements Strategy {

  /// Of kinds; a policy about more is about anything.
  private static final int MOST = 10;

  private final Supplier<Catalog> catalog;

  /// @param catalog the kinds that are served now
  PolicyStrategy(Supplier<Catalog> catalog) {
    this.catalog = catalog;
  }

  @Override
  public boolean showsAtOnce() {
    return true;
  }

  @Override
  public StatusMetadata writtenWithStatus() {
    return StatusMetadata.NOTHING;
  }

  @Override
  public Message prepareCreate(Message object) {
    return checked((ValidatingAdmissionPolicy) object, 1);
  }

  @Override
  public Message prepareUpdate(Message before, Message after) {
    ValidatingAdmissionPolicy policy = (ValidatingAdmissionPolicy) after;
    return policy.getSpec().equals(((ValidatingAdmissionPolicy) before).getSpec())
        ? after
        : checked(policy, policy.getMetadata().getGeneration() + 1);
  }

  private ValidatingAdmissionPolicy checked(ValidatingAdmissionPolicy policy, long generation) {
    ValidatingAdmissionPolicy.Builder checked = policy.toBuilder();
    checked
        .getStatusBuilder()
        .setObservedGeneration(generation)
        .setTypeChecking(TypeChecking.newBuilder().addAllExpressionWarnings(warnings(policy)));
    return checked.build();
  }

  private List<ExpressionWarning> warnings(ValidatingAdmissionPolicy policy) {
    ValidatingAdmissionPolicySpec spec = policy.getSpec();
    Set<Extra> extras = EnumSet.of(Extra.AUTHORIZER);
    if (spec.hasParamKind()) {
      extras.add(Extra.PARAMS);
    }
    Map<ResourceType<?>, TypeCheck> checks = new LinkedHashMap<>();
    for (ResourceType<?> type : types(spec)) {
      checks.put(type, new TypeCheck(typesOf(type), extras, spec.getVariablesList()));
    }
    List<ExpressionWarning> warnings = new ArrayList<>();
    for (int i = 0; i < spec.getValidationsCount(); i++) {
      Validation validation = spec.getValidations(i);
      String path = "spec.validations[" + i + "].";
      check(validation.getExpression(), path + "expression", checks, warnings);
      if (!validation.getMessageExpression().isEmpty()) {
        check(validation.getMessageExpression(), path + "messageExpression", checks, warnings);
      }
    }
    return warnings;
  }

  private static void check(
      String expression,
      String path,
      Map<ResourceType<?>, TypeCheck> checks,
      List<ExpressionWarning> warnings) {
    String all =
        checks.entrySet().stream()
            .flatMap(entry ->
                entry.getValue().problem(expression).stream()
                    .map(why ->
                        entry.getKey().apiVersion()
                            + ", Kind="
                            + entry.getKey().kind()
                            + ": "
                            + why
                            + "\n"))
            .collect(Collectors.joining("\n"));
    if (!all.isEmpty()) {
      warnings.add(ExpressionWarning.newBuilder().setFieldRef(path).setWarning(all).build());
    }
  }

  /// The kinds that the rules name: those by `*` could be any.
  private List<ResourceType<?>> types(ValidatingAdmissionPolicySpec spec) {
    List<ResourceType<?>> types = new ArrayList<>();
    Catalog served = catalog.get();
    for (NamedRuleWithOperations named : spec.getMatchConstraints().getResourceRulesList()) {
      Rule rule = named.getRuleWithOperations().getRule();
      for (String group : rule.getApiGroupsList()) {
        for (String version : rule.getApiVersionsList()) {
          for (String resource : rule.getResourcesList()) {
            served
                .find(group, version, resource)
                .filter(type -> !types.contains(type) && types.size() < MOST)
                .ifPresent(types::add);
          }
        }
      }
    }
    return types;
  }

  private ObjectTypes typesOf(ResourceType<?> type) {
    return catalog
        .get()
        .custom(type)
        .map(CustomKind::expressionTypes)
        .orElseGet(() -> MessageTypes.ofKind(type.prototype().getDescriptorForType()));
  }
}
