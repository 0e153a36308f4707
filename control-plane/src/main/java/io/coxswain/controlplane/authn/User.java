package io.coxswain.controlplane.authn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Somebody known: a person, a component, or a node's agent.
///
/// @param groups always holds `system:authenticated`, except of the anonymous user
/// @param uid tells one apart from a later one of the same name; empty when nobody can
/// @param extra what else who vouched for the user said, as the pod that a token is bound to
public record User(String name, List<String> groups, String uid, Map<String, List<String>> extra) {

  public static final String AUTHENTICATED = "system:authenticated";
  public static final String MASTERS = "system:masters";
  public static final String NODES = "system:nodes";

  /// Who asks for the server's health without credentials.
  public static final User ANONYMOUS =
      new User("system:anonymous", List.of("system:unauthenticated"));

  /// Who holds the administrator's kubeconfig.
  public static final User ADMINISTRATOR = of("kubernetes-admin", List.of(MASTERS));

  public User {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  public User(String name, List<String> groups) {
    this(name, groups, "", Map.of());
  }

  /// A user who proved who they are.
  public static User of(String name, List<String> groups) {
    return of(name, groups, "", Map.of());
  }

  public static User of(
      String name, List<String> groups, String uid, Map<String, List<String>> extra) {
    List<String> all = new ArrayList<>(groups);
    if (!all.contains(AUTHENTICATED)) {
      all.add(AUTHENTICATED);
    }
    return new User(name, all, uid, extra);
  }

  /// The control plane itself, in its own process.
  public static User internal(String component) {
    return of("system:" + component, List.of(MASTERS));
  }

  /// As whom a service account signs in.
  public static String serviceAccountName(String namespace, String name) {
    return "system:serviceaccount:" + namespace + ":" + name;
  }

  public static User node(String nodeName) {
    return of("system:node:" + nodeName, List.of(NODES));
  }

  public boolean isIn(String group) {
    return groups.contains(group);
  }

  /// The node whose agent this is; empty for everybody else.
  public String nodeName() {
    return isIn(NODES) && name.startsWith("system:node:")
        ? name.substring("system:node:".length())
        : "";
  }
}
