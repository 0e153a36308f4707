package io.coxswain.controlplane.authz;

import io.coxswain.api.rbac.v1.Subject;
import io.coxswain.controlplane.authn.User;
import java.util.ArrayList;
import java.util.List;

/// What a binding's subject and a user have in common, as text: `User:jane`, `Group:admins`. A
/// service account is the user that it signs in as.
public final class SubjectKey {

  private SubjectKey() {}

  /// @param namespace the binding's, where a service account that names none is; empty for one of
  ///   the whole cluster
  public static String of(Subject subject, String namespace) {
    return switch (subject.getKind()) {
      case "ServiceAccount" -> {
        String home = subject.getNamespace().isEmpty() ? namespace : subject.getNamespace();
        yield "User:" + User.serviceAccountName(home, subject.getName());
      }
      default -> subject.getKind() + ":" + subject.getName();
    };
  }

  static List<String> of(User user) {
    List<String> keys = new ArrayList<>();
    keys.add("User:" + user.name());
    user.groups().forEach(group -> keys.add("Group:" + group));
    return keys;
  }
}
