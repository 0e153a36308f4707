package io.coxswain.controlplane.fairness;

import io.coxswain.api.flowcontrol.v1.FlowSchemaSpec;
import io.coxswain.api.flowcontrol.v1.NonResourcePolicyRule;
import io.coxswain.api.flowcontrol.v1.PolicyRulesWithSubjects;
import io.coxswain.api.flowcontrol.v1.ResourcePolicyRule;
import io.coxswain.api.flowcontrol.v1.Subject;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import java.util.List;

/// Whether a request belongs to a FlowSchema. Runs for each request and schema: plain loops over
/// the stored message, nothing is made.
final class FlowMatch {

  private static final String ALL = "*";
  private static final String ACCOUNT = "system:serviceaccount:";

  private FlowMatch() {}

  static boolean matches(FlowSchemaSpec schema, Attributes request) {
    for (PolicyRulesWithSubjects rule : schema.getRulesList()) {
      if (isSubject(rule.getSubjectsList(), request.user()) && covers(rule, request)) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(PolicyRulesWithSubjects rule, Attributes request) {
    if (request.isResource()) {
      for (ResourcePolicyRule one : rule.getResourceRulesList()) {
        if (covers(one, request)) {
          return true;
        }
      }
      return false;
    }
    for (NonResourcePolicyRule one : rule.getNonResourceRulesList()) {
      if (has(one.getVerbsList(), request.verb())
          && hasPath(one.getNonResourceURLsList(), request.path())) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(ResourcePolicyRule rule, Attributes request) {
    return has(rule.getVerbsList(), request.verb())
        && hasResource(rule.getResourcesList(), request)
        && has(rule.getApiGroupsList(), request.group())
        && (request.namespace().isEmpty()
            ? rule.getClusterScope()
            : has(rule.getNamespacesList(), request.namespace()));
  }

  private static boolean isSubject(List<Subject> subjects, User user) {
    for (Subject subject : subjects) {
      if (is(subject, user)) {
        return true;
      }
    }
    return false;
  }

  private static boolean is(Subject subject, User user) {
    return switch (subject.getKind()) {
      case "User" -> isOneOrAll(subject.getUser().getName(), user.name());
      case "Group" ->
          subject.getGroup().getName().equals(ALL) || user.isIn(subject.getGroup().getName());
      case "ServiceAccount" ->
          isAccount(
              user.name(),
              subject.getServiceAccount().getNamespace(),
              subject.getServiceAccount().getName());
      default -> false;
    };
  }

  private static boolean isOneOrAll(String wanted, String name) {
    return wanted.equals(ALL) || wanted.equals(name);
  }

  private static boolean isAccount(String user, String namespace, String name) {
    int home = ACCOUNT.length();
    int colon = home + namespace.length();
    return user.startsWith(ACCOUNT)
        && user.startsWith(namespace, home)
        && user.length() > colon
        && user.charAt(colon) == ':'
        && (name.equals(ALL)
            || (user.length() == colon + 1 + name.length() && user.endsWith(name)));
  }

  /// Whether the list has the value, or is the wildcard alone.
  private static boolean has(List<String> list, String value) {
    return isWildcard(list) || list.contains(value);
  }

  private static boolean hasResource(List<String> list, Attributes request) {
    if (isWildcard(list)) {
      return true;
    }
    return list.contains(
        request.subresource().isEmpty() ? request.resource() : request.qualifiedResource());
  }

  private static boolean isWildcard(List<String> list) {
    return list.size() == 1 && list.getFirst().equals(ALL);
  }

  private static boolean hasPath(List<String> patterns, String path) {
    for (String pattern : patterns) {
      if (pattern.equals(ALL) || pattern.equals(path) || isBelow(pattern, path)) {
        return true;
      }
    }
    return false;
  }

  /// A path also stands for all below it, with or without the `/*` that says so.
  private static boolean isBelow(String pattern, String path) {
    int end = pattern.endsWith("*") ? pattern.length() - 1 : pattern.length();
    if (end > 0 && pattern.charAt(end - 1) == '/') {
      end--;
    }
    return path.length() > end && path.charAt(end) == '/' && path.regionMatches(0, pattern, 0, end);
  }
}
