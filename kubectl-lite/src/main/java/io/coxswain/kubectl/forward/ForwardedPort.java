package io.coxswain.kubectl.forward;

import io.coxswain.kubectl.Failure;

/// A port on this machine and the pod's port that it leads to.
///
/// @param local 0 for any that is free
public record ForwardedPort(int local, int remote) {

  private static final int HIGHEST = 65535;

  /// Reads `5000`, `8888:5000`, `:5000`.
  ///
  /// @throws Failure when it is none
  public static ForwardedPort parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length > 2) {
      throw new Failure("error: invalid port format '" + text + "'");
    }
    String local = parts[0].isEmpty() && parts.length == 2 ? "0" : parts[0];
    int remote = number("remote", parts[parts.length - 1]);
    if (remote == 0) {
      throw new Failure("error: remote port must be > 0");
    }
    return new ForwardedPort(number("local", local), remote);
  }

  private static int number(String which, String text) {
    int number;
    try {
      number = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new Failure("error: error parsing " + which + " port '" + text + "': it is no number");
    }
    if (number < 0 || number > HIGHEST) {
      throw new Failure(
          "error: error parsing " + which + " port '" + text + "': value out of range");
    }
    return number;
  }

  @Override
  public String toString() {
    return "{" + local + " " + remote + "}";
  }
}
