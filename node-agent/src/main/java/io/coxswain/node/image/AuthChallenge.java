package io.coxswain.node.image;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a registry asks for in `WWW-Authenticate` (RFC 9110, 11.6.1): a scheme in lower case and
/// its parameters, names in lower case.
record AuthChallenge(String scheme, Map<String, String> parameters) {

  private static final Pattern SCHEME = Pattern.compile("^\\s*([A-Za-z]+)(?:\\s+|$)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "([A-Za-z_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]*))\\s*,?\\s*");

  AuthChallenge {
    parameters = Map.copyOf(parameters);
  }

  /// A header that makes no sense gives an empty scheme.
  static AuthChallenge parse(String header) {
    Matcher scheme = SCHEME.matcher(header);
    if (!scheme.find()) {
      return new AuthChallenge("", Map.of());
    }
    Map<String, String> parameters = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(header);
    int position = scheme.end();
    while (parameter.find(position) && parameter.start() == position) {
      String quoted = parameter.group(2);
      String value = quoted == null ? parameter.group(3) : quoted.replaceAll("\\\\(.)", "$1");
      parameters.put(parameter.group(1).toLowerCase(Locale.ROOT), value);
      position = parameter.end();
    }
    return new AuthChallenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters);
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
