package io.coxswain.controlplane.cel;

import io.coxswain.client.codec.LabelSyntax;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The forms of text that Kubernetes gives a name.
@SuppressWarnings("ImmutableEnumChecker") // the functions are pure
enum NamedFormat {
  DNS1123_LABEL("dns1123Label", text -> dns1123Label(text)),
  DNS1123_SUBDOMAIN("dns1123Subdomain", LabelSyntax::subdomainProblem),
  DNS1035_LABEL("dns1035Label", text -> dns1035Label(text)),
  QUALIFIED_NAME("qualifiedName", LabelSyntax::keyProblem),
  DNS1123_LABEL_PREFIX("dns1123LabelPrefix", text -> dns1123Label(whole(text))),
  DNS1123_SUBDOMAIN_PREFIX(
      "dns1123SubdomainPrefix", text -> LabelSyntax.subdomainProblem(whole(text))),
  DNS1035_LABEL_PREFIX("dns1035LabelPrefix", text -> dns1035Label(whole(text))),
  LABEL_VALUE("labelValue", LabelSyntax::valueProblem),
  URI("uri", text -> uri(text)),
  UUID("uuid", text -> unless(isUuid(text), "does not match the UUID format")),
  BYTE("byte", text -> unless(isBase64(text), "invalid base64")),
  DATE("date", text -> unless(isDate(text), "invalid date")),
  DATETIME("datetime", text -> unless(isTime(text), "invalid datetime"));

  private static final int LONGEST_LABEL = 63;
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern NAME = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern UNIQUE =
      Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");

  private final String text;
  private final Function<String, Optional<String>> problem;

  NamedFormat(String text, Function<String, Optional<String>> problem) {
    this.text = text;
    this.problem = problem;
  }

  /// As expressions call it.
  String text() {
    return text;
  }

  static Optional<NamedFormat> of(String text) {
    return Arrays.stream(values()).filter(format -> format.text.equals(text)).findFirst();
  }

  /// What is wrong with a text; nothing when it has this form.
  Optional<String> problem(String checked) {
    return problem.apply(checked);
  }

  private static Optional<String> unless(boolean good, String problem) {
    return good ? Optional.empty() : Optional.of(problem);
  }

  /// A prefix may end in a dash, since something comes behind it.
  private static String whole(String prefix) {
    return prefix.length() > 1 && prefix.endsWith("-")
        ? prefix.substring(0, prefix.length() - 2) + "a"
        : prefix;
  }

  private static Optional<String> dns1123Label(String name) {
    if (name.length() > LONGEST_LABEL) {
      return Optional.of("must be no more than 63 bytes");
    }
    return unless(
        LABEL.matcher(name).matches(),
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
            + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
            + " '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  }

  private static Optional<String> dns1035Label(String name) {
    if (name.length() > LONGEST_LABEL) {
      return Optional.of("must be no more than 63 bytes");
    }
    return unless(
        NAME.matcher(name).matches(),
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
            + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
            + " 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')");
  }

  private static Optional<String> uri(String text) {
    try {
      var _ = Url.of(text);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static boolean isUuid(String text) {
    return UNIQUE.matcher(text).matches();
  }

  /// Whole groups of four, with their padding.
  private static boolean isBase64(String text) {
    try {
      return text.length() % 4 == 0
          && !text.isEmpty()
          && Base64.getDecoder().decode(text).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isDate(String text) {
    try {
      return LocalDate.parse(text) != null;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isTime(String text) {
    try {
      return OffsetDateTime.parse(text) != null;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
