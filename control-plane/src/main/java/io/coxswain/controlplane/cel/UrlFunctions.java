package io.coxswain.controlplane.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;

/// Functions on URLs.
final class UrlFunctions {

  private static final CelType URL = OpaqueType.create("kubernetes.URL");

  private UrlFunctions() {}

  static void addTo(FunctionSet set) {
    CelType text = SimpleType.STRING;
    set.global("url", "string_to_url", text, URL, String.class, UrlFunctions::url);
    set.global("isURL", "is_url_string", text, SimpleType.BOOL, String.class, UrlFunctions::isUrl);
    set.member("getScheme", "url_get_scheme", URL, text, Url.class, Url::scheme);
    set.member("getHost", "url_get_host", URL, text, Url.class, Url::host);
    set.member("getHostname", "url_get_hostname", URL, text, Url.class, Url::hostname);
    set.member("getPort", "url_get_port", URL, text, Url.class, Url::port);
    set.member("getEscapedPath", "url_get_escaped_path", URL, text, Url.class, Url::escapedPath);
    set.member(
        "getQuery",
        "url_get_query",
        URL,
        MapType.create(text, ListType.create(text)),
        Url.class,
        Url::values);
  }

  private static Url url(String text) {
    try {
      return Url.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "URL parse error during conversion from string: " + e.getMessage(), e);
    }
  }

  private static boolean isUrl(String text) {
    try {
      var _ = Url.of(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
