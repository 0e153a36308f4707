package io.coxswain.controlplane.proxy;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;

/// Of whom `proxy` is asked: `name`, `name:port` or `scheme:name:port`.
///
/// @param secure whether TLS is spoken
/// @param port a number or a name; empty when there is none
record ProxyId(boolean secure, String name, String port) {

  /// @param kind in the singular, for the message
  /// @throws ApiException with BadRequest when it is none of these
  static ProxyId parse(String id, String kind) {
    String[] parts = id.split(":", -1);
    ProxyId parsed =
        switch (parts.length) {
          case 1 -> new ProxyId(false, parts[0], "");
          case 2 -> new ProxyId(false, parts[0], parts[1]);
          case 3 -> new ProxyId(parts[0].equals("https"), parts[1], parts[2]);
          default -> throw invalid(id, kind);
        };
    boolean scheme =
        parts.length < 3
            || parts[0].isEmpty()
            || parts[0].equals("http")
            || parts[0].equals("https");
    if (!scheme || parsed.name.isEmpty()) {
      throw invalid(id, kind);
    }
    return parsed;
  }

  private static ApiException invalid(String id, String kind) {
    return new ApiException(new ApiError.BadRequest("invalid " + kind + " request \"" + id + "\""));
  }

  boolean hasPortNumber() {
    return port.matches("\\d{1,9}");
  }
}
