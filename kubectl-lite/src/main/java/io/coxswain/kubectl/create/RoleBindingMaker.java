package io.coxswain.kubectl.create;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `create rolebinding` and `create clusterrolebinding`.
public final class RoleBindingMaker implements Maker {

  private static final String GROUP = "rbac.authorization.k8s.io";

  private final boolean cluster;

  private RoleBindingMaker(boolean cluster) {
    this.cluster = cluster;
  }

  static RoleBindingMaker ofCluster() {
    return new RoleBindingMaker(true);
  }

  static RoleBindingMaker ofNamespace() {
    return new RoleBindingMaker(false);
  }

  @Override
  public String summary() {
    return "give a role to users, groups and service accounts"
        + (cluster ? ", in the whole cluster" : "");
  }

  @Override
  public String examples() {
    return (cluster ? "clusterrolebinding" : "rolebinding")
        + " readers --clusterrole=view --user=jane --serviceaccount=default:robot";
  }

  @Override
  public Options declare(Options options) {
    options.value("clusterrole", ' ', "", "the role, of the whole cluster");
    if (!cluster) {
      options.value("role", ' ', "", "the role, of the namespace");
    }
    return options
        .repeated("user", ' ', "who gets it")
        .repeated("group", ' ', "a group whose members get it")
        .repeated("serviceaccount", ' ', "NAMESPACE:NAME of a service account that gets it");
  }

  @Override
  public ObjectNode make(Session session, String name) {
    Options options = session.options();
    String clusterRole = options.text("clusterrole");
    String role = cluster ? "" : options.text("role");
    if (clusterRole.isEmpty() == role.isEmpty()) {
      throw new Failure(
          cluster
              ? "error: required flag(s) \"clusterrole\" not set"
              : "error: exactly one of clusterrole or role must be specified");
    }
    ObjectNode object =
        Makers.named(GROUP + "/v1", cluster ? "ClusterRoleBinding" : "RoleBinding", name);
    object
        .putObject("roleRef")
        .put("apiGroup", GROUP)
        .put("kind", role.isEmpty() ? "ClusterRole" : "Role")
        .put("name", role.isEmpty() ? clusterRole : role);
    subjects(options, object.putArray("subjects"));
    return object;
  }

  /// Adds those that `--user`, `--group` and `--serviceaccount` name.
  public static void subjects(Options options, ArrayNode subjects) {
    options
        .list("user")
        .forEach(user ->
            subjects.addObject().put("apiGroup", GROUP).put("kind", "User").put("name", user));
    options
        .list("group")
        .forEach(group ->
            subjects.addObject().put("apiGroup", GROUP).put("kind", "Group").put("name", group));
    for (String account : options.list("serviceaccount")) {
      String[] parts = account.split(":", -1);
      if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
        throw new Failure(
            "error: serviceaccount must be <namespace>:<name>, not \"" + account + "\"");
      }
      subjects
          .addObject()
          .put("kind", "ServiceAccount")
          .put("name", parts[1])
          .put("namespace", parts[0]);
    }
  }
}
