package io.coxswain.controlplane.proxy;

import java.util.Locale;

/// Leads links of a server that is seen below a path to that path: a link without a host, or with
/// the server's own, would lead elsewhere otherwise.
///
/// @param prefix where the server is seen, without a slash at its end
/// @param upstream the server's own host and port
/// @param seenAs host and port by which the request came
public record Links(String prefix, String upstream, String seenAs) {

  /// The link as it is to be: unchanged when it leads to another server, or is relative.
  public String rewrite(String link) {
    int host = hostAt(link);
    if (host < 0) {
      return local(link) ? below(link) : link;
    }
    int path = endOfHost(link, host);
    String authority = link.substring(host, path);
    boolean seen = authority.equalsIgnoreCase(seenAs);
    if (path == link.length() || link.charAt(path) != '/') {
      return link;
    }
    if (seen) {
      return link.substring(0, path) + below(link.substring(path));
    }
    return authority.equalsIgnoreCase(upstream) ? below(link.substring(path)) : link;
  }

  private String below(String path) {
    boolean already =
        path.startsWith(prefix)
            && (path.length() == prefix.length()
                || "/?#".indexOf(path.charAt(prefix.length())) >= 0);
    return already ? path : prefix + path;
  }

  private static boolean local(String link) {
    return link.startsWith("/");
  }

  /// Where the host begins in `//host/` or `http://host/`; -1 when there is none.
  private static int hostAt(String link) {
    if (link.startsWith("//")) {
      return 2;
    }
    String lower = link.substring(0, Math.min(8, link.length())).toLowerCase(Locale.ROOT);
    return lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : -1;
  }

  private static int endOfHost(String link, int from) {
    for (int i = from; i < link.length(); i++) {
      if ("/?#".indexOf(link.charAt(i)) >= 0) {
        return i;
      }
    }
    return link.length();
  }
}
