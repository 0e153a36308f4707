package io.coxswain.controlplane.aggregation;

import io.coxswain.controlplane.authn.User;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Says in headers who sends a request (request-header authentication).
final class Identity {

  /// Who asks whether a server answers.
  static final User CHECKER = new User("system:kube-aggregator", List.of(User.MASTERS));

  private static final String LEGAL =
      "!#$&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  private Identity() {}

  static void put(HttpHeaders headers, User user) {
    headers.set("X-Remote-User", value(user.name()));
    if (!user.uid().isEmpty()) {
      headers.set("X-Remote-Uid", value(user.uid()));
    }
    user.groups().forEach(group -> headers.add("X-Remote-Group", value(group)));
    user.extra()
        .forEach((key, values) ->
            values.forEach(value -> headers.add("X-Remote-Extra-" + escaped(key), value(value))));
  }

  /// In UTF-8, which is written byte by byte.
  private static String value(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /// What no header's name can have is escaped as in URLs.
  private static String escaped(String key) {
    StringBuilder name = new StringBuilder();
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (LEGAL.indexOf(c) >= 0) {
        name.append(c);
      } else {
        name.append("%%%02X".formatted((int) c));
      }
    }
    return name.toString();
  }
}
