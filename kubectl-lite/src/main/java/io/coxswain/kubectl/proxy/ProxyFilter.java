package io.coxswain.kubectl.proxy;

import io.coxswain.kubectl.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Which requests are passed on. Web pages can send requests to this machine's own address: the
/// name in `Host` tells whom they meant.
///
/// @param paths what is accepted
/// @param rejectedPaths and what of it is not
/// @param rejectedMethods whatever the path is
public record ProxyFilter(
    List<Pattern> hosts,
    List<Pattern> paths,
    List<Pattern> rejectedPaths,
    List<Pattern> rejectedMethods) {

  /// Regular expressions with commas between them.
  ///
  /// @throws Failure when one is none
  public static List<Pattern> patterns(String text) {
    List<Pattern> patterns = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      try {
        patterns.add(Pattern.compile(part));
      } catch (PatternSyntaxException e) {
        throw new Failure("error: error parsing regexp: " + e.getMessage());
      }
    }
    return patterns;
  }

  boolean accepts(String method, String path, String host) {
    return any(hosts, withoutPort(host))
        && any(paths, path)
        && !any(rejectedPaths, path)
        && !any(rejectedMethods, method);
  }

  private static boolean any(List<Pattern> patterns, String text) {
    return patterns.stream().anyMatch(pattern -> pattern.matcher(text).find());
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return (colon > host.lastIndexOf(']') ? host.substring(0, colon) : host)
        .toLowerCase(Locale.ROOT);
  }
}
