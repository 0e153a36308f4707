package io.coxswain.controlplane.admission;

import io.coxswain.api.flowcontrol.v1.ExemptPriorityLevelConfiguration;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.FlowSchemaSpec;
import io.coxswain.api.flowcontrol.v1.LimitResponse;
import io.coxswain.api.flowcontrol.v1.LimitedPriorityLevelConfiguration;
import io.coxswain.api.flowcontrol.v1.NonResourcePolicyRule;
import io.coxswain.api.flowcontrol.v1.PolicyRulesWithSubjects;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfigurationSpec;
import io.coxswain.api.flowcontrol.v1.QueuingConfiguration;
import io.coxswain.api.flowcontrol.v1.ResourcePolicyRule;
import io.coxswain.api.flowcontrol.v1.Subject;
import io.coxswain.controlplane.fairness.FlowObjects;
import java.util.List;
import java.util.Set;

/// Flow schemas and priority levels: what must hold between their fields, and that those which the
/// server cannot do without stay as they are.
final class FlowRules {

  private static final String ALL = "*";
  private static final int LAST_PRECEDENCE = 10_000;
  private static final int MOST_QUEUES = 10_000_000;
  private static final int HASH_BITS = 60;

  private static final Set<String> VERBS =
      Set.of(
          "get",
          "list",
          "create",
          "update",
          "delete",
          "deletecollection",
          "patch",
          "watch",
          "proxy");

  private FlowRules() {}

  static void check(FlowSchema schema, Problems problems) {
    String name = schema.getMetadata().getName();
    FlowSchemaSpec spec = schema.getSpec();
    precedence(name, spec.getMatchingPrecedence(), problems);
    if (spec.hasDistinguisherMethod()) {
      String type = spec.getDistinguisherMethod().getType();
      if (!type.equals("ByUser") && !type.equals("ByNamespace")) {
        problems.unsupported(
            "spec.distinguisherMethod.type", type, List.of("ByNamespace", "ByUser"));
      }
    }
    if (spec.getPriorityLevelConfiguration().getName().isEmpty()) {
      problems.required("spec.priorityLevelConfiguration.name", "must reference a priority level");
    }
    for (int i = 0; i < spec.getRulesCount(); i++) {
      rule(spec.getRules(i), "spec.rules[" + i + "]", problems);
    }
    boolean changed =
        FlowObjects.fixedSchema(name).map(fixed -> !fixed.getSpec().equals(spec)).orElse(false);
    if (changed) {
      problems.invalidJson(
          "spec", SchemaRules.shown(spec), "spec of '" + name + "' must equal the fixed value");
    }
  }

  private static void precedence(String name, int precedence, Problems problems) {
    String path = "spec.matchingPrecedence";
    if (precedence <= 0) {
      problems.invalid(path, precedence, "must be a positive value");
    } else if (precedence > LAST_PRECEDENCE) {
      problems.invalid(path, precedence, "must not be greater than " + LAST_PRECEDENCE);
    } else if (precedence == 1 && !name.equals(FlowObjects.EXEMPT)) {
      problems.invalid(
          path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
    }
  }

  private static void rule(PolicyRulesWithSubjects rule, String path, Problems problems) {
    if (rule.getSubjectsCount() == 0) {
      problems.required(path + ".subjects", "subjects must contain at least one value");
    }
    for (int i = 0; i < rule.getSubjectsCount(); i++) {
      subject(rule.getSubjects(i), path + ".subjects[" + i + "]", problems);
    }
    if (rule.getResourceRulesCount() == 0 && rule.getNonResourceRulesCount() == 0) {
      problems.required(
          path, "at least one of resourceRules and nonResourceRules has to be non-empty");
    }
    for (int i = 0; i < rule.getResourceRulesCount(); i++) {
      resources(rule.getResourceRules(i), path + ".resourceRules[" + i + "]", problems);
    }
    for (int i = 0; i < rule.getNonResourceRulesCount(); i++) {
      paths(rule.getNonResourceRules(i), path + ".nonResourceRules[" + i + "]", problems);
    }
  }

  private static void subject(Subject subject, String path, Problems problems) {
    String kind = subject.getKind();
    if (!Set.of("User", "Group", "ServiceAccount").contains(kind)) {
      problems.unsupported(path + ".kind", kind, List.of("Group", "ServiceAccount", "User"));
      return;
    }
    part("User", "user", subject.hasUser(), subject.getUser().getName(), kind, path, problems);
    part("Group", "group", subject.hasGroup(), subject.getGroup().getName(), kind, path, problems);
    part(
        "ServiceAccount",
        "serviceAccount",
        subject.hasServiceAccount(),
        subject.getServiceAccount().getName(),
        kind,
        path,
        problems);
    if (kind.equals("ServiceAccount")
        && subject.hasServiceAccount()
        && subject.getServiceAccount().getNamespace().isEmpty()) {
      problems.required(
          path + ".serviceAccount.namespace", "must specify namespace for service account");
    }
  }

  /// One of the parts of a subject, of which its kind names the one that must be there.
  private static void part(
      String of,
      String field,
      boolean present,
      String name,
      String kind,
      String path,
      Problems problems) {
    String at = path + "." + field;
    if (kind.equals(of)) {
      if (!present) {
        problems.required(at, field + " is required when subject kind is '" + of + "'");
      } else if (name.isEmpty()) {
        problems.required(at + ".name");
      }
    } else if (present) {
      problems.forbidden(at, field + " is forbidden when subject kind is not '" + of + "'");
    }
  }

  private static void resources(ResourcePolicyRule rule, String path, Problems problems) {
    verbs(rule.getVerbsList(), path + ".verbs", problems);
    list(
        rule.getApiGroupsList(),
        path + ".apiGroups",
        "resource rules must supply at least one api group",
        "api groups",
        problems);
    list(
        rule.getResourcesList(),
        path + ".resources",
        "resource rules must supply at least one resource",
        "resources",
        problems);
    List<String> namespaces = rule.getNamespacesList();
    if (namespaces.isEmpty() && !rule.getClusterScope()) {
      problems.required(
          path + ".namespaces",
          "resource rules that are not cluster scoped must supply at least one namespace");
    } else {
      alone(namespaces, path + ".namespaces", "namespaces", problems);
    }
  }

  private static void paths(NonResourcePolicyRule rule, String path, Problems problems) {
    verbs(rule.getVerbsList(), path + ".verbs", problems);
    List<String> urls = rule.getNonResourceURLsList();
    String at = path + ".nonResourceURLs";
    if (urls.isEmpty()) {
      problems.required(at, "nonResourceURLs must contain at least one value");
      return;
    }
    alone(urls, at, "non-resource URLs", problems);
    for (int i = 0; i < urls.size() && !urls.contains(ALL); i++) {
      url(urls.get(i), at + "[" + i + "]", problems);
    }
  }

  private static void url(String url, String at, Problems problems) {
    int star = url.indexOf('*');
    if (url.isEmpty()) {
      problems.invalid(at, url, "must not be empty");
    } else if (!url.startsWith("/")) {
      problems.invalid(at, url, "must start with slash");
    } else if (url.contains(" ")) {
      problems.invalid(at, url, "must not contain white-space");
    } else if (url.contains("//")) {
      problems.invalid(at, url, "must not contain double slash");
    } else if (star >= 0 && (star < url.length() - 1 || !url.endsWith("/*"))) {
      problems.invalid(at, url, "wildcard can only do suffix matching");
    }
  }

  private static void verbs(List<String> verbs, String at, Problems problems) {
    list(verbs, at, "verbs must contain at least one value", "verbs", problems);
    for (String verb : verbs) {
      if (!verb.equals(ALL) && !VERBS.contains(verb)) {
        problems.unsupported(at, verb, VERBS);
      }
    }
  }

  private static void list(
      List<String> values, String at, String whenEmpty, String what, Problems problems) {
    if (values.isEmpty()) {
      problems.required(at, whenEmpty);
    } else {
      alone(values, at, what, problems);
    }
  }

  private static void alone(List<String> values, String at, String what, Problems problems) {
    if (values.size() > 1 && values.contains(ALL)) {
      problems.invalid(
          at, String.join(",", values), "if '*' is present, must not specify other " + what);
    }
  }

  static void check(PriorityLevelConfiguration level, Problems problems) {
    String name = level.getMetadata().getName();
    PriorityLevelConfigurationSpec spec = level.getSpec();
    if (name.equals(FlowObjects.EXEMPT) != spec.getType().equals("Exempt")) {
      problems.invalid(
          "spec.type", spec.getType(), "must be 'Exempt' if and only if `name` is 'exempt'");
    }
    switch (spec.getType()) {
      case "Exempt" -> {
        if (spec.hasLimited()) {
          problems.forbidden("spec.limited", "must be nil if the type is not Limited");
        }
        exempt(spec.getExempt(), problems);
      }
      case "Limited" -> {
        if (spec.hasExempt()) {
          problems.forbidden("spec.exempt", "must be nil if the type is Limited");
        }
        if (spec.hasLimited()) {
          limited(spec.getLimited(), problems);
        } else {
          problems.required("spec.limited", "must not be empty when type is Limited");
        }
      }
      default -> problems.unsupported("spec.type", spec.getType(), List.of("Exempt", "Limited"));
    }
    FlowObjects.fixedLevel(name).ifPresent(fixed -> fixed(name, spec, fixed.getSpec(), problems));
  }

  private static void fixed(
      String name,
      PriorityLevelConfigurationSpec spec,
      PriorityLevelConfigurationSpec wanted,
      Problems problems) {
    boolean exempt = name.equals(FlowObjects.EXEMPT);
    boolean same =
        exempt
            ? spec.toBuilder()
                .clearExempt()
                .build()
                .equals(wanted.toBuilder().clearExempt().build())
            : spec.equals(wanted);
    if (!same) {
      problems.invalidJson(
          "spec",
          SchemaRules.shown(spec),
          "spec of '"
              + name
              + (exempt ? "' except the 'spec.exempt' field" : "'")
              + " must equal the fixed value");
    }
  }

  private static void exempt(ExemptPriorityLevelConfiguration exempt, Problems problems) {
    notNegative(
        exempt.getNominalConcurrencyShares(), "spec.exempt.nominalConcurrencyShares", problems);
    percent(exempt.getLendablePercent(), "spec.exempt.lendablePercent", problems);
  }

  private static void limited(LimitedPriorityLevelConfiguration limited, Problems problems) {
    notNegative(
        limited.getNominalConcurrencyShares(), "spec.limited.nominalConcurrencyShares", problems);
    response(limited.getLimitResponse(), "spec.limited.limitResponse", problems);
    percent(limited.getLendablePercent(), "spec.limited.lendablePercent", problems);
    if (limited.getBorrowingLimitPercent() < 0) {
      problems.invalid(
          "spec.limited.borrowingLimitPercent",
          limited.getBorrowingLimitPercent(),
          "if specified, must be a non-negative integer");
    }
  }

  private static void notNegative(int value, String at, Problems problems) {
    if (value < 0) {
      problems.invalid(at, value, "must be a non-negative integer");
    }
  }

  private static void percent(int value, String at, Problems problems) {
    if (value < 0 || value > 100) {
      problems.invalid(at, value, "must be between 0 and 100, inclusive");
    }
  }

  private static void response(LimitResponse response, String path, Problems problems) {
    String at = path + ".queuing";
    switch (response.getType()) {
      case "Reject" -> {
        if (response.hasQueuing()) {
          problems.forbidden(at, "must be nil if limited.limitResponse.type is not Limited");
        }
      }
      case "Queue" -> {
        if (response.hasQueuing()) {
          queuing(response.getQueuing(), at, problems);
        } else {
          problems.required(at, "must not be empty if limited.limitResponse.type is Limited");
        }
      }
      default ->
          problems.unsupported(path + ".type", response.getType(), List.of("Queue", "Reject"));
    }
  }

  private static void queuing(QueuingConfiguration queuing, String path, Problems problems) {
    if (queuing.getQueueLengthLimit() <= 0) {
      problems.invalid(
          path + ".queueLengthLimit", queuing.getQueueLengthLimit(), "must be positive");
    }
    int queues = queuing.getQueues();
    int hand = queuing.getHandSize();
    if (queues <= 0) {
      problems.invalid(path + ".queues", queues, "must be positive");
    } else if (queues > MOST_QUEUES) {
      problems.invalid(path + ".queues", queues, "must not be greater than " + MOST_QUEUES);
    }
    String at = path + ".handSize";
    if (hand <= 0) {
      problems.invalid(at, hand, "must be positive");
    } else if (hand > queues) {
      problems.invalid(at, hand, "should not be greater than queues (" + queues + ")");
    } else if (FlowObjects.hashBits(queues, hand) > HASH_BITS) {
      problems.invalid(
          at,
          hand,
          "required entropy bits of deckSize "
              + queues
              + " and handSize "
              + hand
              + " should not be greater than "
              + HASH_BITS);
    }
  }
}
