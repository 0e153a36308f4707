package io.coxswain.client.codec;

import java.util.Optional;

/// What label keys and values may look like; annotations and taints have the same keys.
///
/// Hand-written matching: these run on every label of every write and every selector.
public final class LabelSyntax {

  private static final int LONGEST_NAME = 63;
  private static final int LONGEST_PREFIX = 253;
  private static final String NAME_RULE =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
          + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
          + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  private static final String VALUE_RULE =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
          + " 'my_value',  or '12345', regex used for validation is"
          + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  private static final String SUBDOMAIN_RULE =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
          + " used for validation is"
          + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

  private LabelSyntax() {}

  /// What is wrong with a key as `app` or `example.com/app`; nothing when it is right.
  public static Optional<String> keyProblem(String key) {
    int slash = key.indexOf('/');
    if (slash != key.lastIndexOf('/')) {
      return Optional.of(
          "a valid label key must consist of alphanumeric characters, '-', '_' or '.', with an"
              + " optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
    }
    if (slash == 0) {
      return Optional.of("prefix part must be non-empty");
    }
    if (slash > 0) {
      Optional<String> problem = subdomainProblem(key.substring(0, slash));
      if (problem.isPresent()) {
        return problem.map(text -> "prefix part " + text);
      }
    }
    String name = key.substring(slash + 1);
    if (name.isEmpty()) {
      return Optional.of("name part must be non-empty");
    }
    if (name.length() > LONGEST_NAME) {
      return Optional.of("name part must be no more than 63 bytes");
    }
    return isName(name) ? Optional.empty() : Optional.of("name part " + NAME_RULE);
  }

  public static Optional<String> valueProblem(String value) {
    if (value.length() > LONGEST_NAME) {
      return Optional.of("must be no more than 63 bytes");
    }
    return value.isEmpty() || isName(value) ? Optional.empty() : Optional.of(VALUE_RULE);
  }

  /// What is wrong with a DNS-1123 subdomain, as most names of objects are.
  public static Optional<String> subdomainProblem(String text) {
    if (text.length() > LONGEST_PREFIX) {
      return Optional.of("must be no more than 253 bytes");
    }
    return isSubdomain(text) ? Optional.empty() : Optional.of(SUBDOMAIN_RULE);
  }

  private static boolean isName(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean inner = i > 0 && i < text.length() - 1;
      if (!isAlphanumeric(c) && !(inner && (c == '-' || c == '_' || c == '.'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSubdomain(String text) {
    boolean edge = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isLowerAlphanumeric(c)) {
        edge = false;
      } else if (c == '.') {
        if (edge || text.charAt(i - 1) == '-') {
          return false;
        }
        edge = true;
      } else if (c != '-' || edge) {
        return false;
      }
    }
    return !edge && text.charAt(text.length() - 1) != '-';
  }

  private static boolean isAlphanumeric(char c) {
    return isLowerAlphanumeric(c) || (c >= 'A' && c <= 'Z');
  }

  private static boolean isLowerAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }
}
