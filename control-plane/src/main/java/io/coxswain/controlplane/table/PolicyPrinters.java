package io.coxswain.controlplane.table;

import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.coxswain.api.admissionregistration.v1.ParamKind;
import io.coxswain.api.admissionregistration.v1.ParamRef;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.coxswain.api.core.v1.ResourceQuota;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.api.flowcontrol.v1.QueuingConfiguration;
import io.coxswain.api.meta.v1.TableColumnDefinition;
import io.coxswain.api.node.v1.RuntimeClass;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.RoleBinding;
import io.coxswain.api.rbac.v1.RoleRef;
import io.coxswain.api.rbac.v1.Subject;
import io.coxswain.api.resource.Quantity;
import io.coxswain.api.scheduling.v1.PriorityClass;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// The columns of rules: who may do what, how much, and before whom.
final class PolicyPrinters {

  private PolicyPrinters() {}

  static Printer<RoleBinding> roleBindings() {
    return subjects(
        Printers.start(RoleBinding.class)
            .text("Role", b -> role(b.getRoleRef()))
            .timed("Age", Printers::age),
        RoleBinding::getSubjectsList);
  }

  static Printer<ClusterRoleBinding> clusterRoleBindings() {
    return subjects(
        Printers.start(ClusterRoleBinding.class)
            .text("Role", b -> role(b.getRoleRef()))
            .timed("Age", Printers::age),
        ClusterRoleBinding::getSubjectsList);
  }

  private static String role(RoleRef role) {
    return role.getKind() + "/" + role.getName();
  }

  private static <T extends com.google.protobuf.Message> Printer<T> subjects(
      Printer<T> printer, Function<T, List<Subject>> subjects) {
    return printer
        .wide("Users", b -> names(subjects.apply(b), "User", Subject::getName))
        .wide("Groups", b -> names(subjects.apply(b), "Group", Subject::getName))
        .wide(
            "ServiceAccounts",
            b ->
                names(
                    subjects.apply(b),
                    "ServiceAccount",
                    account -> account.getNamespace() + "/" + account.getName()));
  }

  private static String names(List<Subject> all, String kind, Function<Subject, String> name) {
    return all.stream()
        .filter(subject -> subject.getKind().equals(kind))
        .map(name)
        .collect(Collectors.joining(", "));
  }

  static Printer<ResourceQuota> resourceQuotas() {
    return Printers.start(ResourceQuota.class)
        .text("Request", quota -> amounts(quota, false))
        .text("Limit", quota -> amounts(quota, true))
        .timed("Age", Printers::age);
  }

  private static String amounts(ResourceQuota quota, boolean limits) {
    Quantity none = Quantity.newBuilder().setString("0").build();
    return quota.getStatus().getHardMap().keySet().stream()
        .filter(resource -> resource.startsWith("limits.") == limits)
        .sorted()
        .map(resource ->
            resource
                + ": "
                + quota.getStatus().getUsedOrDefault(resource, none).getString()
                + "/"
                + quota.getStatus().getHardOrThrow(resource).getString())
        .collect(Collectors.joining(", "));
  }

  static Printer<PriorityClass> priorityClasses() {
    return Printers.start(PriorityClass.class)
        .number("Value", PriorityClass::getValue)
        .flag("Global-Default", PriorityClass::getGlobalDefault)
        .timed("Age", Printers::age)
        .text("PreemptionPolicy", PriorityClass::getPreemptionPolicy);
  }

  static Printer<RuntimeClass> runtimeClasses() {
    return Printers.start(RuntimeClass.class)
        .text("Handler", RuntimeClass::getHandler)
        .timed("Age", Printers::age);
  }

  static Printer<FlowSchema> flowSchemas() {
    return Printers.start(FlowSchema.class)
        .text("PriorityLevel", s -> s.getSpec().getPriorityLevelConfiguration().getName())
        .number("MatchingPrecedence", s -> s.getSpec().getMatchingPrecedence())
        .text(
            "DistinguisherMethod",
            s ->
                s.getSpec().hasDistinguisherMethod()
                    ? s.getSpec().getDistinguisherMethod().getType()
                    : Words.NONE)
        .timed("Age", Printers::age)
        .text(
            "MissingPL",
            s ->
                s.getStatus().getConditionsList().stream()
                    .filter(condition -> condition.getType().equals("Dangling"))
                    .map(condition -> condition.getStatus())
                    .findFirst()
                    .orElse("?"));
  }

  static Printer<PriorityLevelConfiguration> priorityLevels() {
    Printer<PriorityLevelConfiguration> printer =
        Printers.start(PriorityLevelConfiguration.class).text("Type", l -> l.getSpec().getType());
    either(
        printer,
        "NominalConcurrencyShares",
        l ->
            l.getSpec().hasLimited()
                ? (long) l.getSpec().getLimited().getNominalConcurrencyShares()
                : Words.NONE);
    either(printer, "Queues", l -> queuing(l, QueuingConfiguration::getQueues));
    either(printer, "HandSize", l -> queuing(l, QueuingConfiguration::getHandSize));
    either(printer, "QueueLengthLimit", l -> queuing(l, QueuingConfiguration::getQueueLengthLimit));
    return printer.timed("Age", Printers::age);
  }

  private static Object queuing(
      PriorityLevelConfiguration level, ToIntFunction<QueuingConfiguration> part) {
    return level.getSpec().getLimited().getLimitResponse().hasQueuing()
        ? (long) part.applyAsInt(level.getSpec().getLimited().getLimitResponse().getQueuing())
        : Words.NONE;
  }

  /// A column of numbers where there are some.
  private static void either(
      Printer<PriorityLevelConfiguration> printer,
      String name,
      Function<PriorityLevelConfiguration, Object> cell) {
    printer.column(
        TableColumnDefinition.newBuilder().setName(name).setType("string").build(),
        (level, _) -> cell.apply(level));
  }

  static Printer<ValidatingWebhookConfiguration> validatingWebhooks() {
    return Printers.start(ValidatingWebhookConfiguration.class)
        .number("Webhooks", ValidatingWebhookConfiguration::getWebhooksCount)
        .timed("Age", Printers::age);
  }

  static Printer<MutatingWebhookConfiguration> mutatingWebhooks() {
    return Printers.start(MutatingWebhookConfiguration.class)
        .number("Webhooks", MutatingWebhookConfiguration::getWebhooksCount)
        .timed("Age", Printers::age);
  }

  static Printer<ValidatingAdmissionPolicy> validatingPolicies() {
    return Printers.start(ValidatingAdmissionPolicy.class)
        .number("Validations", p -> p.getSpec().getValidationsCount())
        .text("ParamKind", p -> kind(p.getSpec().hasParamKind(), p.getSpec().getParamKind()))
        .timed("Age", Printers::age);
  }

  static Printer<MutatingAdmissionPolicy> mutatingPolicies() {
    return Printers.start(MutatingAdmissionPolicy.class)
        .number("Mutations", p -> p.getSpec().getMutationsCount())
        .text("ParamKind", p -> kind(p.getSpec().hasParamKind(), p.getSpec().getParamKind()))
        .timed("Age", Printers::age);
  }

  private static String kind(boolean set, ParamKind kind) {
    return Words.orUnset(set, kind.getApiVersion() + "/" + kind.getKind());
  }

  static Printer<ValidatingAdmissionPolicyBinding> validatingPolicyBindings() {
    return Printers.start(ValidatingAdmissionPolicyBinding.class)
        .text("PolicyName", b -> b.getSpec().getPolicyName())
        .text("ParamRef", b -> parameter(b.getSpec().getParamRef()))
        .timed("Age", Printers::age);
  }

  static Printer<MutatingAdmissionPolicyBinding> mutatingPolicyBindings() {
    return Printers.start(MutatingAdmissionPolicyBinding.class)
        .text("PolicyName", b -> b.getSpec().getPolicyName())
        .text("ParamRef", b -> parameter(b.getSpec().getParamRef()))
        .timed("Age", Printers::age);
  }

  /// Whether a parameter without a namespace has none or any cannot be known here.
  private static String parameter(ParamRef parameter) {
    if (!parameter.getName().isEmpty()) {
      String namespace = parameter.getNamespace().isEmpty() ? "*" : parameter.getNamespace();
      return namespace + "/" + parameter.getName();
    }
    return Words.orUnset(parameter.hasSelector(), Words.selector(parameter.getSelector()));
  }
}
