package io.coxswain.controlplane.authz;

import io.coxswain.controlplane.authn.User;

/// What somebody wants to do. Empty strings mean "not set".
///
/// @param verb Kubernetes' request verb, as `get`, `list`, `deletecollection`; of a path that is no
///   resource the HTTP method in lower case
/// @param fieldSelector of a list, watch or deletecollection, as sent
/// @param path only of what is no resource
public record Attributes(
    User user,
    String verb,
    String group,
    String version,
    String resource,
    String subresource,
    String namespace,
    String name,
    String fieldSelector,
    String path) {

  public static Attributes ofPath(User user, String verb, String path) {
    return new Attributes(user, verb, "", "", "", "", "", "", "", path);
  }

  public boolean isResource() {
    return !resource.isEmpty();
  }

  /// `pods` or `pods/log`.
  public String qualifiedResource() {
    return subresource.isEmpty() ? resource : resource + "/" + subresource;
  }

  public boolean isRead() {
    return verb.equals("get") || verb.equals("list") || verb.equals("watch");
  }

  /// The refusal as Kubernetes words it.
  public String forbidden(String reason) {
    StringBuilder text = new StringBuilder();
    if (!isResource()) {
      text.append("forbidden: User \"").append(user.name()).append("\" cannot ");
      text.append(verb).append(" path \"").append(path).append('"');
    } else {
      text.append(group.isEmpty() ? resource : resource + "." + group);
      if (!name.isEmpty()) {
        text.append(" \"").append(name).append('"');
      }
      text.append(" is forbidden: User \"").append(user.name()).append("\" cannot ");
      text.append(verb).append(" resource \"").append(qualifiedResource());
      text.append("\" in API group \"").append(group).append('"');
      text.append(
          namespace.isEmpty()
              ? " at the cluster scope"
              : " in the namespace \"" + namespace + "\"");
    }
    return reason.isEmpty() ? text.toString() : text.append(": ").append(reason).toString();
  }
}
