package io.coxswain.node.cdi;

import java.util.regex.Pattern;

/// A device's full name: `vendor.example/gpu=0`.
///
/// @param kind `vendor/class`
public record CdiName(String kind, String device) {

  private static final Pattern VENDOR = Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final Pattern CLASS = Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final Pattern DEVICE =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?");

  /// @throws CdiException when it is none
  public static CdiName parse(String text) throws CdiException {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new CdiException(
          "unqualified device \"%s\": it is named as vendor.example/class=name".formatted(text));
    }
    CdiName name = new CdiName(text.substring(0, equals), text.substring(equals + 1));
    checkKind(name.kind);
    checkDevice(name.device);
    return name;
  }

  static void checkKind(String kind) throws CdiException {
    int slash = kind.indexOf('/');
    if (slash < 0
        || !VENDOR.matcher(kind.substring(0, slash)).matches()
        || !CLASS.matcher(kind.substring(slash + 1)).matches()) {
      throw new CdiException("\"%s\" is no vendor.example/class".formatted(kind));
    }
  }

  static void checkDevice(String device) throws CdiException {
    if (!DEVICE.matcher(device).matches()) {
      throw new CdiException(
          "\"%s\" is no device's name: letters, digits, and inside it _ - . :".formatted(device));
    }
  }

  @Override
  public String toString() {
    return kind + "=" + device;
  }
}
