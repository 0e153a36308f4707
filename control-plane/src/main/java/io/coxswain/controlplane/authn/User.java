package io.coxswain.controlplane.authn;

import java.util.ArrayList;
import java.util.List;

/// Somebody known: a person, a component, or a node's agent.
///
/// @param groups always holds `system:authenticated`, except of the anonymous user
public record User(String name, List<String> groups) {

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
  }

  /// A user who proved who they are.
  public static User of(String name, List<String> groups) {
    List<String> all = new ArrayList<>(groups);
    if (!all.contains(AUTHENTICATED)) {
      all.add(AUTHENTICATED);
    }
    return new User(name, all);
  }

  /// The control plane itself, in its own process.
  public static User internal(String component) {
    return of("system:" + component, List.of(MASTERS));
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
