package io.coxswain.controlplane.server;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// As whom else somebody wants to be seen, as `kubectl --as` and `--as-group` ask by headers. Each
/// part needs a permission of its own.
///
/// @param uid empty when not asked for
/// @param groups only those that were asked for
record Impersonation(
    String user, String uid, List<String> groups, Map<String, List<String>> extra) {

  private static final String PREFIX = "impersonate-";
  private static final String EXTRA = "extra-";
  private static final String ACCOUNT = "system:serviceaccount:";
  private static final String IDENTITIES = "authentication.k8s.io";

  /// @return nothing when nobody else is asked for
  /// @throws ApiException with BadRequest when groups or the like come without a user
  static Optional<Impersonation> of(Iterable<Map.Entry<String, String>> headers) {
    String user = "";
    String uid = "";
    List<String> groups = new ArrayList<>();
    Map<String, List<String>> extra = new LinkedHashMap<>();
    boolean any = false;
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!name.startsWith(PREFIX)) {
        continue;
      }
      any = true;
      String what = name.substring(PREFIX.length());
      switch (what) {
        case "user" -> user = header.getValue();
        case "uid" -> uid = header.getValue();
        case "group" -> groups.add(header.getValue());
        default -> {
          if (what.startsWith(EXTRA)) {
            extra
                .computeIfAbsent(decoded(what.substring(EXTRA.length())), _ -> new ArrayList<>())
                .add(header.getValue());
          }
        }
      }
    }
    if (!any) {
      return Optional.empty();
    }
    if (user.isEmpty()) {
      throw new ApiException(
          new ApiError.BadRequest(
              "groups, uid or extra fields can only be impersonated together with a user: set the"
                  + " header Impersonate-User (kubectl --as)"));
    }
    return Optional.of(new Impersonation(user, uid, groups, extra));
  }

  private static String decoded(String key) {
    try {
      return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return key;
    }
  }

  /// Everything that somebody has to be allowed to do this.
  List<Attributes> needed(User somebody) {
    List<Attributes> needed = new ArrayList<>();
    Optional<Account> account = account();
    needed.add(
        account
            .map(one -> wanted(somebody, "", "serviceaccounts", "", one.namespace(), one.name()))
            .orElseGet(() -> wanted(somebody, "", "users", "", "", user)));
    if (!uid.isEmpty()) {
      needed.add(wanted(somebody, IDENTITIES, "uids", "", "", uid));
    }
    groups.forEach(group -> needed.add(wanted(somebody, "", "groups", "", "", group)));
    extra.forEach((key, values) ->
        values.forEach(
            value -> needed.add(wanted(somebody, IDENTITIES, "userextras", key, "", value))));
    return needed;
  }

  private static Attributes wanted(
      User somebody,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    return new Attributes(
        somebody, "impersonate", group, "v1", resource, subresource, namespace, name, "", "");
  }

  private record Account(String namespace, String name) {}

  private Optional<Account> account() {
    if (!user.startsWith(ACCOUNT)) {
      return Optional.empty();
    }
    String[] parts = user.substring(ACCOUNT.length()).split(":", -1);
    return parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()
        ? Optional.of(new Account(parts[0], parts[1]))
        : Optional.empty();
  }

  /// Whom the request is from then on taken to be from.
  User seen() {
    if (user.equals(User.ANONYMOUS.name())) {
      List<String> all = new ArrayList<>(groups);
      User.ANONYMOUS.groups().stream().filter(one -> !all.contains(one)).forEach(all::add);
      return new User(user, all, uid, extra);
    }
    List<String> all = new ArrayList<>(groups);
    if (all.isEmpty()) {
      account()
          .ifPresent(one -> {
            all.add("system:serviceaccounts");
            all.add("system:serviceaccounts:" + one.namespace());
          });
    }
    return User.of(user, all, uid, extra);
  }
}
