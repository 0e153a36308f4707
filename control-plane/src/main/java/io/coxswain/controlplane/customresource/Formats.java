package io.coxswain.controlplane.customresource;

import io.coxswain.controlplane.cel.Addresses;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The formats of strings and numbers that are looked at. Others mean nothing, as in Kubernetes.
final class Formats {

  private static final int LONGEST = 4096;

  private static final Pattern UUID =
      Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");
  private static final Pattern UUID3 =
      Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}");
  private static final Pattern UUID4 =
      Pattern.compile(
          "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}");
  private static final Pattern UUID5 =
      Pattern.compile(
          "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}");
  private static final Pattern MAC =
      Pattern.compile("(?i)[0-9a-f]{2}([:-][0-9a-f]{2}){5}|([0-9a-f]{4}\\.){2}[0-9a-f]{4}");
  private static final Pattern HOST =
      Pattern.compile(
          "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62})(\\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62}))*\\.?");
  private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+");
  private static final Pattern DURATION =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)\\s*[a-zµ]+(\\s*\\d+(\\.\\d*)?\\s*[a-zµ]+)*|0");
  private static final Pattern COLOR = Pattern.compile("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LONG_NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private Formats() {}

  static boolean matches(String format, String text) {
    if (format.isEmpty() || (text.length() > LONGEST && !format.equals("byte"))) {
      return true;
    }
    return switch (format) {
      case "date-time", "datetime" -> isTime(text);
      case "date" -> isDate(text);
      case "duration" -> DURATION.matcher(text).matches();
      case "uuid" -> UUID.matcher(text).matches();
      case "uuid3" -> UUID3.matcher(text).matches();
      case "uuid4" -> UUID4.matcher(text).matches();
      case "uuid5" -> UUID5.matcher(text).matches();
      case "ipv4" -> Addresses.isIpv4(text);
      case "ipv6" -> Addresses.isIpv6(text);
      case "cidr" -> Addresses.isCidr(text);
      case "mac" -> MAC.matcher(text).matches();
      case "hostname" -> text.length() <= 255 && HOST.matcher(text).matches();
      case "email" -> EMAIL.matcher(text).matches();
      case "uri" -> isUri(text);
      case "byte" -> isBase64(text);
      case "hexcolor" -> COLOR.matcher(text).matches();
      case "k8s-short-name" -> LABEL.matcher(text).matches();
      case "k8s-long-name" -> text.length() <= 253 && LONG_NAME.matcher(text).matches();
      default -> true;
    };
  }

  /// Whether a number is one of its format: `int32` and `int64` have bounds.
  static boolean inRange(String format, JsonNode number) {
    return switch (format) {
      case "int32" -> !number.isIntegralNumber() || number.canConvertToInt();
      case "int64" -> !number.isIntegralNumber() || number.canConvertToLong();
      default -> true;
    };
  }

  private static boolean isTime(String text) {
    try {
      var _ = OffsetDateTime.parse(text.replace(' ', 'T'));
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isDate(String text) {
    try {
      var _ = LocalDate.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isUri(String text) {
    try {
      URI uri = new URI(text);
      return uri.isAbsolute() || text.startsWith("/");
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static boolean isBase64(String text) {
    try {
      var _ = Base64.getDecoder().decode(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
